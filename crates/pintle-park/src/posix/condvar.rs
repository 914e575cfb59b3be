use super::bond::Bond;
use super::place::Place;
use super::{Clock, Errno, Exclusive, Guard, InitError, Monotonic, Realtime, WaitError, sys};
use core::{fmt, marker::PhantomData, mem, mem::MaybeUninit, pin::Pin};
use libc::{c_int, pthread_cond_t, pthread_condattr_t, pthread_mutex_t};

/// A condition variable of the C library: `pthread_cond_t`.
///
/// Pinned and initialised as a [`Mutex`](super::Mutex) is. A wait takes the guard of a mutex,
/// unlocks the mutex and sleeps in one step, and returns the guard when the mutex is locked again.
/// It may return without a notification, so the caller checks the condition in a loop.
///
/// POSIX leaves undefined what happens when threads wait with different mutexes at the same time;
/// here the second one is told so, by [`WaitError::OtherMutex`]. Once nobody waits, another mutex
/// may be taken. Recursive mutexes, which a wait may leave locked, do not fit by type.
///
/// It is not robust, between processes: one that is killed in a wait may take a notification with
/// it, and glibc's variable may then block whoever notifies. Dropping it does not wait for the dead.
///
/// The timeouts' clock is the variable's own, a type, and with it the type of the deadlines.
///
/// # Examples
///
/// ```
/// use core::pin::Pin;
/// use pintle_park::posix::{Condvar, Mutex};
///
/// static READY: Mutex<bool> = Mutex::new(false);
/// static CHANGED: Condvar = Condvar::new();
/// let (ready, changed) = (Pin::static_ref(&READY), Pin::static_ref(&CHANGED));
///
/// let other = std::thread::spawn(move || {
///     *ready.lock().unwrap() = true;
///     changed.notify_one();
/// });
/// let mut guard = ready.lock().unwrap();
/// while !*guard {
///     guard = changed.wait(guard).unwrap();
/// }
/// # drop(guard);
/// # other.join().unwrap();
/// ```
#[repr(C)]
pub struct Condvar<C: Clock = Monotonic> {
    place: Place<pthread_cond_t>,
    process_shared: bool,
    bond: Bond,
    clock: PhantomData<C>,
}

// SAFETY: the C library's object is made for all threads, and moves only behind a pointer once it
// is one.
unsafe impl<C: Clock> Send for Condvar<C> {}
// SAFETY: as above.
unsafe impl<C: Clock> Sync for Condvar<C> {}

/// How a wait with a deadline has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wakeup {
    /// By a notification, or spuriously.
    Notified,
    /// By the deadline, which has passed.
    TimedOut,
}

// === impl Condvar ===

