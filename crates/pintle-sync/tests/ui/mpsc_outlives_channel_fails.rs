//! The ends of a channel in place borrow it.

use pintle_sync::mpsc::Channel;

fn main() {
    let tx = {
        let mut channel = Channel::<u8, 1>::new();
        let (tx, _rx) = channel.split();
        tx
    };
    let _ = tx.try_send(1);
}
