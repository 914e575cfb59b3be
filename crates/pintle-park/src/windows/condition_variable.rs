use super::{CriticalSectionGuard, ErrorCode, ExclusiveGuard, SharedGuard};
use crate::sys::milliseconds;
use crate::{Deadline, WaitOutcome};
use core::cell::UnsafeCell;
use core::{fmt, time::Duration};
use windows_sys::Win32::Foundation::ERROR_TIMEOUT;
use windows_sys::Win32::System::Threading::{
    CONDITION_VARIABLE, CONDITION_VARIABLE_INIT, CONDITION_VARIABLE_LOCKMODE_SHARED,
    SleepConditionVariableCS, SleepConditionVariableSRW, WakeAllConditionVariable,
    WakeConditionVariable,
};

/// A queue of threads that wait until something under a lock has changed (`CONDITION_VARIABLE`).
///
/// The lock is an [`SrwLock`](super::SrwLock), held exclusively or shared, or a
/// [`CriticalSection`](super::CriticalSection). A wait lets go of it and falls asleep in one step, as
/// seen by who changes something under the lock and then wakes. **A wait may also end for no
/// reason**, and other threads may come first, so look again: [`wait_while`](Self::wait_while) does.
///
/// Change what is waited for under the lock that the waiters have, and so that it excludes them: one
/// who has only a share of it can slip in between a waiter's look and its sleep, if that has a share,
/// too, and the wake is lost.
///
/// Threads may wait with different locks at the same time, as each of them has its own again when it
/// returns; a wake ends the wait of any.
///
/// One word; it can be moved, as nobody waits then.
///
/// # Examples
///
/// ```
/// use pintle_park::windows::{ConditionVariable, SrwLock};
///
/// static QUEUE: SrwLock<Vec<u32>> = SrwLock::new(Vec::new());
/// static NOT_EMPTY: ConditionVariable = ConditionVariable::new();
///
/// let consumer = std::thread::spawn(|| {
///     let mut queue = NOT_EMPTY.wait_while(QUEUE.exclusive(), |queue| queue.is_empty());
///     queue.pop()
/// });
/// QUEUE.exclusive().push(7);
/// NOT_EMPTY.wake_one();
/// assert_eq!(consumer.join().unwrap(), Some(7));
/// ```
pub struct ConditionVariable {
    raw: UnsafeCell<CONDITION_VARIABLE>,
}

/// The guards that a [`ConditionVariable`] can wait with: [`ExclusiveGuard`], [`SharedGuard`] and
/// [`CriticalSectionGuard`].
pub trait ConditionVariableGuard: sealed::Guard {}

mod sealed {
    use super::CONDITION_VARIABLE;

    pub trait Guard {
        /// Lets go of the lock, sleeps, and has it again when it returns; the result is the system's.
        ///
        /// # Safety
        ///
        /// `variable` is initialised and stays where it is.
        #[doc(hidden)]
        unsafe fn sleep(&mut self, variable: *mut CONDITION_VARIABLE, milliseconds: u32) -> i32;
    }
}

// === impl ConditionVariable ===

