use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use pintle_park::Parker;

/// Runs a future on this thread, which sleeps while the future waits.
///
/// It allocates the parker's token, so callers first look whether they need to wait.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parker = Parker::new();
    let waker = Waker::from(parker.unparker());
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        parker.park();
    }
}
