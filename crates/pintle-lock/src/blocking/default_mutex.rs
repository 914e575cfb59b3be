use core::fmt;
use mutex_traits::ScopedRawMutex;
use pintle_core::{const_fn, not_loom, only_loom};

/// The lock that fits the build, chosen by features, for those who do not want to choose.
///
/// | feature | lock | interrupt handlers | size |
/// |---|---|---|---|
/// | none | spins: [`Spinlock`](crate::spin::Spinlock) | must not take it | 1 byte |
/// | `critical-section` | a critical section: `scoped::CriticalSectionLock` | may take it | 1 byte |
/// | `os` | waiters sleep: `os::FutexLock` | signal handlers must not take it | 4 bytes |
///
/// It is a [`ScopedRawMutex`] in every build and a `RawMutex` in none, since a critical section
/// has to be left in the reverse order of entering. So code that compiles against one build's
/// `DefaultMutex` compiles against each: another crate in the build that turns a feature on can
/// make it safe in interrupts or faster, and it still excludes.
///
/// With `os` it enters no critical section, whatever else is on. So code that runs with and
/// without (a driver that is tested on its host) must not take it within a critical section in one
/// place and enter one while holding it in another: where the lock is a critical section itself
/// that nests, and with `os` two threads can wait for each other.
///
/// Locking it again within its own closure panics where it is a critical section, and else waits for
/// ever. `try_with_lock` does not wait for the lock; where that takes a critical section, it may wait for
/// another core to leave its own.
///
/// # Examples
///
/// ```
/// use pintle_lock::ScopedRawMutex;
/// use pintle_lock::blocking::DefaultMutex;
///
/// static LOCK: DefaultMutex = DefaultMutex::new();
/// assert_eq!(LOCK.with_lock(|| LOCK.is_locked()), true);
/// ```
pub struct DefaultMutex(Raw);

// === impl DefaultMutex ===

impl DefaultMutex {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self(Raw::new())
        }
    }
}

// SAFETY: every `Raw` is a lock whose closure runs while it is held.
unsafe impl ScopedRawMutex for DefaultMutex {
    #[inline]
    #[track_caller]
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        self.0.with_lock(f)
    }

    #[inline]
    #[track_caller]
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        self.0.try_with_lock(f)
    }

    #[inline]
    fn is_locked(&self) -> bool {
        ScopedRawMutex::is_locked(&self.0)
    }
}

impl Default for DefaultMutex {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DefaultMutex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultMutex")
            .field("locked", &self.is_locked())
            .finish()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for DefaultMutex {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}

not_loom! {
    #[cfg(not(any(feature = "critical-section", feature = "os")))]
    type Raw = crate::spin::Spinlock;

    #[cfg(all(feature = "critical-section", not(feature = "os")))]
    type Raw = crate::scoped::CriticalSectionLock;

    #[cfg(feature = "os")]
    type Raw = crate::os::FutexLock;
}

only_loom! {
    /// loom's own mutex, so that the models above explore their own races.
    struct Raw(pintle_core::model::Mutex<()>);

    impl Raw {
        fn new() -> Self {
            Self(pintle_core::model::Mutex::new(()))
        }
    }

    // SAFETY: the closures run while loom's mutex is held.
    unsafe impl ScopedRawMutex for Raw {
        fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
            // A panic inside a model ends it; poison says nothing that it does not.
            let _held = self.0.lock().unwrap_or_else(|poison| poison.into_inner());
            f()
        }

        fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
            let _held = self.0.try_lock().ok()?;
            Some(f())
        }

        fn is_locked(&self) -> bool {
            self.0.try_lock().is_err()
        }
    }
}