impl Condvar {
    /// A condition variable of this process, with the monotonic clock.
    #[must_use]
    pub const fn new() -> Self {
        Self::with_clock()
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl Condvar<Realtime> {
    /// A condition variable of this process, with the wall's clock.
    #[must_use]
    pub const fn realtime() -> Self {
        Self::with_clock()
    }
}

impl<C: Clock> Condvar<C> {
    const fn with_clock() -> Self {
        Self {
            place: Place::new(),
            process_shared: false,
            bond: Bond::new(),
            clock: PhantomData,
        }
    }

    /// This condition variable for threads of all processes that map the memory: see [Between
    /// processes](super#between-processes). The mutex has to lie at the same distance from it in
    /// each.
    #[must_use]
    pub const fn process_shared(mut self) -> Self {
        self.process_shared = true;
        self
    }

    /// Initialises the condition variable now, if nothing has: `pthread_cond_init`.
    ///
    /// # Errors
    ///
    /// [`InitError`].
    pub fn init(self: Pin<&Self>) -> Result<(), InitError> {
        self.raw().map(|_| ())
    }

    /// The condition variable that another process has [initialised](Self::init) in memory that
    /// both share; `None` if it has not yet.
    ///
    /// # Safety
    ///
    /// As for [`Mutex::attach`](super::Mutex::attach). Each mutex that it is used with lies at the
    /// same distance from it in every process: in the same mapping, say.
    #[must_use]
    pub unsafe fn attach<'a>(place: *const Self) -> Option<Pin<&'a Self>> {
        // SAFETY: the memory is valid for reads, says the caller.
        let object = unsafe { &raw const (*place).place };
        // SAFETY: the caller promises all of it of `place`, in which `object` is.
        unsafe { Place::attach(object, place) }
    }

    /// Unlocks, waits for a notification, and locks again: `pthread_cond_wait`.
    ///
    /// # Errors
    ///
    /// [`WaitError`].
    pub fn wait<'a, T, K: Exclusive>(
        self: Pin<&Self>,
        guard: Guard<'a, T, K>,
    ) -> Result<Guard<'a, T, K>, WaitError<'a, T, K>> {
        // SAFETY: the closure gets what the call wants.
        let outcome = self.sleep(guard, |condvar, mutex| unsafe {
            libc::pthread_cond_wait(condvar, mutex)
        });
        outcome.map(|(guard, _)| guard)
    }

    /// Unlocks, waits for a notification until `deadline` at most, and locks again:
    /// `pthread_cond_timedwait`.
    ///
    /// It does not time out early. The lock afterwards has no timeout. The deadline of a
    /// [`Monotonic`] variable is a [`Deadline`](crate::Deadline), of a [`Realtime`] one a
    /// [`RealtimeDeadline`](super::RealtimeDeadline).
    ///
    /// # Errors
    ///
    /// [`WaitError`].
    pub fn wait_until<'a, T, K: Exclusive>(
        self: Pin<&Self>,
        guard: Guard<'a, T, K>,
        deadline: C::At,
    ) -> Result<(Guard<'a, T, K>, Wakeup), WaitError<'a, T, K>> {
        self.sleep(guard, |condvar, mutex| {
            loop {
                // SAFETY: the mutex is locked by this thread, and is still after a timeout.
                let errno = unsafe { C::wait(condvar, mutex, deadline) };
                if errno != libc::ETIMEDOUT || C::has_passed(deadline) {
                    return errno;
                }
            }
        })
    }

    /// Ends the wait of one thread at least, if any waits: `pthread_cond_signal`.
    ///
    /// The mutex need not be locked. A notification is not kept for later waits.
    pub fn notify_one(self: Pin<&Self>) {
        // Not initialised: nobody has waited.
        if let Some(condvar) = self.place.get() {
            // SAFETY: initialised.
            unsafe { libc::pthread_cond_signal(condvar) };
        }
    }

    /// Ends the wait of all threads that wait: `pthread_cond_broadcast`.
    ///
    /// The mutex need not be locked. A notification is not kept for later waits.
    pub fn notify_all(self: Pin<&Self>) {
        // Not initialised: nobody has waited.
        if let Some(condvar) = self.place.get() {
            // SAFETY: initialised.
            unsafe { libc::pthread_cond_broadcast(condvar) };
        }
    }

    fn sleep<'a, T, K: Exclusive>(
        self: Pin<&Self>,
        guard: Guard<'a, T, K>,
        wait: impl FnOnce(*mut pthread_cond_t, *mut pthread_mutex_t) -> c_int,
    ) -> Result<(Guard<'a, T, K>, Wakeup), WaitError<'a, T, K>> {
        let condvar = match self.raw() {
            Ok(condvar) => condvar,
            Err(error) => return Err(WaitError::Init(error, guard)),
        };
        let mutex = guard.mutex().object();
        if !self.bond.tie(mutex) {
            return Err(WaitError::OtherMutex(guard));
        }
        let errno = wait(condvar, mutex);
        let lost = match errno {
            libc::ENOTRECOVERABLE => Some(WaitError::NotRecoverable),
            // What a lock says, and no wait: musl with priority inheritance.
            libc::EDEADLK | libc::EAGAIN | libc::ESRCH => {
                Some(WaitError::NotLocked(Errno::from_raw(errno)))
            }
            _ => None,
        };
        if let Some(error) = lost {
            // The mutex is not locked, and only who has it unties: the bond stays as it is.
            mem::forget(guard);
            return Err(error);
        }
        self.bond.untie();
        let mutex = guard.mutex();
        let wakeup = match errno {
            0 => Wakeup::Notified,
            libc::ETIMEDOUT => Wakeup::TimedOut,
            libc::EOWNERDEAD => {
                let recovery = mutex.inherited(guard);
                return Err(recovery.map_or(WaitError::NotRecoverable, WaitError::OwnerDied));
            }
            errno => return Err(WaitError::Other(Errno::from_raw(errno), guard)),
        };
        match mutex.granted(guard) {
            Some(guard) => Ok((guard, wakeup)),
            None => Err(WaitError::NotRecoverable),
        }
    }

    #[inline]
    fn raw(self: Pin<&Self>) -> Result<*mut pthread_cond_t, InitError> {
        // SAFETY: the place is pinned with the condition variable.
        let place = unsafe { self.map_unchecked(|condvar| &condvar.place) };
        // SAFETY: the place is the object's own, uninitialised and pinned.
        place.get_or_init(|condvar| unsafe { init::<C>(condvar, self.process_shared) })
    }
}

/// Initialises `condvar`, and returns an errno.
///
/// # Safety
///
/// `condvar` is valid for writes, and is not initialised. It stays where it is.
unsafe fn init<C: Clock>(condvar: *mut pthread_cond_t, process_shared: bool) -> c_int {
    let mut place = MaybeUninit::<pthread_condattr_t>::uninit();
    let attr = place.as_mut_ptr();
    // SAFETY: a valid place.
    let errno = unsafe { libc::pthread_condattr_init(attr) };
    if errno != 0 {
        return errno;
    }
    // SAFETY: just initialised.
    let mut errno = unsafe { C::choose(attr) };
    if errno == 0 && process_shared {
        // SAFETY: as above.
        errno = unsafe { sys::share_condvar(attr) };
    }
    if errno == 0 {
        // SAFETY: the caller answers for `condvar`, and the attributes are initialised.
        errno = unsafe { libc::pthread_cond_init(condvar, attr) };
    }
    // SAFETY: initialised above, and not used again.
    unsafe { libc::pthread_condattr_destroy(attr) };
    errno
}

impl<C: Clock> Drop for Condvar<C> {
    fn drop(&mut self) {
        // A wait borrows it. So who waits yet has been killed with its process, or has never got
        // the mutex back; and glibc's destroy would wait for its end.
        if self.bond.is_tied() {
            return;
        }
        if let Some(condvar) = self.place.get_mut() {
            // SAFETY: initialised, and nobody waits.
            unsafe { libc::pthread_cond_destroy(condvar) };
        }
    }
}

impl<C: Clock> fmt::Debug for Condvar<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LockError, Mutex};
    use super::*;
    use core::pin::pin;

    /// No C library at hand fails to lock again, so its answer is made up here.
    #[test]
    fn a_mutex_that_is_not_locked_again_has_no_guard() {
        for errno in [libc::EDEADLK, libc::EAGAIN, libc::ESRCH] {
            let mutex = pin!(Mutex::new(0));
            let mutex = mutex.as_ref();
            let condvar = pin!(Condvar::new());
            let outcome = condvar.as_ref().sleep(mutex.lock().unwrap(), |_, mutex| {
                // SAFETY: locked above.
                unsafe { libc::pthread_mutex_unlock(mutex) };
                errno
            });
            let other = mutex.lock().unwrap();
            // Nothing in it unlocks.
            drop(outcome);
            assert!(matches!(mutex.try_lock(), Err(LockError::WouldBlock)));
            drop(other);
        }
    }
}
