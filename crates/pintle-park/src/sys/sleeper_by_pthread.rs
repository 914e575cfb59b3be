//! The table's [`Sleeper`] over a mutex and a condition variable of the C library's.

use super::timespec;
use crate::Deadline;
use core::{cell::UnsafeCell, ptr::NonNull, time::Duration};

/// One thread's sleep, ended by one other.
///
/// The condition variable exists while its thread is asleep, and no longer: a pthread object must
/// not be moved once it is in use, and [`new`](Self::new) returns by value. The mutex is not in use
/// before the sleeper has its place. Where the C library allocates for them they are destroyed again.
///
/// # Invariants
///
/// 1. Everything but the mutex is accessed by who holds that.
/// 2. `changed` is initialised while `asleep`.
pub(crate) struct Sleeper {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    state: UnsafeCell<State>,
}

struct State {
    roused: bool,
    asleep: bool,
    changed: libc::pthread_cond_t,
}

// === impl Sleeper ===

impl Sleeper {
    pub(crate) fn new() -> Self {
        Self {
            mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            state: UnsafeCell::new(State {
                roused: false,
                asleep: false,
                changed: libc::PTHREAD_COND_INITIALIZER,
            }),
        }
    }

    pub(crate) fn sleep(&self, deadline: Deadline) -> bool {
        // SAFETY: this one is in its place.
        unsafe { lock(self.mutex.get()) };
        let state = self.state.get();
        // SAFETY: we hold the mutex, by invariant 1.
        let roused = unsafe { wait(self.mutex.get(), state, deadline) };
        // SAFETY: as in `lock`; we hold it.
        unsafe { libc::pthread_mutex_unlock(self.mutex.get()) };
        roused
    }

    /// # Safety
    ///
    /// `this` points to a sleeper that is live and that nobody else rouses.
    pub(crate) unsafe fn rouse(this: NonNull<Self>) {
        // SAFETY: it is live until its own thread has seen `roused`, for which that needs the mutex:
        // so until we let that go.
        let this = unsafe { this.as_ref() };
        let mutex = this.mutex.get();
        // SAFETY: it is in its place.
        unsafe { lock(mutex) };
        let state = this.state.get();
        // SAFETY: we hold the mutex.
        unsafe { (*state).roused = true };
        // SAFETY: as above.
        if unsafe { (*state).asleep } {
            // SAFETY: as above.
            let changed = unsafe { &raw mut (*state).changed };
            // SAFETY: initialised, by invariant 2.
            unsafe { libc::pthread_cond_signal(changed) };
        }
        // SAFETY: we hold it. (That a mutex may be destroyed as soon as another thread can lock it,
        // while its last holder is still on the way out of this, is a promise of POSIX's.)
        unsafe { libc::pthread_mutex_unlock(mutex) };
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        // SAFETY: nobody borrows it, and nobody holds it.
        unsafe { libc::pthread_mutex_destroy(self.mutex.get()) };
    }
}

// SAFETY: what is accessed is accessed under the mutex.
unsafe impl Sync for Sleeper {}

/// # Safety
///
/// `mutex` is an initialised mutex that is not moved any more, and this thread does not hold it.
unsafe fn lock(mutex: *mut libc::pthread_mutex_t) {
    // SAFETY: passed on to the caller.
    let result = unsafe { libc::pthread_mutex_lock(mutex) };
    debug_assert_eq!(result, 0, "a normal mutex that we do not hold");
}

/// Waits until it is roused: false if the deadline came first.
///
/// # Safety
///
/// This thread holds `mutex`, which is that of `state`.
unsafe fn wait(mutex: *mut libc::pthread_mutex_t, state: *mut State, deadline: Deadline) -> bool {
    // SAFETY: the mutex is ours, now and after each wait.
    let roused = move || unsafe { (*state).roused };
    if roused() || deadline.has_passed() {
        return roused();
    }
    // SAFETY: as above.
    let changed = unsafe { &raw mut (*state).changed };
    // SAFETY: nobody uses it, and it stays where it is.
    unsafe { init(changed) };
    // INVARIANT: (2) it is initialised.
    // SAFETY: the mutex is ours.
    unsafe { (*state).asleep = true };
    while !roused() {
        // Whatever ends the wait, the loop decides. It looks at the clock once: a wait for no time is one
        // for ever to older macOS.
        match timespec::left(deadline) {
            // SAFETY: the two are initialised, and this thread holds the mutex.
            None => unsafe { libc::pthread_cond_wait(changed, mutex) },
            Some(Duration::ZERO) => break,
            // SAFETY: as above.
            Some(left) => unsafe { wait_for(changed, mutex, left) },
        };
    }
    // SAFETY: the mutex is ours.
    unsafe { (*state).asleep = false };
    // SAFETY: nobody waits, and who signals holds the mutex.
    unsafe { libc::pthread_cond_destroy(changed) };
    roused()
}

/// # Safety
///
/// `cond` is a place for a condition variable, which is not moved while it is in use.
#[cfg(target_vendor = "apple")]
unsafe fn init(cond: *mut libc::pthread_cond_t) {
    // SAFETY: a place for it. Time is relative there, so it needs no clock.
    unsafe { cond.write(libc::PTHREAD_COND_INITIALIZER) };
}

/// # Safety
///
/// `cond` is a place for a condition variable, which is not moved while it is in use.
#[cfg(not(target_vendor = "apple"))]
unsafe fn init(cond: *mut libc::pthread_cond_t) {
    let mut attributes = core::mem::MaybeUninit::<libc::pthread_condattr_t>::uninit();
    let attributes = attributes.as_mut_ptr();
    // SAFETY: a place for them.
    unsafe { libc::pthread_condattr_init(attributes) };
    // SAFETY: initialised above. Otherwise it is the clock that people set.
    let result = unsafe { libc::pthread_condattr_setclock(attributes, libc::CLOCK_MONOTONIC) };
    debug_assert_eq!(result, 0, "a clock for timeouts");
    // SAFETY: a place for it, and initialised attributes.
    unsafe { libc::pthread_cond_init(cond, attributes) };
    // SAFETY: initialised above.
    unsafe { libc::pthread_condattr_destroy(attributes) };
}

/// # Safety
///
/// Both are initialised, and this thread holds `mutex`. `left` is not zero.
#[cfg(target_vendor = "apple")]
unsafe fn wait_for(
    cond: *mut libc::pthread_cond_t,
    mutex: *mut libc::pthread_mutex_t,
    left: Duration,
) -> libc::c_int {
    // It is a day at most.
    let left = timespec::timespec_of(left).unwrap_or_else(|| unreachable!());
    // SAFETY: passed on to the caller.
    unsafe { libc::pthread_cond_timedwait_relative_np(cond, mutex, &raw const left) }
}

/// # Safety
///
/// Both are initialised, `cond` by [`init`], and this thread holds `mutex`.
#[cfg(not(target_vendor = "apple"))]
unsafe fn wait_for(
    cond: *mut libc::pthread_cond_t,
    mutex: *mut libc::pthread_mutex_t,
    left: Duration,
) -> libc::c_int {
    let at = timespec::now_by(libc::CLOCK_MONOTONIC) + left;
    // A day from now.
    let at = timespec::timespec_of(at).unwrap_or_else(|| unreachable!());
    // SAFETY: passed on to the caller.
    unsafe { libc::pthread_cond_timedwait(cond, mutex, &raw const at) }
}
