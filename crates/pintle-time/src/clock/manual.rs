//! [`ManualClock`]: time for tests.

use core::fmt;
use core::future::Future;
use core::pin::pin;
use core::ptr;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use core::time::Duration;

use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Release},
};
use pintle_core::const_fn;
use pintle_lock::blocking::{Mutex, ScopedRawMutex};

use super::{Clock, Counter, Ticks};
use crate::{Timer, Turn};

/// A clock whose time goes on as a test says: by [`advance`](Self::advance) and
/// [`set`](Self::set), or by itself from one deadline to the next, in [`run`](Self::run).
///
/// It is a value, not a mode of the process: each test has its own in a `static` within the test,
/// and tests run in parallel.
///
/// # Auto-advance
///
/// [`run`](Self::run) drives a future, and whenever that has nothing to do, jumps to the timer's
/// next deadline: a test of an hour's worth of timeouts takes no time, and each sleep ends exactly
/// at its deadline. A test that has a scheduler of its own does the same by calling
/// [`advance_to_next`](Self::advance_to_next) where it would idle.
///
/// ```
/// use pintle_time::{Duration, Timer, clock::ManualClock};
///
/// static CLOCK: ManualClock = ManualClock::new(Duration::from_millis(1));
/// static TIMER: Timer = Timer::new(CLOCK.clock());
///
/// let start = TIMER.now();
/// CLOCK.run(&TIMER, async {
///     for _ in 0..1000 {
///         TIMER.sleep(Duration::from_secs(3600)).await;
///     }
/// });
/// assert!(TIMER.now() - start >= Duration::from_secs(3_600_000));
/// ```
///
/// # Pause and resume
///
/// A clock made by [`over`](Self::over) follows another clock while it is not paused. Like every
/// `ManualClock`, it begins paused, at zero.
///
/// # Contexts
///
/// Reading it takes a [`DefaultMutex`](pintle_lock::blocking::DefaultMutex), so interrupt handlers may read it where they may take that.
pub struct ManualClock {
    /// What it follows while it is not paused.
    source: Clock,
    state: Mutex<State>,
    /// How often the wakers of `run` were woken.
    wakes: AtomicUsize,
}

struct State {
    /// The count, at the time when ...
    count: Ticks,
    /// ... the source showed this; or now, if there is none, and the clock is paused.
    since: Option<Ticks>,
}

// === impl ManualClock ===

impl ManualClock {
    const_fn! {
        /// A clock at zero that counts ticks of `tick_duration`, and stands still unless told.
        ///
        /// # Panics
        ///
        /// As [`Clock::new`] does.
        #[must_use]
        pub const fn new(tick_duration: Duration) -> Self {
            Self::over(Clock::new(tick_duration, || 0))
        }
    }

    const_fn! {
        /// A clock at zero that follows `source`, and counts in its ticks, from when it is
        /// [resumed](Self::resume).
        ///
        /// `source` is read under the lock of this clock.
        #[must_use]
        pub const fn over(source: Clock) -> Self {
            Self {
                source,
                state: Mutex::new(State { count: 0, since: None }),
                wakes: AtomicUsize::new(0),
            }
        }
    }

    /// The [`Clock`] to make a timer from.
    #[must_use]
    pub const fn clock(&'static self) -> Clock {
        Clock::over(self.source.tick_duration(), self).named("ManualClock")
    }

    /// The count.
    #[must_use]
    pub fn now_ticks(&self) -> Ticks {
        self.state
            .with_lock(|state| state.now(self.source.now_ticks()))
    }

    /// Moves the time on by `duration`, rounded down to ticks, as a clock's count is.
    ///
    /// It wakes nobody: that is done by the next [`turn`](Timer::turn). At [`u64::MAX`] the time
    /// stands still.
    pub fn advance(&self, duration: Duration) {
        self.advance_ticks(self.source.ticks_within(duration));
    }

    /// Moves the time on by `ticks`. At [`u64::MAX`] it stands still.
    pub fn advance_ticks(&self, ticks: Ticks) {
        self.change(|now| now.saturating_add(ticks));
    }

    /// Sets the count.
    ///
    /// It may be set back, which a clock [must not
    /// do](Clock#the-count-must-not-go-backwards): to try what happens then.
    pub fn set(&self, ticks: Ticks) {
        self.change(|_| ticks);
    }

