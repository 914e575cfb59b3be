use super::{WakeOutcome, sized, wake};
use crate::sys;
use pintle_core::atomic::{AtomicU32, Ordering::Relaxed};

/// What a requeue has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequeueOutcome {
    /// The word did not hold the expected value, and nothing was done.
    Mismatch,
    /// So many were woken and moved.
    Count {
        /// Threads whose sleep has ended.
        woken: usize,
        /// Threads that sleep on, and wait for a wake of the other word now.
        requeued: usize,
    },
    /// The platform does not say.
    Unknown,
}

/// If `from` holds `expected`, ends the sleep of up to `wake` threads that wait on it, and makes up
/// to `requeue` of the others wait on `to` instead.
///
/// It is what "wake all" of a condition variable is made of: one thread is woken, and the others
/// wait for the lock that it is about to take, instead of all running into it. Those that are moved
/// return from their wait on `from` when `to` is woken, or at their deadline.
///
/// Linux moves them; comparing and moving are one step for who waits and wakes. **Elsewhere those
/// that were to be moved are woken**, which for them is a spurious wake-up; the comparison then is
/// a plain load before it.
///
/// `to` is an address and is not followed; `from` is compared. A signal handler may call it, as
/// [`wake_one`](crate::wake_one).
///
/// # References
///
/// [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html), `FUTEX_CMP_REQUEUE` (private).
///
/// # Examples
///
/// ```
/// use pintle_park::{RequeueOutcome, requeue};
/// use std::sync::atomic::AtomicU32;
///
/// let (signals, lock) = (AtomicU32::new(7), AtomicU32::new(0));
/// assert_eq!(requeue(&signals, 6, &lock, 1, usize::MAX), RequeueOutcome::Mismatch);
/// // Nobody waits.
/// assert_ne!(requeue(&signals, 7, &lock, 1, usize::MAX), RequeueOutcome::Mismatch);
/// ```
pub fn requeue(
    from: &AtomicU32,
    expected: u32,
    to: *const AtomicU32,
    wake: usize,
    requeue: usize,
) -> RequeueOutcome {
    let all = wake.saturating_add(requeue);
    match sys::requeue(from, expected, to, wake, requeue) {
        None if from.load(Relaxed) != expected => RequeueOutcome::Mismatch,
        None => outcome(self::wake(from, all)),
        Some(RequeueOutcome::Count { woken, requeued }) => RequeueOutcome::Count {
            // Who waits for this word and others in the table is not moved, but woken.
            woken: woken + sized::wake_in_table(from, all - woken - requeued),
            requeued,
        },
        Some(other) => other,
    }
}

fn outcome(wake: WakeOutcome) -> RequeueOutcome {
    match wake {
        WakeOutcome::Count(woken) => RequeueOutcome::Count { woken, requeued: 0 },
        WakeOutcome::Unknown => RequeueOutcome::Unknown,
    }
}
