use core::future::Future;

use pintle_park::Parker;

/// Runs a future on this thread, which sleeps while the future waits.
///
/// It allocates the parker's token, so callers first look whether they need to wait.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    pintle_park::block_on(&Parker::new(), future)
}
