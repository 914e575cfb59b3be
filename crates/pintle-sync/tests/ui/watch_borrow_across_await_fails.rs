//! A borrow that is kept while the task waits keeps senders waiting, on other threads too: such a future
//! stays on its thread, so that nobody spawns it by mistake.

use pintle_sync::watch::Receiver;

fn spawn(_: impl Future + Send) {}

fn main() {
    let (_tx, rx): (_, Receiver<u8>) = pintle_sync::watch::channel(0);
    spawn(async move {
        let value = rx.borrow();
        core::future::ready(()).await;
        drop(value);
    });
}
