//! Tasks that wait for a value under a key: a [`WaitMap`].
//!
//! Each waiting future carries its key and a place for the value, so nothing is allocated and there is no
//! limit. [`wake`](WaitMap::wake) moves a value to the one that waits under an equal key, or gives it back
//! if there is none: nothing is stored for those who come later. [`close`](WaitMap::close) ends every
//! wait, now and later. That makes it right for answers that come back by number, for the pins of one
//! interrupt, for whatever is asked here and answered there.
//!
//! # States of a waiter
//!
//! ```text
//!            subscribe, poll †              wake †               poll: the value
//!    ┌──────┐ ───────────────► ┌─────────┐ ────────► ┌────────┐ ────────────────► ┌──────────┐
//!    │ Idle │                  │ Waiting │           │ Handed │                   │ Consumed │
//!    └──────┘                  └─────────┘           └────────┘                   └──────────┘
//!       │  │ subscribe, poll †      │                    │ drop
//!       │  └───────────┐            │ close †            ▼
//!       │ subscribe,   ▼            │                the value goes to the one that waits under
//!       │ poll †   ┌───────────┐    ▼                the key now, or is dropped
//!       │          │ Duplicate │ ┌────────┐
//!       └────────┐ └───────────┘ │ Closed │
//!                └─────────────► └────────┘
//! ```
//!
//! († under the lock.) The map itself is a line of waiters and whether it is closed, both behind the lock.
//!
//! # Invariants
//!
//! Those of the crate's line of waiters, and:
//!
//! 1. No two waiters in the line have equal keys (as far as the keys' `PartialEq` is symmetric).
//! 2. A `Handed` waiter has a value, no other has one.
//! 3. Of user code, only the keys' `PartialEq` runs under the lock, and nothing is half done when it does:
//!    if it panics, nothing has changed. Wakers, values and keys are called, cloned and dropped outside.
//!
//! # Why keys are compared under the lock
//!
//! A key lives in its waiter's future, which may be dropped on another thread or by an interrupt handler at
//! any time; what keeps it alive while it is compared is the lock, which the future has to take in order to
//! leave. (Clones of the keys would need `Clone`, a copy of the line would need memory.) So a `PartialEq`
//! that uses the map it is a key of waits for itself, as it would with a mutex, or panics, with a lock that
//! does so then. If that happens where it drops one of the map's waits, which cannot leave, the process ends.

mod entry;
mod error;
mod outcome;
mod subscribe;
mod wait;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod wait_owned;
mod waiting;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
use core::{fmt, pin::pin};

use pintle_core::const_fn;

use self::entry::{Entry, Line, Slot};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::wait_owned::WaitOwned;
#[allow(deprecated, reason = "kept for programs that use it")]
pub use self::{
    error::WaitError,
    outcome::WakeOutcome,
    subscribe::{EnqueueWait, Subscribe},
    wait::Wait,
};
use crate::{
    blocking::{DefaultMutex, Mutex, ScopedRawMutex},
    trace::event,
    util::wake_in_batches,
    waiters::{Stage, Waiters},
};

/// How a wait for a value ends.
pub type WaitResult<T> = Result<T, WaitError>;

/// Tasks that wait for a value, each under a key of its own.
///
/// Three words with the default lock, no allocation however many wait. See the [module](self) for the
/// states.
///
/// # The lock
///
/// `Lock` guards the line of waiters. It is held while keys are compared, one after the other: every
/// operation is O(n) in the number of those who wait. The keys' `PartialEq` must not use the map, which
/// would wait for itself; it may panic.
///
/// # Memory order
///
/// What happened before a [`wake`](Self::wake) is visible to whoever gets its value; what happened before
/// [`close`](Self::close), to whoever is told of it.
///
/// # Contexts
///
/// Every method may be called from a `Drop` and from a waker. An interrupt handler may call them if `Lock`
/// keeps that interrupt out while it is held. [`close`](Self::close) keeps up to 16 wakers on the stack.
///
/// # Examples
///
/// ```
/// use futures::{executor::block_on, future::join};
/// use pintle_sync::{WaitMap, wait_map::WakeOutcome};
///
/// static ANSWERS: WaitMap<u32, &str> = WaitMap::new();
///
/// block_on(async {
///     let ask = async { ANSWERS.wait(7).await };
///     let answer = async {
///         assert!(matches!(ANSWERS.wake(&8, "nobody asked"), WakeOutcome::NoMatch(_)));
///         assert!(matches!(ANSWERS.wake(&7, "seven"), WakeOutcome::Woke));
///     };
///     let (answer, ()) = join(ask, answer).await;
///     assert_eq!(answer, Ok("seven"));
/// });
/// ```
pub struct WaitMap<K: PartialEq, V, Lock: ScopedRawMutex = DefaultMutex> {
    line: Mutex<Line<K, V>, Lock>,
}

