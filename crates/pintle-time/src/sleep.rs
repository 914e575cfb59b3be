//! [`Sleep`]: the future of a deadline.

use core::cell::Cell;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use crate::Timer;
use crate::clock::{Clock, Instant, Ticks};
use crate::wheel::{Entry, Filing, Phase, WakerSlot};

/// A future that completes when its time has come.
///
/// Made by [`Timer::sleep`], [`Timer::sleep_until`], [`Timer::sleep_ticks`] and
/// [`sleep`](crate::sleep()). The time runs from there, not from the first poll.
///
/// - It holds its place in the timer within itself: no allocation, 72 bytes on 64-bit targets.
/// - It never completes early (see [`clock`](crate::clock) on rounding), and it completes when it
///   is polled after its deadline, even if nobody has turned the timer.
/// - It is fused: polled again, it stays ready.
/// - It can be [`reset`](Self::reset) at any time, before and after it has completed.
///
/// # Cancellation
///
/// Dropping a sleep takes it off the timer, in O(1); nothing else happens.
///
/// # Contexts
///
/// Polling, resetting and dropping a sleep that has been polled and has not completed, and the
/// first poll, take the timer's lock for O(1). So they may happen in an interrupt handler, or under
/// a critical section, if that lock may be taken there. Polling and resetting never run another
/// task's waker, except where a [`try_turn`](Timer::try_turn) has found the lock held and left its
/// work to us; dropping never does. All three may call the timer's [hook](Timer::with_hook).
///
/// # Examples
///
/// ```
/// # use std::{pin::pin, future::Future, task::{Context, Waker}};
/// use pintle_time::{Clock, Duration, Timer};
///
/// # static MILLIS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
/// # fn millis() -> u64 { MILLIS.load(std::sync::atomic::Ordering::Relaxed) }
/// # fn wait_10_millis() { MILLIS.fetch_add(10, std::sync::atomic::Ordering::Relaxed); }
/// static TIMER: Timer = Timer::new(Clock::new(Duration::from_millis(10), || millis() / 10));
///
/// # let mut cx = Context::from_waker(Waker::noop());
/// // Less than a tick, but the current tick has begun we do not know when: two ticks it is.
/// let mut sleep = pin!(TIMER.sleep(Duration::from_millis(9)));
/// assert!(sleep.as_mut().poll(&mut cx).is_pending());
/// wait_10_millis();
/// assert!(sleep.as_mut().poll(&mut cx).is_pending());
/// wait_10_millis();
/// assert!(sleep.as_mut().poll(&mut cx).is_ready());
/// ```
#[must_use = "futures do nothing unless they are polled"]
pub struct Sleep<'timer, Lock: ScopedRawMutex = DefaultMutex> {
    timer: &'timer Timer<Lock>,
    /// Written only by who has a `Pin<&mut Sleep>`.
    duration: Cell<Duration>,
    entry: Entry,
}

// SAFETY: the entry is what makes it neither, and the cell not `Sync`. What others can reach of the
// entry is reached under the timer's lock, or atomic (`Entry`'s invariants), its waker is `Send` and
// `Sync`, and the future needs the timer's lock from whichever thread it is on: `Lock: Sync`.
unsafe impl<Lock: ScopedRawMutex + Sync> Send for Sleep<'_, Lock> {}
// SAFETY: as above; by a shared reference one can read the entry's atomic phase, the deadline and
// the duration, which are written only by who has an exclusive one.
unsafe impl<Lock: ScopedRawMutex + Sync> Sync for Sleep<'_, Lock> {}

// === impl Sleep ===

impl<'timer, Lock: ScopedRawMutex> Sleep<'timer, Lock> {
    pub(crate) fn new(timer: &'timer Timer<Lock>, duration: Duration, deadline: Ticks) -> Self {
        Self {
            timer,
            duration: Cell::new(duration),
            entry: Entry::new(deadline),
        }
    }

    /// The same sleep with another deadline. It has not been polled: it would be pinned.
    pub(crate) fn replan(self, f: impl FnOnce(&Clock, Ticks) -> Ticks) -> Self {
        let deadline = f(self.timer.clock(), self.entry.deadline());
        Self::new(self.timer, self.duration.get(), deadline)
    }

