/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a wait may have ended without a wake: the outcome says why"]
#[non_exhaustive]
pub enum WaitOutcome {
    /// A wake ended it, or nothing did: waits may end spuriously, so look at the word again.
    Woken,
    /// The word did not hold the expected value, so the thread did not sleep.
    ///
    /// A platform that does not tell this from a wake reports [`Woken`](Self::Woken).
    Mismatch,
    /// The deadline has passed.
    TimedOut,
}

/// How many waiters a wake has ended the sleep of, where the platform tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WakeOutcome {
    /// That many; zero if nobody waited. Who [waits for several words](crate::wait_any) may be counted
    /// by a wake of each.
    Count(usize),
    /// The platform does not say.
    Unknown,
}
