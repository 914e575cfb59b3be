//! A queue in which any number of tasks wait for an event: a [`WaitQueue`].
//!
//! Each waiting future carries its own place in the queue, so nothing is allocated and there is no
//! limit. [`wake`](WaitQueue::wake) wakes the one that has waited longest, or stores *one* wake-up
//! if nobody waits; [`wake_many`](WaitQueue::wake_many) does so for several at once, and
//! [`wake_all`](WaitQueue::wake_all) wakes all that wait and stores nothing.
//! [`close`](WaitQueue::close) ends every wait, now and later.
//!
//! # States of the queue
//!
//! One word: a state and a generation, which counts the calls of `wake_all`. The waiters' places
//! are linked in a ring under the lock.
//!
//! ```text
//!                    wake                                   first waiter †
//!    ┌───────┐ ◄────────────── ┌───────┐ ──────────────────────────────► ┌─────────┐
//!    │ Woken │                 │ Empty │                                 │ Waiting │ ⟲ further
//!    └───────┘ ──────────────► └───────┘ ◄────────────────────────────── └─────────┘   waiters †
//!        │      a wait takes it    │       last one woken or cancelled † ,    │
//!        │                         │       wake_all †                         │
//!        │ close                   │ close                                    │ close †
//!        └─────────────────────────┼──────────────────────────────────────────┘
//!                                  ▼
//!                             ┌────────┐
//!                             │ Closed │ for good
//!                             └────────┘
//! ```
//!
//! `wake_all` also adds one to the generation, in every state but `Closed`. The transitions marked
//! † are made only under the lock; the others are a single compare-exchange without it.
//!
//! # States of a waiter
//!
//! ```text
//!              poll, subscribe †             wake †
//!    ┌──────┐ ────────────────► ┌─────────┐ ──────► ┌────────┐  poll   ┌──────┐
//!    │ Idle │                   │ Waiting │         │ Handed │ ──────► │ Done │
//!    └──────┘                   └─────────┘         └────────┘         └──────┘
//!      │  │                       │     │               │ drop            ▲
//!      │  │                       │     │ wake_all †    ▼                 │
//!      │  │                       │     │           wake the next          │
//!      │  │                       │     └──────────────────────────────────┤
//!      │  └───────────────────────┼────────────────────────────────────────┘
//!      │   poll finds a stored wake-up or a newer generation
//!      │                          │ close †     ┌────────┐
//!      └──────────────────────────┴───────────► │ Closed │
//!          poll finds the queue closed          └────────┘
//! ```
//!
//! A waiter remembers the generation in which it was created; one that was not yet queued when
//! `wake_all` was called finds a newer one and is done. Only its owner makes a waiter leave `Idle`
//! and `Handed`; `Waiting` is left under the lock.
//!
//! # Invariants
//!
//! Those of the crate's line of waiters, and:
//!
//! 1. Whenever the lock is free, the ring is empty if and only if the state is not `Waiting`.
//! 2. A `Waiting` state is changed only under the lock. Nothing leads out of `Closed`.
//!
//! # Waking many
//!
//! `wake_all` and `close` decide in one step under the lock who is woken: they move the whole ring
//! aside. Then they wake those in it in batches of at most 16, with the lock free between
//! them; waiters that come meanwhile are in the queue's ring and not woken. (The technique is that
//! of tokio's `Notify`; the state word and the stored wake-up follow it too.)
//!
//! # Overflow
//!
//! The generation has 61 bits on a 64-bit target, 29 on a 32-bit one and 13 on a 16-bit one; it
//! wraps and is compared for equality only. It matters to futures that have been created and not
//! yet polled, and to no others: if one of them is left so during an exact multiple of 2^61, 2^29
//! or 2^13 calls of `wake_all`, it does not notice them and waits for the next wake-up, as if it
//! had been created after them.

mod state;
mod wait;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod wait_owned;
mod waiting;
mod wake_many;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    pin::pin,
    task::{Poll, Waker},
};

