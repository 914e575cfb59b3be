use crate::blocking::MutexGuard;
use core::fmt;
use core::time::Duration;
use mutex_traits::RawMutex;
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::const_fn;
use pintle_park::{Deadline, WaitOutcome, WakeOutcome};

/// Somebody waits, or has since the last time that nobody was found: a notification has to look.
const ARMED: u32 = 1;
/// One notification; the bits above `ARMED` count them.
const NOTIFIED: u32 = 2;

/// A condition variable of four bytes: threads wait for what another does under a mutex.
///
/// A waiter [`wait`](Self::wait)s with a guard of a [`Mutex`](crate::blocking::Mutex), of any lock
/// that has guards. The mutex is unlocked while it sleeps and locked again when it returns. Who
/// changes what the mutex guards then notifies, with the mutex locked or after unlocking it: no
/// notification between a waiter's look at the value and its sleep is lost.
///
/// **A wait may end without a notification**, so it belongs in a loop, which
/// [`wait_while`](Self::wait_while) is.
///
/// A notification costs a load if nobody waits, once one has found that out. There is no order
/// among the waiters but the operating system's. It is for the threads of one process, also beside
/// a `SharedLock`: a notification does not reach the others.
///
/// Waits block, so neither an interrupt or signal handler nor a critical section may; a
/// notification may come from wherever pintle-park's [`wake`](pintle_park::wake_one) may be called,
/// a signal handler for most systems. It may be dropped whenever it is not borrowed.
///
/// # Two mutexes
///
/// Waiters of one condition variable may hold different mutexes: each gets its own back. But the
/// promise that no notification is lost rests on the mutex: it is for those whose mutex the
/// notifier has locked since it changed the value. Others may sleep through it, so give each mutex
/// a condition variable.
///
/// # How it works
///
/// ```text
///                      wait: fetch-or, with the mutex locked
///   ┌─────────────────┐ ───────────────────────► ┌───────────────┐ ◄─┐ notify_one:
///   │ idle, count n   │                          │ armed, n      │   │ n + 1, wake one
///   └─────────────────┘ ◄─────────────────────── └───────────────┘ ──┘
///     ▲ │ notify: nothing    notify_all: n + 1, wake all
///     └─┘                    notify_one that woke nobody: n + 1, wake all
/// ```
///
/// A waiter sleeps only while the word is what it was when the waiter held the mutex. So whoever
/// has notified since then, and could see it armed, has kept it awake or wakes it. To disarm takes
/// a wake of all, for those who fell asleep in between; they return without a notification.
///
/// Where the system does not tell how many it has woken (Windows, macOS, FreeBSD, DragonFly) only
/// `notify_all` disarms: until one comes, each `notify_one` is a system call.
///
/// 31 bits count. A notification would be lost if 2³¹ of them came between a waiter's unlocking
/// and its falling asleep, each of which has made a system call.
///
/// It does not move waiters to the mutex's queue (requeue): that would fix the kind of lock, and
/// the mutex's word would have to be marked as contended by somebody who does not hold it.
///
/// # Invariants
///
/// While a waiter sleeps, or holds a count by which it is about to, the word is armed, or its count
/// is another one and who made it so wakes every sleeper.
///
/// Source: M. Bos, *Rust Atomics and Locks*, chapter 9, whose counter this is; the armed bit is
/// ours.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, os::{Condvar, FutexLock}};
///
/// static QUEUE: Mutex<Vec<u32>, FutexLock> = Mutex::const_init(Vec::new());
/// static FILLED: Condvar = Condvar::new();
///
/// let consumer = std::thread::spawn(|| {
///     let mut queue = QUEUE.lock();
///     FILLED.wait_while(&mut queue, |queue| queue.is_empty());
///     queue.pop()
/// });
/// QUEUE.lock().push(7);
/// FILLED.notify_one();
/// assert_eq!(consumer.join().unwrap(), Some(7));
/// ```
pub struct Condvar {
    state: AtomicU32,
}

// === impl Condvar ===

