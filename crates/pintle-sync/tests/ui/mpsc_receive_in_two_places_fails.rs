//! There is one receiver, which receives in one place at a time.

use pintle_sync::mpsc::Channel;

fn main() {
    let mut channel = Channel::<u8, 1>::new();
    let (_tx, mut rx) = channel.split();
    let waiting = rx.recv();
    let _ = rx.try_recv();
    drop(waiting);
}