use pintle_core::const_fn;

use self::state::{AtomicWord, Permit, Settle};
pub use self::wait::Wait;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::wait_owned::WaitOwned;
use crate::{
    Closed,
    blocking::{DefaultMutex, Mutex, ScopedRawMutex},
    trace::event,
    waiters::{Drain, Stage, Waiters},
};

/// A first-in, first-out queue of tasks that wait until they are woken or the queue is closed.
///
/// Three words with the default lock, no allocation however many wait. See the [module](self) for
/// the states.
///
/// # The lock
///
/// `Lock` guards the list of waiters, for a few instructions at a time, and only if somebody waits:
/// storing a wake-up, taking a stored one and closing an idle queue are lock-free.
///
/// # Memory order
///
/// What happened before a [`wake`](Self::wake) is visible after the wait that it ends, also if
/// several calls stored one wake-up. What happened before [`wake_all`](Self::wake_all) is visible
/// after each wait that it ends, and after [`wait`](Self::wait) returns a future that it does not
/// wake. What happened before [`close`](Self::close) is visible to whoever gets [`Closed`].
///
/// # Contexts
///
/// Every method may be called from a `Drop` and from a waker. An interrupt handler may call them
/// if `Lock` keeps that interrupt out while it is held. [`wake_all`](Self::wake_all) and
/// [`close`](Self::close) keep up to 16 wakers on the stack.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::WaitQueue;
///
/// static READY: WaitQueue = WaitQueue::new();
///
/// let workers: Vec<_> = (0..4)
///     .map(|_| std::thread::spawn(|| block_on(READY.wait())))
///     .collect();
///
/// # loop {
/// READY.wake_all();
/// # std::thread::yield_now();
/// # if workers.iter().all(|worker| worker.is_finished()) { break }
/// # }
/// for worker in workers {
///     worker.join().unwrap().expect("nobody closes this queue");
/// }
/// ```
pub struct WaitQueue<Lock: ScopedRawMutex = DefaultMutex> {
    word: AtomicWord,
    waiters: Mutex<Waiters, Lock>,
}

// === impl WaitQueue ===

impl WaitQueue {
    const_fn! {
        /// Creates a queue in which nobody waits and no wake-up is stored, with the default lock.
        #[must_use]
        pub const fn new() -> Self {
            Self::new_with_raw_mutex(DefaultMutex::new())
        }
    }
}

impl<Lock: ScopedRawMutex> WaitQueue<Lock> {
    const_fn! {
        /// Creates a queue in which nobody waits and no wake-up is stored, with a lock of the
        /// caller's choice.
        ///
        /// ```
        /// use pintle_sync::{WaitQueue, spin::Spinlock};
        ///
        /// static QUEUE: WaitQueue<Spinlock> = WaitQueue::new_with_raw_mutex(Spinlock::new());
        /// # QUEUE.wake();
        /// ```
        #[must_use]
        pub const fn new_with_raw_mutex(lock: Lock) -> Self {
            Self {
                word: AtomicWord::new(),
                waiters: Mutex::new_with_raw_mutex(Waiters::new(), lock),
            }
        }
    }

    const_fn! {
        /// Creates a queue in which nobody waits and a wake-up is stored.
        #[must_use]
        pub(crate) const fn new_woken(lock: Lock) -> Self {
            Self {
                word: AtomicWord::new_woken(),
                waiters: Mutex::new_with_raw_mutex(Waiters::new(), lock),
            }
        }
    }

