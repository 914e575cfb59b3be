//! The ends of a channel in place borrow it.

use pintle_sync::oneshot::Channel;

fn main() {
    let rx = {
        let mut channel = Channel::<u8>::new();
        channel.split().1
    };
    drop(rx);
}
