//! Slack: deadlines that may slip, so that many of them share one wake-up.
//!
//! A housekeeping task that runs once a minute does not care for milliseconds; yet each such sleep
//! with a deadline of its own wakes the processor once. Who grants a sleep *slack* says that it may
//! end anywhere in `[deadline, deadline + slack]`, and the sleep then ends at the **coarsest
//! boundary** in that window: the count in it that is a multiple of the highest power of two.
//!
//! ```text
//!  count         96        104        112        120        128        136
//!                 ├─────────┼──────────┼──────────┼──────────┼──────────┤
//!  a: 99 + 8        ╟────────╢ 104
//!  b: 101 + 40        ╟──────────────────────────────────────╢ 128
//!  c: 127 + 5                                               ╟──────╢ 128
//!  d: 115 + 30                        ╟────────────────────────────────╢ 128
//! ```
//!
//! No sleep has to know of another. A window that is at least `2ⁿ` ticks long has a multiple of `2ⁿ`
//! in it, so sleeps with such windows meet at the same few boundaries: within any `2ⁿ` ticks they
//! cause one wake-up or two, however many there are. And the coarser a boundary, the likelier
//! it is that others, with more slack or less, end there too.
//!
//! That sleeps may be late by a range rather than by nothing is the idea of Linux' timer slack and
//! of its hrtimers' ranges (A. van de Ven, 2008), where an expiry takes along whatever is in its
//! range already. That each deadline goes to the roundest number of its range, when it is set and
//! without a look at others, is what `apply_slack` did for Linux' timer wheel, from 2.6.35 until that
//! wheel was rewritten.

use core::time::Duration;

use pintle_lock::blocking::ScopedRawMutex;

use crate::clock::Ticks;
use crate::{Sleep, Timeout};

impl<Lock: ScopedRawMutex> Sleep<'_, Lock> {
    /// Lets the sleep be late by up to `slack`, so that it shares its wake-up with others.
    ///
    /// It ends at the roundest count of the clock, the one that is a multiple of the highest power
    /// of two, from its deadline to `slack` after that. Sleeps that grant slack meet at such
    /// counts without knowing of each other: however many sleeps with a second's slack there are,
    /// they wake the processor at most about twice a second. It never ends early, and its task is woken
    /// in the first turn that begins at or after the count chosen, as ever. The slack is rounded
    /// down to ticks.
    ///
    /// [`deadline`](Self::deadline) then is the moment that was chosen. A [`reset`](Self::reset) is
    /// to the deadline that it is given, without slack.
    ///
    /// O(1), a handful of instructions.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_time::{Duration, Timer, clock::ManualClock};
    ///
    /// const MS: Duration = Duration::from_millis(1);
    /// static CLOCK: ManualClock = ManualClock::new(MS);
    /// static TIMER: Timer = Timer::new(CLOCK.clock());
    ///
    /// let start = TIMER.now();
    /// let flush = TIMER.sleep(900 * MS).slack(200 * MS);
    /// let report = TIMER.sleep(1000 * MS).slack(100 * MS);
    /// let ping = TIMER.sleep(1020 * MS).slack(50 * MS);
    /// for sleep in [flush, report, ping] {
    ///     assert_eq!(sleep.deadline() - start, 1024 * MS);
    /// }
    /// ```
    pub fn slack(self, slack: Duration) -> Self {
        self.replan(|clock, deadline| coalesce(deadline, clock.ticks_within(slack)))
    }
}

impl<F, Lock: ScopedRawMutex> Timeout<'_, F, Lock> {
    /// Lets the time be over later, by up to `slack`, so that it shares its wake-up with others: see
    /// [`Sleep::slack`].
    ///
    /// Right for nearly every timeout, as most are cancelled, and nobody knows to the millisecond how
    /// long too long is.
    pub fn slack(self, slack: Duration) -> Self {
        self.replan(|sleep| sleep.slack(slack))
    }
}

/// The count in `[deadline, deadline + slack]` that is a multiple of the highest power of two.
pub(crate) const fn coalesce(deadline: Ticks, slack: Ticks) -> Ticks {
    let latest = deadline.saturating_add(slack);
    // Zero is a multiple of every power, and over at once.
    let Some(before) = deadline.checked_sub(1) else {
        return deadline;
    };
    // The highest bit that the count before the window does not have, and the last one in it has:
    // below it, all may be zero; it cannot be zero itself, or we were before the window.
    let bit = (before ^ latest).ilog2();
    latest & Ticks::MAX << bit
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn examples() {
        assert_eq!(coalesce(99, 8), 104);
        assert_eq!(coalesce(101, 40), 128);
        assert_eq!(coalesce(127, 5), 128);
        assert_eq!(coalesce(115, 30), 128);
        assert_eq!(coalesce(0, 1000), 0);
        assert_eq!(coalesce(7, 0), 7);
        assert_eq!(coalesce(128, 5), 128);
        assert_eq!(coalesce(u64::MAX, 5), u64::MAX);
        assert_eq!(coalesce(1, u64::MAX), 1 << 63);
    }

    proptest! {
        /// Within the window, and nothing in the window is rounder.
        #[test]
        fn the_roundest_of_the_window(
            deadline in prop_oneof![1..1000_u64, 1..1_u64 << 40],
            slack in prop_oneof![0..10_u64, 0..5000_u64],
        ) {
            let chosen = coalesce(deadline, slack);
            prop_assert!((deadline..=deadline + slack).contains(&chosen));
            let roundest = (deadline..=deadline + slack).map(u64::trailing_zeros).max();
            prop_assert_eq!(Some(chosen.trailing_zeros()), roundest);
        }

        #[test]
        fn at_the_ends(deadline: u64, slack: u64) {
            let chosen = coalesce(deadline, slack);
            prop_assert!(deadline <= chosen && chosen <= deadline.saturating_add(slack));
        }

        /// However many there are: sleeps of slack `2ⁿ` and more meet at the multiples of `2ⁿ`.
        #[test]
        fn few_wake_ups(
            deadlines in proptest::collection::vec((1..100_000_u64, 0..3000_u64), 1..2000),
        ) {
            let least = 1024;
            let wakes: BTreeSet<_> = deadlines
                .iter()
                .map(|(deadline, more)| coalesce(*deadline, least + more))
                .collect();
            prop_assert!(wakes.iter().all(|wake| wake % least == 0));
            let span: Vec<_> = deadlines.iter().map(|(deadline, _)| *deadline).collect();
            let span = span.iter().max().unwrap() - span.iter().min().unwrap();
            prop_assert!(wakes.len() as u64 <= (span + least + 3000) / least + 1);
        }
    }
}
