//! The twin of `mpsc_split_twice_fails` and of `mpsc_outlives_channel_fails`: one pair after the other.

use pintle_sync::mpsc::Channel;

fn main() {
    let mut channel = Channel::<u8, 1>::new();
    for _ in 0..2 {
        let (tx, mut rx) = channel.split();
        let _ = tx.try_send(1);
        let _ = rx.try_recv();
    }
}
