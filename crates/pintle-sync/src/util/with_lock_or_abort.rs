use core::mem;

use crate::blocking::{Mutex, ScopedRawMutex};

/// Runs `f` under a lock where nodes are linked whose memory may go afterwards, and ends the process if the
/// lock panics instead. (A lock may, says its trait: one that its holder locks again, for instance.)
#[inline(always)]
pub(crate) fn with_lock_or_abort<S: ?Sized, Lock: ScopedRawMutex, R>(
    lock: &Mutex<S, Lock>,
    f: impl FnOnce(&mut S) -> R,
) -> R {
    /// Dropped only by a panic: a panic within that aborts.
    struct Abort;

    impl Drop for Abort {
        #[cold]
        fn drop(&mut self) {
            panic!("a lock panicked where a node has to be unlinked");
        }
    }

    let abort = Abort;
    let result = lock.with_lock(f);
    mem::forget(abort);
    result
}