impl Condvar {
    const_fn! {
        /// A condition variable that nobody waits for.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                state: AtomicU32::new(0),
            }
        }
    }

    /// Unlocks the guard's mutex, sleeps until a notification, and locks it again.
    ///
    /// It may return without a notification: look at the value, and wait again.
    ///
    /// # Aborts
    ///
    /// If the mutex cannot be locked again, because its lock panics (a `PiLock` or `SharedLock` whose
    /// owner has ended, say): the caller would go on with a guard that guards nothing.
    #[inline]
    pub fn wait<T: ?Sized, Lock: RawMutex>(&self, guard: &mut MutexGuard<'_, T, Lock>) {
        let _ = self.park(guard, Deadline::NEVER);
    }

    /// Waits as long as `condition` is true of the value.
    ///
    /// `condition` is called with the mutex locked, at once and after each wake-up. Aborts as
    /// [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// If `condition` does. The mutex is locked then, as the guard says, and unlocked when the
    /// guard is dropped.
    #[inline]
    pub fn wait_while<T: ?Sized, Lock: RawMutex>(
        &self,
        guard: &mut MutexGuard<'_, T, Lock>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// Waits as [`wait`](Self::wait) does, for `timeout` at most.
    ///
    /// It may return early without a notification, but then does not say that the time is up. The
    /// time does not include getting the mutex back. In a loop use
    /// [`wait_until`](Self::wait_until), or each wake-up starts the time again. Aborts as
    /// [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use pintle_lock::{blocking::Mutex, os::{Condvar, FutexLock}};
    ///
    /// let (mutex, never) = (Mutex::new_with_raw_mutex((), FutexLock::new()), Condvar::new());
    /// let mut guard = mutex.lock();
    /// while !never.wait_timeout(&mut guard, Duration::from_millis(1)).timed_out() {}
    /// ```
    #[inline]
    pub fn wait_timeout<T: ?Sized, Lock: RawMutex>(
        &self,
        guard: &mut MutexGuard<'_, T, Lock>,
        timeout: Duration,
    ) -> WaitTimeoutResult {
        self.wait_until(guard, Deadline::after(timeout))
    }

    /// Waits as [`wait`](Self::wait) does, until `deadline` at the latest: a [`Deadline`] or an
    /// [`Instant`](std::time::Instant).
    ///
    /// As [`wait_timeout`](Self::wait_timeout) otherwise.
    #[inline]
    pub fn wait_until<T: ?Sized, Lock: RawMutex>(
        &self,
        guard: &mut MutexGuard<'_, T, Lock>,
        deadline: impl Into<Deadline>,
    ) -> WaitTimeoutResult {
        WaitTimeoutResult(self.park(guard, deadline.into()) == WaitOutcome::TimedOut)
    }

    /// Waits as long as `condition` is true of the value, for `timeout` at most.
    ///
    /// [`timed_out`](WaitTimeoutResult::timed_out) means that the time is up and the condition
    /// still true. Aborts as [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// As [`wait_while`](Self::wait_while).
    #[inline]
    pub fn wait_timeout_while<T: ?Sized, Lock: RawMutex>(
        &self,
        guard: &mut MutexGuard<'_, T, Lock>,
        timeout: Duration,
        condition: impl FnMut(&mut T) -> bool,
    ) -> WaitTimeoutResult {
        self.wait_until_while(guard, Deadline::after(timeout), condition)
    }

    /// Waits as long as `condition` is true of the value, until `deadline` at the latest.
    ///
    /// As [`wait_timeout_while`](Self::wait_timeout_while) otherwise.
    ///
    /// # Panics
    ///
    /// As [`wait_while`](Self::wait_while).
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_lock::Deadline;
    /// use pintle_lock::{blocking::Mutex, os::{Condvar, FutexLock}};
    ///
    /// let ready = Mutex::new_with_raw_mutex(false, FutexLock::new());
    /// let changed = Condvar::new();
    /// let mut guard = ready.lock();
    /// let outcome = changed.wait_until_while(&mut guard, Deadline::now(), |ready| !*ready);
    /// assert!(outcome.timed_out());
    /// *guard = true;
    /// let outcome = changed.wait_until_while(&mut guard, Deadline::now(), |ready| !*ready);
    /// assert!(!outcome.timed_out());
    /// ```
    pub fn wait_until_while<T: ?Sized, Lock: RawMutex>(
        &self,
        guard: &mut MutexGuard<'_, T, Lock>,
        deadline: impl Into<Deadline>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> WaitTimeoutResult {
        let deadline = deadline.into();
        let mut timed_out = false;
        while condition(guard) {
            // The last look comes after the time.
            if timed_out {
                return WaitTimeoutResult(true);
            }
            timed_out = self.wait_until(guard, deadline).timed_out();
        }
        WaitTimeoutResult(false)
    }

    /// Ends the sleep of one waiter, if there is one. Several may wake up.
    ///
    /// Call it after the change that the waiter is to see, which the mutex has to guard; best after
    /// unlocking it, which who wakes up wants to lock.
    #[inline]
    pub fn notify_one(&self) {
        // Relaxed: the waiter armed it with the mutex locked. Who notifies has had the mutex since,
        // or the waiter has seen the change.
        if self.state.load(Relaxed) & ARMED != 0 {
            self.wake_one();
        }
    }

    /// Ends the sleep of every waiter.
    ///
    /// As [`notify_one`](Self::notify_one) otherwise.
    #[inline]
    pub fn notify_all(&self) {
        // Relaxed: as in `notify_one`.
        let state = self.state.load(Relaxed);
        if state & ARMED != 0 {
            self.wake_all(state);
        }
    }

    /// Arms the word, and sleeps with the mutex unlocked, unless it has changed by then.
    fn park<T: ?Sized, Lock: RawMutex>(
        &self,
        guard: &mut MutexGuard<'_, T, Lock>,
        deadline: Deadline,
    ) -> WaitOutcome {
        // Relaxed: the mutex, which is locked, orders it before whatever a notifier does that has
        // it later.
        let armed = self.state.fetch_or(ARMED, Relaxed) | ARMED;
        MutexGuard::unlocked(guard, || {
            pintle_park::wait_until(&self.state, armed, deadline)
        })
    }

    #[cold]
    fn wake_one(&self) {
        // Relaxed: the mutex orders the data, and the wake follows the change of its own word.
        let before = self.state.fetch_add(NOTIFIED, Relaxed);
        if before & ARMED == 0 {
            // Somebody has just woken them all.
            return;
        }
        if pintle_park::wake(&self.state, 1) == WakeOutcome::Count(0) {
            // Nobody slept, and whoever was about to does not any more: the count has changed. So
            // the next notification can be spared the call, if nobody has notified or disarmed it
            // meanwhile.
            let _ = self.disarm(before.wrapping_add(NOTIFIED));
        }
    }

    #[cold]
    fn wake_all(&self, mut state: u32) {
        while state & ARMED != 0 {
            match self.disarm(state) {
                Ok(()) => break,
                Err(changed) => state = changed,
            }
        }
    }

    /// Counts a notification, disarms the word and ends every sleep, if the word is `armed`; else
    /// returns what it is.
    fn disarm(&self, armed: u32) -> Result<(), u32> {
        let idle = armed.wrapping_add(NOTIFIED) & !ARMED;
        // Relaxed: as in `wake_one`.
        self.state.compare_exchange(armed, idle, Relaxed, Relaxed)?;
        // Those who slept, also since the caller's look: a new waiter of an armed word does not
        // change it.
        pintle_park::wake_all(&self.state);
        Ok(())
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}

/// Whether a wait of a [`Condvar`] ended because its time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a wait with a timeout says why it has ended"]
pub struct WaitTimeoutResult(bool);

// === impl WaitTimeoutResult ===

impl WaitTimeoutResult {
    /// Whether the time was up. If not, there was a notification, or nothing.
    #[must_use]
    pub const fn timed_out(self) -> bool {
        self.0
    }
}