// === impl WaitMap ===

impl<K: PartialEq, V> WaitMap<K, V> {
    const_fn! {
        /// Creates a map in which nobody waits, with the default lock.
        #[must_use]
        pub const fn new() -> Self {
            Self::new_with_raw_mutex(DefaultMutex::new())
        }
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> WaitMap<K, V, Lock> {
    const_fn! {
        /// Creates a map in which nobody waits, with a lock of the caller's choice.
        ///
        /// ```
        /// use pintle_sync::{WaitMap, spin::Spinlock};
        ///
        /// static PINS: WaitMap<u8, (), Spinlock> = WaitMap::new_with_raw_mutex(Spinlock::new());
        /// # PINS.close();
        /// ```
        #[must_use]
        pub const fn new_with_raw_mutex(lock: Lock) -> Self {
            Self {
                line: Mutex::new_with_raw_mutex(
                    Line {
                        waiters: Waiters::new(),
                        closed: false,
                    },
                    lock,
                ),
            }
        }
    }

    /// Moves `val` to the one that waits under `key`, and wakes it.
    ///
    /// It gives the value back if nobody waits under the key ([`WakeOutcome::NoMatch`]) or the map is closed
    /// ([`WakeOutcome::Closed`]). O(n) in the number of waiters.
    ///
    /// The waiter is off the map when this returns: another wake with this key is another's. What becomes of
    /// a value whose waiter is dropped before it looked says [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// If a comparison of keys does, `val` is dropped and nobody is woken. If the waker does, the value has
    /// been delivered.
    pub fn wake(&self, key: &K, val: V) -> WakeOutcome<V> {
        event!(self, "wake");
        let mut val = Some(val);
        let (closed, woken) = self.line.with_lock(|line| {
            if line.closed {
                return (true, None);
            }
            let woken = line.waiters.pop_where(Stage::Handed, |entry| {
                let found = entry.key == *key;
                if found {
                    // What is overwritten is `Empty` (invariant 2): nothing is dropped here.
                    entry.slot = val.take().map_or(Slot::Empty, Slot::Value);
                }
                found
            });
            (false, woken.flatten())
        });
        if let Some(waker) = woken {
            waker.wake();
        }
        match val {
            None => WakeOutcome::Woke,
            Some(val) if closed => WakeOutcome::Closed(val),
            Some(val) => WakeOutcome::NoMatch(val),
        }
    }

    /// Whether [`close`](Self::close) has been called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.line.with_lock(|line| line.closed)
    }

    /// Closes the map for good: every wait, now and later, gives [`WaitError::Closed`].
    ///
    /// A future to which a value was moved before still gives it. O(n) in the number of waiters; the lock is
    /// released after each 16.
    ///
    /// # Panics
    ///
    /// If a waker does; the other waiters have been woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::{WaitMap, wait_map::{WaitError, WakeOutcome}};
    ///
    /// let map = WaitMap::<u8, u8>::new();
    /// map.close();
    /// assert_eq!(block_on(map.wait(0)), Err(WaitError::Closed));
    /// assert!(matches!(map.wake(&0, 1), WakeOutcome::Closed(1)));
    /// ```
    pub fn close(&self) {
        event!(self, "close");
        // Nobody joins a line that is closed, so it is emptied where it stands.
        wake_in_batches(|batch| {
            self.line.with_lock(|line| {
                line.closed = true;
                while !batch.is_full() {
                    match line.waiters.pop_front(Stage::Closed) {
                        Some(Some(waker)) => batch.push(waker),
                        Some(None) => {}
                        None => return false,
                    }
                }
                true
            })
        });
    }

    /// Creates a future that waits for a value under `key`.
    ///
    /// It takes its place in the map when it is first polled, or by [`Wait::subscribe`]. A
    /// [`wake`](Self::wake) before that is not for it.
    ///
    /// # Errors
    ///
    /// The future gives a [`WaitError`]: `Closed` if the map is closed before the value comes, `Duplicate`
    /// if another waits under an equal key, `AlreadyConsumed` if it is polled after it has given the value.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place. If a value has been moved to it already, that goes to whoever
    /// waits under an equal key by then, and is dropped if there is nobody. [`Wait::cancel`] gives it back
    /// instead.
    pub fn wait(&self, key: K) -> Wait<'_, K, V, Lock> {
        Wait::new(self, key)
    }

