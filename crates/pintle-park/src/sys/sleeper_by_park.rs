//! The table's [`Sleeper`] over a system that parks threads, and wakes them by their number.

use crate::Deadline;
use core::ptr::NonNull;
use pintle_core::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};

/// A system's way to park a thread: with a token, so that an unpark that comes first is not lost.
pub(crate) trait NativePark {
    /// What names a thread.
    type Thread: Clone;

    /// The calling thread.
    fn current() -> Self::Thread;

    /// Sleeps until an unpark, until about `deadline`, or for no reason.
    fn park(deadline: Deadline);

    /// Ends the park of that thread, or its next one. The thread may have ended.
    fn unpark(thread: &Self::Thread);
}

/// One thread's sleep, ended by one other.
///
/// The token belongs to the thread, and others in the program use it, too (the C library's locks,
/// `std::thread::park`). Each of them keeps its own state and looks at it after every park, as we do:
/// so whoever takes another's token sleeps no shorter, and that other finds its state changed before
/// it parks.
pub(crate) struct Sleeper<P: NativePark> {
    roused: AtomicBool,
    /// Whose it is: who made it.
    thread: P::Thread,
}

// === impl Sleeper ===

impl<P: NativePark> Sleeper<P> {
    /// By the thread that will sleep.
    pub(crate) fn new() -> Self {
        Self {
            roused: AtomicBool::new(false),
            thread: P::current(),
        }
    }

    pub(crate) fn sleep(&self, deadline: Deadline) -> bool {
        loop {
            // Acquire pairs with the Release in `rouse`: whoever rouses has left our memory.
            if self.roused.load(Acquire) {
                return true;
            }
            if deadline.has_passed() {
                return false;
            }
            P::park(deadline);
        }
    }

    /// # Safety
    ///
    /// `this` points to a sleeper that is live and that nobody else rouses.
    pub(crate) unsafe fn rouse(this: NonNull<Self>) {
        // SAFETY: it is live until it is roused, which is below.
        let sleeper = unsafe { this.as_ref() };
        let thread = sleeper.thread.clone();
        // Release pairs with the Acquire in `sleep`. From here on the sleeper may be gone, and with it
        // its thread: an unpark takes a number.
        sleeper.roused.store(true, Release);
        P::unpark(&thread);
    }
}
