//! The twin of `watch_borrow_across_await_fails`: the borrow ends first.

use pintle_sync::watch::Receiver;

fn spawn(_: impl Future + Send) {}

fn main() {
    let (_tx, mut rx): (_, Receiver<u8>) = pintle_sync::watch::channel(0);
    spawn(async move {
        let value = *rx.borrow();
        core::future::ready(()).await;
        let _ = rx.changed().await;
        let _ = rx.wait_for(|it| *it == value).await.is_ok();
    });
}