    /// Creates a future that waits for a value under `key` and keeps the map alive meanwhile.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    ///
    /// # Cancellation
    ///
    /// As for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::{sync::Arc, thread};
    /// use futures::executor::block_on;
    /// use pintle_sync::{WaitMap, wait_map::WakeOutcome};
    ///
    /// let map = Arc::new(WaitMap::new());
    /// let wait = map.wait_owned("reply");
    /// let asker = thread::spawn(move || block_on(wait));
    /// while !matches!(map.wake(&"reply", 42), WakeOutcome::Woke) {
    ///     thread::yield_now();
    /// }
    /// assert_eq!(asker.join().unwrap(), Ok(42));
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub fn wait_owned(self: &Arc<Self>, key: K) -> WaitOwned<K, V, Lock> {
        WaitOwned::new(self, key)
    }

    /// Waits under `key` until `condition` holds, looking again after each wake-up.
    ///
    /// The task is on the map before each look, so a change that is followed by a [`wake`](Self::wake) is not
    /// missed. The values that come with the wake-ups are dropped. Between a wake-up and the next look
    /// nobody waits under the key: a `wake` then gives [`WakeOutcome::NoMatch`], and the look comes after.
    ///
    /// # Errors
    ///
    /// If the condition does not hold: `Closed` if the map is closed, `Duplicate` if another waits under an
    /// equal key (also one that came between a wake-up and the next look).
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place, and a wake-up that it has not yet looked upon as
    /// [`wait`](Self::wait) says.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::sync::atomic::{AtomicBool, Ordering::*};
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitMap;
    ///
    /// static LEVEL: [AtomicBool; 4] = [const { AtomicBool::new(false) }; 4];
    /// static PINS: WaitMap<usize, ()> = WaitMap::new();
    ///
    /// let interrupt = std::thread::spawn(|| {
    ///     LEVEL[3].store(true, Release);
    ///     PINS.wake(&3, ());
    /// });
    /// block_on(PINS.wait_for(3, || LEVEL[3].load(Acquire))).expect("nobody closes this map");
    /// # interrupt.join().unwrap();
    /// ```
    pub async fn wait_for<F: FnMut() -> bool>(&self, key: K, mut condition: F) -> WaitResult<()> {
        self.wait_for_value(key, || condition().then_some(())).await
    }

    /// Waits under `key` until `poll_value` gives a value, looking again after each wake-up.
    ///
    /// As [`wait_for`](Self::wait_for): the value is what `poll_value` gives; what the wake-ups carry is
    /// dropped.
    ///
    /// # Errors
    ///
    /// As for [`wait_for`](Self::wait_for).
    ///
    /// # Cancellation
    ///
    /// As for [`wait_for`](Self::wait_for). No value of `poll_value` is lost: it is returned by the poll that
    /// got it.
    pub async fn wait_for_value<T, F: FnMut() -> Option<T>>(
        &self,
        key: K,
        mut poll_value: F,
    ) -> WaitResult<T> {
        let mut wait = pin!(self.wait(key));
        loop {
            let subscribed = wait.as_mut().subscribe().await;
            // A value counts for more than the closing.
            if let Some(value) = poll_value() {
                return Ok(value);
            }
            subscribed?;
            wait.as_mut().await?;
            wait.as_mut().rearm();
        }
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex + Default> Default for WaitMap<K, V, Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(Lock::default())
    }
}

impl<K: PartialEq, V, Lock: ScopedRawMutex> fmt::Debug for WaitMap<K, V, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Does not wait for the lock: what is shown is for people, who may be looking at a deadlock.
        let state = self.line.try_with_lock(|line| {
            if line.closed {
                "Closed"
            } else if line.waiters.is_empty() {
                "Empty"
            } else {
                "Waiting"
            }
        });
        f.debug_struct("WaitMap")
            .field("state", &format_args!("{}", state.unwrap_or("<locked>")))
            .finish_non_exhaustive()
    }
}

// `Send` and `Sync` come from the parts: the lock guards the line, whose nodes are `Send` if keys and
// values are. By the cell in it the map is invariant in `K` and `V`: a view with shorter lifetimes could
// else leave a key, or a value, that does not live long enough.
