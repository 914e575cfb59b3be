use crate::hint;

/// Exponential backoff for spin loops: waits twice as long each time, up to a bound.
///
/// Waiting longer each time takes pressure off the contended cache line while somebody else
/// makes progress. It never sleeps and never yields to an operating system, so it may be used
/// in an interrupt handler; a loop that can wait long should park instead.
///
/// Source of the technique: T. E. Anderson, "The performance of spin lock alternatives for
/// shared-memory multiprocessors", 1990.
///
/// # Examples
///
/// ```
/// use pintle_core::Backoff;
/// use pintle_core::atomic::{AtomicBool, Ordering::Acquire};
///
/// # let ready = AtomicBool::new(true);
/// let mut backoff = Backoff::new();
/// while !ready.load(Acquire) {
///     backoff.spin();
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    exponent: u8,
    max: u8,
}

impl Backoff {
    /// The largest wait is two to this power spin hints.
    pub const DEFAULT_MAX_EXPONENT: u8 = 8;

    /// Starts with one spin hint and grows to `2^DEFAULT_MAX_EXPONENT`.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            exponent: 0,
            max: Self::DEFAULT_MAX_EXPONENT,
        }
    }

    /// Starts with one spin hint and grows to `2^max`.
    ///
    /// # Panics
    ///
    /// If `max` is greater than [`DEFAULT_MAX_EXPONENT`](Self::DEFAULT_MAX_EXPONENT).
    #[inline]
    #[must_use]
    pub const fn with_max_exponent(max: u8) -> Self {
        assert!(
            max <= Self::DEFAULT_MAX_EXPONENT,
            "a backoff's exponent is at most DEFAULT_MAX_EXPONENT"
        );
        Self { exponent: 0, max }
    }

    /// Waits, twice as long as the time before until the bound is reached.
    #[inline]
    pub fn spin(&mut self) {
        // One hint gives way to every other thread of a model; more would only add branches.
        let hints = if cfg!(loom) { 1 } else { 1u32 << self.exponent };
        for _ in 0..hints {
            hint::spin_loop();
        }
        if self.exponent < self.max {
            self.exponent += 1;
        }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}