    /// Lets the time stand still until it is [resumed](Self::resume). It may still be advanced.
    pub fn pause(&self) {
        self.move_on(|state, now, _| {
            *state = State {
                count: now,
                since: None,
            }
        });
    }

    /// Lets the time go on as the source's does. Nothing changes for a clock that has none.
    pub fn resume(&self) {
        self.move_on(|state, now, shown| {
            *state = State {
                count: now,
                since: Some(shown),
            };
        });
    }

    /// Whether the time stands still.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.state.with_lock(|state| state.since.is_none())
    }

    /// Jumps to the earliest deadline of `timer`, a timer over this clock, and turns it. `None`,
    /// and nothing happens, if no sleep is left.
    ///
    /// The time never goes back: a deadline that has passed is just served.
    ///
    /// # Panics
    ///
    /// If `timer` goes by another clock.
    #[track_caller]
    pub fn advance_to_next<Lock: ScopedRawMutex>(&self, timer: &Timer<Lock>) -> Option<Turn> {
        let next = timer.next_deadline()?;
        let ticks = if next.since_start() == Duration::MAX {
            // Too late to be told as an instant.
            Ticks::MAX
        } else {
            self.source.ticks_at(next)
        };
        self.change(|now| now.max(ticks));
        assert!(
            timer.now() >= next,
            "the timer goes by another clock than this one"
        );
        Some(timer.turn())
    }

    /// Drives `future` to its end on this thread. Whenever it waits, the time jumps to the earliest
    /// deadline of `timer`.
    ///
    /// # Panics
    ///
    /// If `future` waits, has not been woken, and no sleep is left that could wake it: it would
    /// wait for ever. (For another thread it does not wait.) If `timer` goes by another clock.
    #[track_caller]
    pub fn run<F: Future, Lock: ScopedRawMutex>(
        &'static self,
        timer: &Timer<Lock>,
        future: F,
    ) -> F::Output {
        let mut future = pin!(future);
        let waker = self.waker();
        let mut cx = Context::from_waker(&waker);
        loop {
            let seen = self.wakes.load(Acquire);
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            // Acquire pairs with the Release in `wake`: we see what the future was woken for.
            while self.wakes.load(Acquire) == seen {
                assert!(
                    self.advance_to_next(timer).is_some(),
                    "the future waits, and there is no sleep left to wake it"
                );
            }
        }
    }

    fn change(&self, f: impl FnOnce(Ticks) -> Ticks) {
        self.move_on(|state, now, shown| {
            *state = State {
                count: f(now),
                since: state.since.map(|_| shown),
            };
        });
    }

    /// Calls `f` with the count, and with what the source shows at that moment: it is read once, so
    /// that nothing is lost between two readings.
    fn move_on(&self, f: impl FnOnce(&mut State, Ticks, Ticks)) {
        self.state.with_lock(|state| {
            let shown = self.source.now_ticks();
            let now = state.now(shown);
            f(state, now, shown);
        });
    }

    fn waker(&'static self) -> Waker {
        // SAFETY: the functions keep the contract: they may be called on any thread, as
        // `ManualClock` is `Sync`; the data is a `&'static ManualClock`, of which a copy is a clone
        // and which needs no drop.
        unsafe { Waker::new(ptr::from_ref(self).cast(), &VTABLE) }
    }
}

static VTABLE: RawWakerVTable =
    RawWakerVTable::new(|this| RawWaker::new(this, &VTABLE), wake, wake, |_| ());

/// # Safety
///
/// `this` comes from [`ManualClock::waker`].
unsafe fn wake(this: *const ()) {
    // SAFETY: it was made from a `&'static ManualClock`.
    let this = unsafe { &*this.cast::<ManualClock>() };
    // Release pairs with the Acquire in `run`.
    this.wakes.fetch_add(1, Release);
}

impl Counter for ManualClock {
    fn now_ticks(&self) -> Ticks {
        Self::now_ticks(self)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock")
            .field("now", &self.now_ticks())
            .field("tick_duration", &self.source.tick_duration())
            .field("paused", &self.is_paused())
            .finish_non_exhaustive()
    }
}

// === impl State ===

impl State {
    /// The count, when the source shows `shown`.
    fn now(&self, shown: Ticks) -> Ticks {
        let passed = self.since.map_or(0, |since| shown.saturating_sub(since));
        self.count.saturating_add(passed)
    }
}
