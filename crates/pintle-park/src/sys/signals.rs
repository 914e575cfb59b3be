//! Unix: holding signals back for a moment.
//!
//! A handler may wake: that is what a wake has always been good for, and what makes an
//! [`Unparker`](crate::Unparker) a waker that a handler may call. If it ran while its own thread
//! holds the lock of a bucket, and wanted the same bucket, it would wait for itself.

use core::mem::MaybeUninit;

/// Runs `f` with every signal of this thread held back.
///
/// Two system calls, which is little beside the sleep or the wake-up that they surround.
pub(crate) fn uninterrupted<R>(f: impl FnOnce() -> R) -> R {
    struct Restore(libc::sigset_t);

    impl Drop for Restore {
        fn drop(&mut self) {
            // SAFETY: the mask was filled in by `pthread_sigmask`; where the old one is to go may be
            // null.
            unsafe {
                libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, core::ptr::null_mut())
            };
        }
    }

    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: a valid place for the set.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is filled in, and there is a valid place for the old one. It fails only for
    // an unknown way to change the mask.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) };
    // SAFETY: the call has written it.
    let _restore = Restore(unsafe { before.assume_init() });
    f()
}
