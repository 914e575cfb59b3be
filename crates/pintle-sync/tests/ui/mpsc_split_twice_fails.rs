//! A channel in place has one pair of ends at a time.

use pintle_sync::mpsc::Channel;

fn main() {
    let mut channel = Channel::<u8, 1>::new();
    let (tx, _rx) = channel.split();
    let (_tx, mut rx) = channel.split();
    let _ = tx.try_send(1);
    let _ = rx.try_recv();
}