    /// Wakes the task that has waited longest, or stores a wake-up if nobody waits.
    ///
    /// At most one wake-up is stored, however often this is called. A future that is woken and then
    /// dropped before it is polled hands the wake-up to the next. On a closed queue nothing
    /// happens. O(1).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::task::Poll;
    /// use pintle_sync::WaitQueue;
    ///
    /// let queue = WaitQueue::new();
    /// queue.wake();
    /// queue.wake();
    /// assert_eq!(queue.try_wait(), Poll::Ready(Ok(())));
    /// assert_eq!(queue.try_wait(), Poll::Pending);
    /// ```
    #[inline]
    pub fn wake(&self) {
        event!(self, "wake");
        // Most who wake find somebody.
        if self.word.is_waiting() || self.word.store_permit() == Permit::Waiting {
            self.wake_first();
        }
    }

    /// Wakes every task that waits, and every [`Wait`] that exists.
    ///
    /// Which they are is decided at one moment: futures that are created later wait on, also while
    /// this call is still waking the others, and whether a future had been polled before does not
    /// matter. Nothing is stored; a wake-up that [`wake`](Self::wake) has stored stays. On a closed
    /// queue nothing happens.
    ///
    /// O(n) in the number of waiters. The lock is released after each 16.
    ///
    /// # Panics
    ///
    /// If a waker panics; the other waiters have been woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitQueue;
    ///
    /// let queue = WaitQueue::new();
    /// let (first, second) = (queue.wait(), queue.wait());
    /// queue.wake_all();
    /// assert_eq!(block_on(first), Ok(()));
    /// assert_eq!(block_on(second), Ok(()));
    /// assert!(queue.try_wait().is_pending());
    /// ```
    pub fn wake_all(&self) {
        event!(self, "wake_all");
        match self.word.wake_all() {
            Settle::Settled => {}
            Settle::Waiting => self.drain(Stage::Done),
        }
    }

    /// Closes the queue for good: every wait, now and later, gives [`Closed`].
    ///
    /// A future that has been woken before still completes with `Ok`. A stored wake-up is
    /// forgotten. O(n) in the number of waiters; the lock is released after each 16.
    ///
    /// # Panics
    ///
    /// If a waker panics; the other waiters have been woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitQueue;
    ///
    /// let queue = WaitQueue::new();
    /// let early = queue.wait();
    /// queue.close();
    /// assert!(block_on(early).is_err());
    /// assert!(block_on(queue.wait()).is_err());
    /// ```
    pub fn close(&self) {
        event!(self, "close");
        match self.word.close() {
            Settle::Settled => {}
            Settle::Waiting => self.drain(Stage::Closed),
        }
    }

