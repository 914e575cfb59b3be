//! [`MissedTickBehavior`].

use core::time::Duration;

use super::saturating_add;
use crate::Instant;

/// What an [`Interval`](super::Interval) does when a tick was missed.
///
/// A tick is missed if its task took it more than 5 ms late, or more than a quarter of the period
/// if that is less. (tokio knows the 5 ms only, as its clock does no less than a millisecond.) Late
/// is what comes after the first count of the clock at which the tick could be taken.
///
/// ```text
///  period         │         │         │         │         │         │         │
///  due            0         1         2         3         4         5         6
///  the task       ■         ■■■■■■■■■■■■■■■■■■■■■■■■■
///  Burst          0         1                        2 3 4 5        6
///  Delay          0         1                        2         3         4
///  Skip           0         1                        2    3         4         5
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissedTickBehavior {
    /// Missed ticks are made up for, one right after the other, until the interval is in time
    /// again. No tick is lost: right where each stands for a piece of work.
    #[default]
    Burst,
    /// The next tick comes one period after the late one was taken, and the others after that. Two
    /// ticks are never much closer than a period.
    Delay,
    /// Missed ticks are skipped, and the next comes at the next multiple of the period. Ticks
    /// keep to the beat: right for what samples or shows something.
    Skip,
}

// === impl MissedTickBehavior ===

impl MissedTickBehavior {
    const TOLERANCE: Duration = Duration::from_millis(5);

    /// Whether a tick that was to be taken at `expected` and is taken `now` counts as missed.
    pub(super) fn is_missed(expected: Instant, now: Instant, period: Duration) -> bool {
        now - expected > Self::TOLERANCE.min(period / 4)
    }

    /// When the tick comes that follows one that was due at `due` and is missed.
    pub(super) fn next(self, due: Instant, now: Instant, period: Duration) -> Instant {
        match self {
            Self::Burst => saturating_add(due, period),
            Self::Delay => saturating_add(now, period),
            Self::Skip => {
                let late = (now - due).as_nanos() % period.as_nanos();
                // The remainder is less than the period, so it is a duration.
                let secs = (late / 1_000_000_000) as u64;
                let late = Duration::new(secs, (late % 1_000_000_000) as u32);
                saturating_add(now, period - late)
            }
        }
    }
}