    /// The duration that was asked for: at the last [`reset`](Self::reset), if there was one. If it
    /// was asked for by an [`Instant`], how long that was ahead.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration.get()
    }

    /// The moment from which on the sleep is over: its start plus its duration, rounded up to
    /// ticks of the timer's clock.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        Instant::from_start(self.timer.clock().ticks_to_duration(self.entry.deadline()))
    }

    /// Whether the sleep is over, so that polling it would return [`Poll::Ready`].
    #[must_use]
    pub fn is_elapsed(&self) -> bool {
        self.entry.phase() == Phase::Done || self.has_passed(self.timer.clock().now_ticks())
    }

    /// Sets another deadline, whatever state the sleep is in.
    ///
    /// The deadline is rounded up to ticks, as by [`Timer::sleep_until`].
    ///
    /// - A sleep that a task waits for goes on waiting, until the new deadline: its waker is kept,
    ///   and it need not be polled again. If the new deadline has passed already, the task is woken.
    /// - A sleep that has completed, or has not been polled yet, waits for the new deadline from its
    ///   next poll on.
    ///
    /// The task may be woken once more for the deadline before, where that was about to happen.
    ///
    /// O(1): reads the clock; if a task waits, takes the timer's lock once, and moves the sleep from
    /// one slot to another, or not at all if the slot is the same.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::{pin::pin, future::Future, task::{Context, Waker}};
    /// use pintle_time::{Clock, Duration, Timer};
    ///
    /// # static MILLIS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    /// # fn millis() -> u64 { MILLIS.load(std::sync::atomic::Ordering::Relaxed) }
    /// # fn wait_20_millis() { MILLIS.fetch_add(20, std::sync::atomic::Ordering::Relaxed); }
    /// static TIMER: Timer = Timer::new(Clock::new(Duration::from_millis(1), millis));
    ///
    /// # let mut cx = Context::from_waker(Waker::noop());
    /// let mut idle = pin!(TIMER.sleep(Duration::from_millis(30)));
    /// assert!(idle.as_mut().poll(&mut cx).is_pending());
    /// wait_20_millis();
    /// // Something has happened: idle from here on.
    /// idle.as_mut().reset(TIMER.now() + Duration::from_millis(30));
    /// wait_20_millis();
    /// assert_eq!(TIMER.turn().expired, 0);
    /// wait_20_millis();
    /// assert_eq!(TIMER.turn().expired, 1);
    /// ```
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let clock = self.timer.clock();
        let now = clock.now_ticks();
        let start = Instant::from_start(clock.ticks_to_duration(now));
        let ticks = clock.ticks_at(deadline);
        self.reset_at(deadline.duration_since(start), ticks, now);
    }

    /// Sets the deadline that a new sleep of `duration` would have, as [`reset`](Self::reset) does.
    ///
    /// # Panics
    ///
    /// If `duration` is longer than [`Timer::max_duration`].
    #[track_caller]
    pub fn reset_after(self: Pin<&mut Self>, duration: Duration) {
        let clock = self.timer.clock();
        let Some(ticks) = clock.ticks_to_cover(duration) else {
            let error = self.timer.too_long(duration);
            panic!("cannot sleep: {error}");
        };
        let now = clock.now_ticks();
        self.reset_at(duration, now.saturating_add(ticks), now);
    }

    /// Sets the deadline that a new sleep of so many `ticks` would have, as [`reset`](Self::reset)
    /// does.
    pub fn reset_ticks(self: Pin<&mut Self>, ticks: Ticks) {
        let clock = self.timer.clock();
        let now = clock.now_ticks();
        let duration = clock.ticks_to_duration(ticks);
        self.reset_at(duration, now.saturating_add(ticks), now);
    }

    /// Sets the deadline to a count of the clock, as [`reset`](Self::reset) does.
    pub(crate) fn reset_to(self: Pin<&mut Self>, deadline: Ticks) {
        let clock = self.timer.clock();
        let now = clock.now_ticks();
        let duration = clock.ticks_to_duration(deadline.saturating_sub(now));
        self.reset_at(duration, deadline, now);
    }

    fn reset_at(self: Pin<&mut Self>, duration: Duration, deadline: Ticks, now: Ticks) {
        // No `&mut` to an entry that a turn may be looking at.
        let this = self.into_ref();
        this.duration.set(duration);
        let was_armed = this.entry.phase() == Phase::Armed;
        if was_armed {
            let (filing, waker) = this.timer.with_wheel(now, |wheel| {
                // SAFETY: the entry is not idle, so it was given to this wheel; it is a part of us,
                // and we are its owner.
                let filing = unsafe { wheel.reset(this.entry(), deadline, now) };
                let waker = if filing == Some(Filing::Passed) {
                    // SAFETY: it was armed, is not in the wheel any more, and we hold the lock.
                    unsafe { Entry::disarm(this.entry()) }
                } else {
                    None
                };
                (filing, waker)
            });
            if let Some(filing) = filing {
                if let Some(waker) = waker {
                    waker.wake();
                }
                this.timer.after_arming(filing == Filing::Earliest);
                return;
            }
            // It has been fired: our waker has been or will be woken, and the next poll goes on.
            // Who has fired it did so under the lock that we have just held.
        }
        // SAFETY: we are the owner, and the entry is idle or done.
        unsafe { this.entry.rewind(deadline) };
        if was_armed {
            this.timer.after_arming(false);
        }
    }

    fn has_passed(&self, now: Ticks) -> bool {
        now >= self.entry.deadline()
    }

    fn entry(&self) -> NonNull<Entry> {
        NonNull::from(&self.entry)
    }

    /// The first poll.
    fn arm(self: Pin<&Self>, cx: &Context<'_>) -> Poll<()> {
        let now = self.timer.clock().now_ticks();
        if self.has_passed(now) {
            self.entry.finish_idle();
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let filed = self.timer.with_wheel(now, |wheel| {
            // SAFETY: the entry is idle, as the caller has checked, and belongs to this timer's
            // wheel alone. It is pinned, as we are, and `drop` does not return before it is done.
            match unsafe { wheel.insert(self.entry(), now) } {
                Filing::Passed => Err(waker),
                filing => {
                    // SAFETY: we hold the lock.
                    let none = unsafe { self.entry.waker().replace(waker) };
                    debug_assert!(none.is_none());
                    // Known to be nothing: no code for its drop, which must not run here.
                    core::mem::forget(none);
                    Ok(filing)
                }
            }
        });
        self.timer
            .after_arming(matches!(filed, Ok(Filing::Earliest)));
        match filed {
            Ok(_) => Poll::Pending,
            // A turn has seen the deadline since we read the clock. The waker goes here, outside
            // the lock.
            Err(_waker) => Poll::Ready(()),
        }
    }

    /// A later poll, while the entry was armed a moment ago.
    fn check(self: Pin<&Self>, cx: &Context<'_>) -> Poll<()> {
        if self.has_passed(self.timer.clock().now_ticks()) {
            self.disarm();
            return Poll::Ready(());
        }
        let same = self.if_armed(|slot| {
            // SAFETY: `if_armed` holds the lock.
            unsafe { slot.will_wake(cx.waker()) }
        });
        match same {
            None => Poll::Ready(()),
            Some(true) => Poll::Pending,
            Some(false) => self.renew(cx.waker().clone()),
        }
    }

    /// Exchanges the waker. Whichever is not needed goes here, outside the lock.
    fn renew(self: Pin<&Self>, waker: Waker) -> Poll<()> {
        let mut waker = Some(waker);
        let old = self.if_armed(|slot| {
            // SAFETY: `if_armed` holds the lock.
            waker
                .take()
                .and_then(|waker| unsafe { slot.replace(waker) })
        });
        match old {
            None => Poll::Ready(()),
            Some(_old) => Poll::Pending,
        }
    }

    /// Calls `f` under the lock if the entry is armed.
    fn if_armed<R>(&self, f: impl FnOnce(&WakerSlot) -> R) -> Option<R> {
        let result = self.timer.with_wheel(0, |_| {
            let entry = &self.entry;
            entry.is_armed().then(|| f(entry.waker()))
        });
        self.timer.remind();
        result
    }

    /// Takes the entry off the wheel if it is there. It is done afterwards.
    fn disarm(&self) {
        let waker = self.timer.with_wheel(0, |wheel| {
            // SAFETY: the callers have seen that the entry is not idle, so it was given to this
            // wheel, and it is a part of us.
            if unsafe { wheel.remove(self.entry()) } {
                // SAFETY: it was armed, is in no ring now, and we hold the lock.
                unsafe { Entry::disarm(self.entry()) }
            } else {
                None
            }
        });
        drop(waker);
        self.timer.remind();
    }
}

impl<Lock: ScopedRawMutex> Future for Sleep<'_, Lock> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // No `&mut` to an entry that a turn may be looking at.
        let this = self.into_ref();
        match this.entry.phase() {
            Phase::Idle => this.arm(cx),
            Phase::Armed => this.check(cx),
            Phase::Done => Poll::Ready(()),
        }
    }
}

impl<Lock: ScopedRawMutex> Drop for Sleep<'_, Lock> {
    fn drop(&mut self) {
        if self.entry.phase() == Phase::Armed {
            self.disarm();
        }
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for Sleep<'_, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("duration", &self.duration.get())
            .field("deadline", &self.deadline())
            .field("state", &self.entry.phase())
            .finish_non_exhaustive()
    }
}
