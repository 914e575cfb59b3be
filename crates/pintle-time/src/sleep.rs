//! [`Sleep`]: the future of a deadline.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll};
use core::time::Duration;

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use crate::Timer;
use crate::clock::{Instant, Ticks};
use crate::wheel::{Entry, Phase, Renewal};

/// A future that completes when its time has come.
///
/// Made by [`Timer::sleep`], [`Timer::sleep_ticks`] and [`sleep`](crate::sleep()). The time runs
/// from there, not from the first poll.
///
/// - It holds its place in the timer within itself: no allocation, 72 bytes on 64-bit targets.
/// - It never completes early (see [`clock`](crate::clock) on rounding), and it completes when it
///   is polled after its deadline, even if nobody has turned the timer.
/// - It is fused: polled again, it stays ready.
///
/// # Cancellation
///
/// Dropping a sleep takes it off the timer, in O(1); nothing else happens. To start anew, make
/// another.
///
/// # Contexts
///
/// The first poll, a poll with another waker, and dropping a sleep that has not completed take the
/// timer's lock for O(1). So they may happen in an interrupt handler, or under a critical section,
/// if that lock may be taken there. Polling never runs another task's waker, except where a
/// [`try_turn`](Timer::try_turn) has found the lock held and left its work to us; dropping never
/// does.
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
    duration: Duration,
    entry: Entry,
}

// SAFETY: the entry is what makes it neither. What others can reach of it is reached under the
// timer's lock, or atomic (`Entry`'s invariants), its waker is `Send` and `Sync`, and the future
// needs the timer's lock from whichever thread it is on: `Lock: Sync`.
unsafe impl<Lock: ScopedRawMutex + Sync> Send for Sleep<'_, Lock> {}
// SAFETY: as above; a shared reference gives access to constants and to the entry's atomic phase.
unsafe impl<Lock: ScopedRawMutex + Sync> Sync for Sleep<'_, Lock> {}

// === impl Sleep ===

impl<'timer, Lock: ScopedRawMutex> Sleep<'timer, Lock> {
    pub(crate) fn new(timer: &'timer Timer<Lock>, duration: Duration, deadline: Ticks) -> Self {
        Self {
            timer,
            duration,
            entry: Entry::new(deadline),
        }
    }

    /// The duration that was asked for.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
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
        self.entry.phase() == Phase::Done || self.has_passed()
    }

    fn has_passed(&self) -> bool {
        self.timer.clock().now_ticks() >= self.entry.deadline()
    }

    fn entry(&self) -> NonNull<Entry> {
        NonNull::from(&self.entry)
    }

    /// The first poll.
    fn arm(self: Pin<&Self>, cx: &Context<'_>) -> Poll<()> {
        if self.has_passed() {
            self.entry.finish_idle();
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let inserted = self.timer.wheel.with_lock(|wheel| {
            // SAFETY: the entry is idle, as the caller has checked, and belongs to this timer's
            // wheel alone. It is pinned, as we are, and `drop` does not return before it is done.
            unsafe { wheel.insert(self.entry(), waker) }
        });
        match inserted {
            Ok(()) => {
                self.timer.pay();
                Poll::Pending
            }
            // A turn has seen the deadline since we read the clock. The waker goes here, outside
            // the lock.
            Err(_waker) => Poll::Ready(()),
        }
    }

    /// A later poll, while the entry was armed a moment ago.
    fn check(self: Pin<&Self>, cx: &Context<'_>) -> Poll<()> {
        if self.has_passed() {
            self.disarm();
            return Poll::Ready(());
        }
        // SAFETY: we hold the lock of the only wheel that this entry is given to.
        let renewal = self
            .timer
            .wheel
            .with_lock(|_| unsafe { self.entry.renewal(cx.waker()) });
        match renewal {
            Renewal::Same => Poll::Pending,
            Renewal::Done => Poll::Ready(()),
            Renewal::Changed => {
                let waker = cx.waker().clone();
                // SAFETY: as above.
                let renewed = self
                    .timer
                    .wheel
                    .with_lock(|_| unsafe { self.entry.renew(waker) });
                // Either way a waker comes back, and goes here, outside the lock.
                match renewed {
                    Ok(_old) => Poll::Pending,
                    Err(_unused) => Poll::Ready(()),
                }
            }
        }
    }

    /// Takes the entry off the wheel if it is there. It is done afterwards.
    fn disarm(&self) {
        let waker = self.timer.wheel.with_lock(|wheel| {
            // SAFETY: the callers have seen that the entry is not idle, so it was given to this
            // wheel, and it is a part of us.
            unsafe { wheel.remove(self.entry()) }
        });
        drop(waker);
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
            .field("duration", &self.duration)
            .field("deadline", &self.deadline())
            .field("state", &self.entry.phase())
            .finish_non_exhaustive()
    }
}