    /// Whether [`close`](Self::close) has been called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.word.load().is_closed()
    }

    /// Creates a future that waits to be woken.
    ///
    /// It takes its place in the queue when it is first polled, or by [`Wait::subscribe`]. A
    /// [`wake_all`](Self::wake_all) counts from this call on.
    ///
    /// # Errors
    ///
    /// The future gives [`Closed`] if the queue is closed before it is woken.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place in the queue and nothing else: if [`wake`](Self::wake)
    /// has chosen it already, the next one is woken instead.
    #[inline]
    pub fn wait(&self) -> Wait<'_, Lock> {
        Wait::new(self)
    }

    /// Creates a future that waits to be woken and keeps the queue alive meanwhile.
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
    /// use pintle_sync::WaitQueue;
    ///
    /// let queue = Arc::new(WaitQueue::new());
    /// let wait = queue.wait_owned();
    /// let worker = thread::spawn(move || block_on(wait));
    /// queue.wake();
    /// worker.join().unwrap().expect("nobody closes this queue");
    /// ```
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub fn wait_owned(self: &Arc<Self>) -> WaitOwned<Lock> {
        WaitOwned::new(self)
    }

    /// Takes the stored wake-up, if there is one. Never waits.
    ///
    /// `Pending` says that a [`wait`](Self::wait) would have had to wait. There is no stored wake-up
    /// while others wait, so this does not overtake them. Lock-free.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the queue is closed.
    pub fn try_wait(&self) -> Poll<Result<(), Closed>> {
        self.word.take_permit()
    }

    /// Waits until `condition` holds, looking again after each wake-up.
    ///
    /// The task is queued before each look, so a change that is followed by a [`wake`](Self::wake)
    /// or [`wake_all`](Self::wake_all) is not missed.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the queue is closed and the condition does not hold.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place in the queue. A wake-up that it has not yet looked upon
    /// goes to the next. After a look that found nothing it queues up again at the end.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::sync::atomic::{AtomicUsize, Ordering::*};
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitQueue;
    ///
    /// static DONE: AtomicUsize = AtomicUsize::new(0);
    /// static CHANGED: WaitQueue = WaitQueue::new();
    ///
    /// for _ in 0..3 {
    ///     std::thread::spawn(|| {
    ///         DONE.fetch_add(1, Release);
    ///         CHANGED.wake_all();
    ///     });
    /// }
    /// block_on(CHANGED.wait_for(|| DONE.load(Acquire) == 3)).expect("nobody closes this queue");
    /// ```
    pub async fn wait_for<F: FnMut() -> bool>(&self, mut condition: F) -> Result<(), Closed> {
        self.wait_for_value(|| condition().then_some(())).await
    }

    /// Waits until `poll_value` gives a value, looking again after each wake-up.
    ///
    /// The task is queued before each look, so a change that is followed by a [`wake`](Self::wake)
    /// or [`wake_all`](Self::wake_all) is not missed.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the queue is closed and there is no value.
    ///
    /// # Cancellation
    ///
    /// As for [`wait_for`](Self::wait_for). No value is lost: it is returned by the poll that got
    /// it.
    pub async fn wait_for_value<T, F: FnMut() -> Option<T>>(
        &self,
        mut poll_value: F,
    ) -> Result<T, Closed> {
        loop {
            let mut wait = pin!(self.wait());
            // What it says is said again when it is awaited. A value counts for more.
            let _ = wait.as_mut().subscribe();
            if let Some(value) = poll_value() {
                return Ok(value);
            }
            wait.await?;
        }
    }

    /// [`wake`](Self::wake), where somebody waits or has just waited.
    #[inline(never)]
    fn wake_first(&self) {
        if let Some(waker) = self.waiters.with_lock(|waiters| self.wake_locked(waiters)) {
            waker.wake();
        }
    }

    /// Takes the first waiter off the ring, or stores a wake-up if there is none any more.
    #[inline(always)]
    fn wake_locked(&self, waiters: &mut Waiters) -> Option<Waker> {
        let Some(waker) = waiters.pop_front(Stage::Handed) else {
            // Not since the lock was taken. A `Waiting` state begins under it only, so this stores.
            let _ = self.word.store_permit();
            return None;
        };
        if waiters.is_empty() {
            self.word.end_waiting();
        }
        waker
    }

    /// Moves everybody who waits to `stage`, which is `Done` or `Closed`, and wakes them.
    fn drain(&self, stage: Stage) {
        let choose = |waiters: &mut Waiters| {
            let settle = match stage {
                Stage::Closed => self.word.close_locked(),
                _ => self.word.wake_all_locked(),
            };
            match settle {
                Settle::Settled => Waiters::new(),
                Settle::Waiting => waiters.take_all(),
            }
        };
        // SAFETY: the waiters are those of the lock.
        unsafe { Drain::run(&self.waiters, stage, choose) };
    }
}

impl<Lock: ScopedRawMutex + Default> Default for WaitQueue<Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(Lock::default())
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for WaitQueue<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitQueue")
            .field("word", &self.word.load())
            .finish_non_exhaustive()
    }
}

// `Send` and `Sync` come from the parts: the lock guards the ring, whose nodes are `Send` (see
// `Waiter`), so the queue is `Send` if the lock is, and `Sync` if the lock is.

// No user code runs under the lock or between two states, so a panic cannot be seen through the
// queue.
impl<Lock: ScopedRawMutex> UnwindSafe for WaitQueue<Lock> {}
impl<Lock: ScopedRawMutex> RefUnwindSafe for WaitQueue<Lock> {}
