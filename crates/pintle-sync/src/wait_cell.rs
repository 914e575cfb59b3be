//! A cell in which one task waits for an event: a [`WaitCell`].
//!
//! It holds one waker and one wake-up. A [`wake`](WaitCell::wake) that comes while nobody waits is
//! kept and ends the next wait at once; further ones until then are the same wake-up. That makes
//! the cell right for an interrupt and its driver, a task and its joiner, a producer and its
//! consumer. Where several tasks wait there is [`WaitQueue`](crate::WaitQueue).
//!
//! # States
//!
//! One word, of two independent parts. The first says who may touch the slot that holds the waker:
//!
//! ```text
//!               begin_register            finish_register
//!    ┌───────┐ ───────────────► ┌─────────────┐ ───────────────► ┌─────────┐
//!    │ Empty │                  │ Registering │                  │ Waiting │
//!    └───────┘ ◄─────────────── └─────────────┘ ◄─────────────── └─────────┘
//!        ▲        release (the wake-up or the      begin_register     │
//!        │        closing came in between)         (again, or a       │ wake, close
//!        │                                          displacing waker) ▼
//!        │                       release                         ┌────────┐
//!        └───────────────────────────────────────────────────────│ Taking │
//!                                                                └────────┘
//! ```
//!
//! The second says what the next poll finds:
//!
//! ```text
//!                    wake                        close
//!    ┌────────┐ ───────────────► ┌───────┐ ─────────────────► ┌────────┐
//!    │ (none) │                  │ WOKEN │                    │ CLOSED │ for good
//!    └────────┘ ◄─────────────── └───────┘                    └────────┘
//!         │          consume                                       ▲
//!         └────────────────────────────────────────────────────────┘
//! ```
//!
//! Who may do what:
//!
//! - `begin_register`, `finish_register`, `consume`: whoever polls, any thread.
//! - `wake`, `close`: anybody, interrupt handlers included.
//! - `release`: only who made the transition to `Registering` or `Taking`.
//!
//! # Invariants
//!
//! 1. In `Waiting` the slot holds a waker; in `Empty` it holds none.
//! 2. In `Registering` and `Taking` the slot belongs to the one who made that transition. No user
//!    code runs meanwhile: a waker is cloned before `Registering` and called or dropped after
//!    `release`.
//! 3. `Waiting` never goes together with `WOKEN` or `CLOSED`: a wake-up takes the waker with it.
//! 4. Nothing leads out of `CLOSED`, and it never goes together with `WOKEN`.
//!
//! # Concurrency
//!
//! Nobody waits for anybody. Who finds the slot in somebody else's hands does not touch it: a
//! wake-up is left in the word, where the registering task sees it before it goes to sleep, and a
//! poll reports [`PollWaitError::Busy`]. The scheme of two transitions round the slot is that of
//! futures' `AtomicWaker`; keeping the wake-up and closing are added to it.

mod error;
mod register;
mod slot;
mod state;
mod subscribe;
mod wait;

use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    task::{Context, Poll},
};

use pintle_core::const_fn;

pub use self::{error::PollWaitError, subscribe::Subscribe, wait::Wait};
use self::{
    register::Registered,
    slot::Slot,
    state::{AtomicState, Close, Consume, Wake},
};
use crate::{Closed, trace::event};

/// A cell in which one task waits until it is woken or the cell is closed.
///
/// One waker, one stored wake-up, three words, no lock and no allocation. See the
/// [module](self) for the states.
///
/// A second task that waits displaces the first, which is woken and so learns of it. Two tasks
/// that go on waiting on one cell displace each other for ever: use a
/// [`WaitQueue`](crate::WaitQueue) there.
///
/// # Memory order
///
/// What happened before a [`wake`](Self::wake) is visible after the wait that it ends, also when
/// several wake-ups have become one. What happened before [`close`](Self::close) is visible to
/// whoever gets [`Closed`].
///
/// # Contexts
///
/// Every method may be called from an interrupt handler, a critical section and a `Drop`: none
/// waits. [`wake`](Self::wake) and [`close`](Self::close) call the waker, so where they may be
/// called is up to the executor's waker as well.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::WaitCell;
///
/// static READY: WaitCell = WaitCell::new();
///
/// let interrupt = std::thread::spawn(|| READY.wake());
/// block_on(READY.wait()).expect("nobody closes this cell");
/// # interrupt.join().unwrap();
/// ```
pub struct WaitCell {
    state: AtomicState,
    slot: Slot,
}

