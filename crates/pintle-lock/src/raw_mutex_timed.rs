use core::time::Duration;
use mutex_traits::RawMutex;
use pintle_park::Deadline;

/// A [`RawMutex`] that can be waited for until a time.
///
/// [`blocking::Mutex`](crate::blocking::Mutex) has `try_lock_for` and `try_lock_until` over each.
///
/// Where `lock` may be called these may be; not from an interrupt or signal handler, nor in a
/// critical section: they sleep.
///
/// # Safety
///
/// A call that returns true has taken the lock, as if by [`RawMutex::try_lock`]: with the same
/// exclusion, the same memory order, and the same duty to unlock. One that returns false has not.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use pintle_lock::blocking::Mutex;
/// use pintle_lock::{Deadline, RawMutex, RawMutexTimed, spin::Spinlock};
///
/// /// A spin lock that gives up.
/// struct Impatient(Spinlock);
///
/// // SAFETY: the spin lock's are passed on.
/// unsafe impl RawMutex for Impatient {
///     type GuardMarker = ();
///     fn lock(&self) { self.0.lock() }
///     fn try_lock(&self) -> bool { self.0.try_lock() }
///     unsafe fn unlock(&self) { unsafe { self.0.unlock() } }
///     fn is_locked(&self) -> bool { RawMutex::is_locked(&self.0) }
/// }
///
/// // SAFETY: true comes from `try_lock` alone.
/// unsafe impl RawMutexTimed for Impatient {
///     fn try_lock_until(&self, deadline: Deadline) -> bool {
///         loop {
///             if self.try_lock() {
///                 return true;
///             }
///             if deadline.has_passed() {
///                 return false;
///             }
///             std::thread::yield_now();
///         }
///     }
/// }
///
/// let mutex = Mutex::new_with_raw_mutex(1, Impatient(Spinlock::new()));
/// let guard = mutex.try_lock_for(Duration::ZERO).unwrap();
/// assert!(mutex.try_lock_for(Duration::from_millis(1)).is_none());
/// drop(guard);
/// assert!(mutex.try_lock_until(Deadline::now()).is_some());
/// ```
pub unsafe trait RawMutexTimed: RawMutex {
    /// Takes the lock, waiting for it until `deadline` at the latest.
    ///
    /// A free lock is taken, whatever the time. False comes only if the lock was held when the time
    /// was up, never earlier. [`Deadline::NEVER`] waits as [`lock`](RawMutex::lock) does.
    fn try_lock_until(&self, deadline: Deadline) -> bool;

    /// Takes the lock, waiting for it for `timeout` at most.
    ///
    /// A free lock is taken without looking at the clock, so that a timeout costs nothing where
    /// nobody waits. `Duration::ZERO` is [`try_lock`](RawMutex::try_lock), `Duration::MAX` is
    /// [`lock`](RawMutex::lock).
    #[inline]
    fn try_lock_for(&self, timeout: Duration) -> bool {
        self.try_lock() || self.try_lock_until(Deadline::after(timeout))
    }
}