impl ConditionVariable {
    /// Nobody waits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            raw: UnsafeCell::new(CONDITION_VARIABLE_INIT),
        }
    }

    /// Lets go of the lock, sleeps until it is woken, and takes the lock again.
    ///
    /// # Panics
    ///
    /// If the guard is a critical section's, and its thread has another one of it: the system would
    /// leave it once, and sleep inside.
    pub fn wait<G: ConditionVariableGuard>(&self, guard: G) -> G {
        self.wait_until(guard, Deadline::NEVER).0
    }

    /// Waits as [`wait`](Self::wait) does, for `timeout` at most.
    ///
    /// It does not time out early. In a loop use [`wait_until`](Self::wait_until), or every spurious
    /// wake-up starts the time again.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_timeout<G: ConditionVariableGuard>(
        &self,
        guard: G,
        timeout: Duration,
    ) -> (G, WaitOutcome) {
        self.wait_until(guard, Deadline::after(timeout))
    }

    /// Waits as [`wait`](Self::wait) does, until `deadline` at the latest.
    ///
    /// It does not time out early. The outcome is [`Woken`](WaitOutcome::Woken) or
    /// [`TimedOut`](WaitOutcome::TimedOut), and the lock is held again in either case. If the deadline
    /// has passed it has not been let go.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_until<G: ConditionVariableGuard>(
        &self,
        mut guard: G,
        deadline: impl Into<Deadline>,
    ) -> (G, WaitOutcome) {
        let deadline = deadline.into();
        loop {
            let milliseconds = milliseconds(deadline.remaining());
            if milliseconds == 0 {
                return (guard, WaitOutcome::TimedOut);
            }
            // SAFETY: it is initialised, and stays where it is while it is borrowed.
            let woken = unsafe { guard.sleep(self.raw.get(), milliseconds) };
            // The system's clock is not ours, and a long wait was made shorter: see `sys`. No other
            // error is documented; it would be a spurious wake-up.
            if woken != 0 || ErrorCode::last().raw() != ERROR_TIMEOUT {
                return (guard, WaitOutcome::Woken);
            }
        }
    }

    /// Waits until `condition`, which is asked under the lock, is false.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait), and if `condition` does.
    pub fn wait_while<G: ConditionVariableGuard>(
        &self,
        mut guard: G,
        mut condition: impl FnMut(&mut G) -> bool,
    ) -> G {
        while condition(&mut guard) {
            guard = self.wait(guard);
        }
        guard
    }

    /// Ends the wait of one thread, if there is one.
    ///
    /// Change something under the lock first; now the lock may be held or not.
    pub fn wake_one(&self) {
        // SAFETY: it is initialised, and stays where it is while it is borrowed.
        unsafe { WakeConditionVariable(self.raw.get()) };
    }

    /// Ends the wait of every thread.
    ///
    /// As [`wake_one`](Self::wake_one) otherwise.
    pub fn wake_all(&self) {
        // SAFETY: as in `wake_one`.
        unsafe { WakeAllConditionVariable(self.raw.get()) };
    }
}

impl Default for ConditionVariable {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ConditionVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionVariable").finish_non_exhaustive()
    }
}

// SAFETY: it can be moved when nobody borrows it, and so nobody waits.
unsafe impl Send for ConditionVariable {}
// SAFETY: that is what it is for.
unsafe impl Sync for ConditionVariable {}

// === impl ConditionVariableGuard ===

impl<T: ?Sized> ConditionVariableGuard for ExclusiveGuard<'_, T> {}

impl<T: ?Sized> sealed::Guard for ExclusiveGuard<'_, T> {
    unsafe fn sleep(&mut self, variable: *mut CONDITION_VARIABLE, milliseconds: u32) -> i32 {
        // SAFETY: this thread has the lock, exclusively; the caller answers for `variable`. Nothing of
        // the value is borrowed meanwhile, as the guard is borrowed mutably.
        unsafe { SleepConditionVariableSRW(variable, self.lock.raw(), milliseconds, 0) }
    }
}

impl<T: ?Sized> ConditionVariableGuard for SharedGuard<'_, T> {}

impl<T: ?Sized> sealed::Guard for SharedGuard<'_, T> {
    unsafe fn sleep(&mut self, variable: *mut CONDITION_VARIABLE, milliseconds: u32) -> i32 {
        let shared = CONDITION_VARIABLE_LOCKMODE_SHARED;
        // SAFETY: this thread has a share of the lock; otherwise as above.
        unsafe { SleepConditionVariableSRW(variable, self.lock.raw(), milliseconds, shared) }
    }
}

impl<T: ?Sized> ConditionVariableGuard for CriticalSectionGuard<'_, T> {}

impl<T: ?Sized> sealed::Guard for CriticalSectionGuard<'_, T> {
    unsafe fn sleep(&mut self, variable: *mut CONDITION_VARIABLE, milliseconds: u32) -> i32 {
        assert!(
            self.is_only(),
            "a wait with a critical section that is held more than once would sleep inside"
        );
        self.set_inside(false);
        // SAFETY: this thread is inside, once, with this guard; otherwise as above.
        let woken = unsafe { SleepConditionVariableCS(variable, self.raw(), milliseconds) };
        self.set_inside(true);
        woken
    }
}
