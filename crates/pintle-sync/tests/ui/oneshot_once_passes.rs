//! The twin of the `oneshot_` cases that fail.

use pintle_sync::oneshot::Channel;

fn main() {
    let mut channel = Channel::<u8>::new();
    for n in 0..2 {
        let (tx, mut rx) = channel.split();
        let _ = tx.send(n);
        let _ = rx.try_recv();
    }
}