// === impl WaitCell ===

impl WaitCell {
    const_fn! {
        /// Creates a cell in which nobody waits and no wake-up is stored.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                state: AtomicState::new(),
                slot: Slot::new(),
            }
        }
    }

    /// Takes a stored wake-up, or registers the waker of `cx` for the next one.
    ///
    /// This is what [`wait`](Self::wait) is made of, for hand-written futures. Registering the
    /// waker that is registered already does nothing; registering another one wakes the one that
    /// it displaces. Polling again without a wake-up never completes.
    ///
    /// # Errors
    ///
    /// - [`PollWaitError::Closed`]: the cell is closed.
    /// - [`PollWaitError::Busy`]: at this very moment another task registers, or a wake-up takes
    ///   the waker out. **Nothing was registered**; the caller tries again, for example after
    ///   waking itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::task::{Context, Poll, Waker};
    /// use pintle_sync::WaitCell;
    ///
    /// let cell = WaitCell::new();
    /// let mut cx = Context::from_waker(Waker::noop());
    ///
    /// assert_eq!(cell.poll_wait(&mut cx), Poll::Pending);
    /// assert!(cell.wake());
    /// assert_eq!(cell.poll_wait(&mut cx), Poll::Ready(Ok(())));
    /// assert_eq!(cell.poll_wait(&mut cx), Poll::Pending);
    /// ```
    #[inline]
    pub fn poll_wait(&self, cx: &mut Context<'_>) -> Poll<Result<(), PollWaitError>> {
        // The two polls of a wait that nothing disturbs; all else is kept out of their way.
        if self.state.load().is_vacant() {
            if let Registered::Waiting = self.put(cx.waker().clone()) {
                return Poll::Pending;
            }
        } else if self.state.try_consume() == Consume::Consumed {
            return Poll::Ready(Ok(()));
        }
        self.poll_disturbed(cx)
    }

    /// Waits for a wake-up.
    ///
    /// Nothing is registered before the first poll. A wake-up between this call and that poll is
    /// kept by the cell, so none is missed; see [`subscribe`](Self::subscribe) for registering
    /// at a known point.
    ///
    /// # Errors
    ///
    /// The future gives [`Closed`] if the cell is closed.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no wake-up: one that came stays in the cell for the next wait.
    /// The waker stays registered until it is woken or displaced, or the cell is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitCell;
    ///
    /// let cell = WaitCell::new();
    /// cell.wake();
    /// assert_eq!(block_on(cell.wait()), Ok(()));
    /// ```
    pub fn wait(&self) -> Wait<'_> {
        Wait::new(self)
    }

    /// Registers the current task now, and gives the future that waits.
    ///
    /// For what must be armed between the two: after `.await` on the subscription an interrupt may
    /// be enabled, and its wake-up calls this task's waker.
    ///
    /// # Cancellation
    ///
    /// As for [`wait`](Self::wait): nothing is lost. A stored wake-up is not consumed here but by
    /// the [`Wait`].
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitCell;
    ///
    /// let cell = WaitCell::new();
    /// block_on(async {
    ///     let wait = cell.subscribe().await;
    ///     // Enable the interrupt here. This one comes at once:
    ///     assert!(cell.wake(), "this task is registered");
    ///     wait.await
    /// })
    /// .expect("nobody closes this cell");
    /// ```
    pub fn subscribe(&self) -> Subscribe<'_> {
        Subscribe::new(self)
    }

    /// Wakes the waiting task, or stores the wake-up for the next wait.
    ///
    /// Returns whether a waker was called. On a closed cell it does nothing.
    ///
    /// Wait-free but for retries that somebody else's progress forces.
    #[inline]
    pub fn wake(&self) -> bool {
        event!(self, "wake");
        match self.state.wake() {
            Wake::Take => {
                self.take_and_wake();
                true
            }
            Wake::Stored | Wake::Closed => false,
        }
    }

    /// Closes the cell for good: every wait, now and later, gives [`Closed`].
    ///
    /// A stored wake-up is forgotten. Returns whether a waker was called.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitCell;
    ///
    /// let cell = WaitCell::new();
    /// cell.close();
    /// assert!(cell.is_closed());
    /// assert!(block_on(cell.wait()).is_err());
    /// ```
    pub fn close(&self) -> bool {
        event!(self, "close");
        match self.state.close() {
            Close::Take => {
                self.take_and_wake();
                true
            }
            Close::Closed | Close::AlreadyClosed => false,
        }
    }

    /// Whether [`close`](Self::close) has been called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state.load().is_closed()
    }

    /// Waits until `condition` holds, looking again after each wake-up.
    ///
    /// The task is registered before each look, so a change that is followed by a
    /// [`wake`](Self::wake) is not missed.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the cell is closed and the condition does not hold.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no wake-up, except one that has been consumed in order to look.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::sync::atomic::{AtomicUsize, Ordering::*};
    /// use futures::executor::block_on;
    /// use pintle_sync::WaitCell;
    ///
    /// static BYTES: AtomicUsize = AtomicUsize::new(0);
    /// static RECEIVED: WaitCell = WaitCell::new();
    ///
    /// let device = std::thread::spawn(|| {
    ///     for _ in 0..64 {
    ///         BYTES.fetch_add(1, Release);
    ///         RECEIVED.wake();
    ///     }
    /// });
    /// block_on(RECEIVED.wait_for(|| BYTES.load(Acquire) >= 64)).expect("nobody closes this cell");
    /// # device.join().unwrap();
    /// ```
    pub async fn wait_for<F: FnMut() -> bool>(&self, mut condition: F) -> Result<(), Closed> {
        self.wait_for_value(|| condition().then_some(())).await
    }

    /// Waits until `poll_value` gives a value, looking again after each wake-up.
    ///
    /// The task is registered before each look, so a change that is followed by a
    /// [`wake`](Self::wake) is not missed.
    ///
    /// # Errors
    ///
    /// [`Closed`] if the cell is closed and there is no value.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no wake-up, except one that has been consumed in order to look. No
    /// value is lost: it is returned by the poll that got it.
    pub async fn wait_for_value<T, F: FnMut() -> Option<T>>(
        &self,
        mut poll_value: F,
    ) -> Result<T, Closed> {
        loop {
            let wait = self.subscribe().await;
            if let Some(value) = poll_value() {
                return Ok(value);
            }
            wait.await?;
        }
    }

    /// [`poll_wait`](Self::poll_wait), whatever is the matter.
    #[cold]
    #[inline(never)]
    fn poll_disturbed(&self, cx: &mut Context<'_>) -> Poll<Result<(), PollWaitError>> {
        loop {
            match self.register(cx.waker()) {
                Registered::Waiting => return Poll::Pending,
                Registered::Woken => match self.state.consume() {
                    Consume::Consumed => return Poll::Ready(Ok(())),
                    Consume::Closed => return Poll::Ready(Err(PollWaitError::Closed)),
                    // Another poll was faster; this one has yet to wait.
                    Consume::Nothing => {}
                },
                Registered::Closed => return Poll::Ready(Err(PollWaitError::Closed)),
                Registered::Busy => return Poll::Ready(Err(PollWaitError::Busy)),
            }
        }
    }

    /// Ends a `wake` or `close` that has found a waker.
    #[inline]
    fn take_and_wake(&self) {
        // SAFETY: the transition from `Waiting` to `Taking` gave this thread the slot (invariant 2)
        // with a waker in it (invariant 1).
        let waker = unsafe { self.slot.take() };
        self.state.release();
        waker.wake();
    }

    /// What a future does that found the slot [`Busy`](PollWaitError::Busy): it asks for another
    /// poll.
    #[cold]
    fn poll_again(cx: &Context<'_>) {
        // In a model this is also what lets the other one go on.
        pintle_core::hint::spin_loop();
        cx.waker().wake_by_ref();
    }
}

impl Default for WaitCell {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for WaitCell {
    /// Closes the cell: a task that is still registered is woken.
    fn drop(&mut self) {
        // Nobody waits, and nobody can come: there is nothing to close.
        if !self.state.load().is_vacant() {
            self.close();
        }
    }
}

impl fmt::Debug for WaitCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitCell")
            .field("state", &self.state.load())
            .finish_non_exhaustive()
    }
}

// SAFETY: the cell owns a `Waker`, which is `Send`, and nothing tied to a thread.
unsafe impl Send for WaitCell {}

// SAFETY: through a shared reference the waker in the slot is touched only by the thread to which a
// transition of the state word gave the slot (invariant 2), and those transitions synchronize.
// `Waker` is `Sync` as well as `Send`, so that it may be compared on one thread and called on another.
unsafe impl Sync for WaitCell {}

// No user code runs between two states of the cell, so a panic cannot be seen through it.
impl UnwindSafe for WaitCell {}
impl RefUnwindSafe for WaitCell {}
