use super::taken::{Taken, deadlocked};
use mutex_traits::ScopedRawMutex;
use pintle_core::{const_fn, not_loom};

/// A lock of one byte that interrupt handlers may take: its closure runs within a critical section.
///
/// The section (the application's implementation of `critical-section`) keeps out interrupts, and
/// other cores if there are any. All locks of this type share it: while a closure of one runs, that
/// of no other does, so keep them short. What the lock adds is that the same code cannot get at its
/// data twice: sections nest, and locks must not.
///
/// It is a [`ScopedRawMutex`] and no `RawMutex`, since sections have to be left in the reverse order
/// of entering.
///
/// ```text
///                 enter the section         take the flag
///   ┌─────────┐ ────────────────────► ┌───────┐ ──────► ┌────────────────────┐
///   │ outside │                       │ alone │         │ the closure runs   │
///   └─────────┘ ◄──────────────────── └───────┘ ◄────── └────────────────────┘
///                 leave it                  give it back        │ with_lock on the same lock
///                                                               ▼
///                                                             panic
/// ```
///
/// The section is entered before the flag is taken and left after it is given back: otherwise, an
/// interrupt in between would find the lock held by the code that it interrupted.
///
/// # Where it may be called
///
/// Everywhere: in threads, interrupt handlers, `Drop`, within other critical sections. `with_lock` and
/// `try_with_lock` wait for another core to leave its section, and for nothing else. Locking it again
/// within its own closure panics (`with_lock`) or gives `None` (`try_with_lock`).
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, scoped::CriticalSectionLock};
///
/// static TICKS: Mutex<u32, CriticalSectionLock> =
///     Mutex::new_with_raw_mutex(0, CriticalSectionLock::new());
///
/// fn timer_interrupt() {
///     TICKS.with_lock(|ticks| *ticks += 1);
/// }
/// # timer_interrupt();
/// assert_eq!(TICKS.with_lock(|ticks| *ticks), 1);
/// ```
#[derive(Debug)]
pub struct CriticalSectionLock {
    taken: Taken,
}

// === impl CriticalSectionLock ===

impl CriticalSectionLock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                taken: Taken::new(),
            }
        }
    }
}

// SAFETY: the closure runs within a critical section, which nobody else enters meanwhile (what the
// last one wrote is seen here: `critical_section::acquire` promises it), and not within a closure
// of this lock, which the flag tells.
unsafe impl ScopedRawMutex for CriticalSectionLock {
    /// Runs `f` within a critical section.
    ///
    /// # Panics
    ///
    /// If this is called within a closure of the same lock, outside the section; and if `f` does.
    #[inline]
    #[track_caller]
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.try_with_lock(f) {
            Some(result) => result,
            None => deadlocked(),
        }
    }

    /// Runs `f` within a critical section; `None` within a closure of the same lock.
    #[inline]
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        critical_section::with(|_| self.taken.try_with(f))
    }

    /// Whether a closure runs: seen from outside, on another core.
    #[inline]
    fn is_locked(&self) -> bool {
        self.taken.is_taken()
    }
}

impl Default for CriticalSectionLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for CriticalSectionLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
