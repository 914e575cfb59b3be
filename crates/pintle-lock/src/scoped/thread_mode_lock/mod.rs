use super::taken::{Taken, deadlocked};
use crate::sys::in_thread_mode;
use mutex_traits::ScopedRawMutex;
use pintle_core::{const_fn, not_loom};

#[cfg(test)]
mod tests;

/// A lock of one byte for the main program of a Cortex-M with one core: interrupt handlers are refused.
///
/// It masks no interrupt. The processor says in its register IPSR whether it is in thread mode (the
/// main program) or in handler mode (an exception or interrupt); the lock is given in thread mode
/// alone, where there is one flow of control. So it reads a register where others mask interrupts, and
/// never delays one. An interrupt handler that wants at the data has to leave a note for the main program.
///
/// ```text
///            in thread mode
///      ┌──────┐ ─────────────► ┌──────────────────┐ with_lock
///      │ free │                │ the closure runs │ ──────────► panic
///      └──────┘ ◄───────────── └──────────────────┘
///                  its end
///
///      in handler mode: `try_with_lock` gives None, `with_lock` panics, in either state
/// ```
///
/// # Where it may be called
///
/// Everywhere; it never waits.
///
/// # Only for one core and one thread
///
/// The feature `impl-unsafe-cortex-m-single-core` is the promise of the application that
///
/// - the lock is shared by the code of one core (an RP2040 has two), and
/// - in thread mode there is one flow of control: no kernel switches between threads there at
///   any instruction.
///
/// Without that promise use [`CriticalSectionLock`](super::CriticalSectionLock).
///
/// Of bare-metal Arm the compiler tells a library no profile. On a core that is no Cortex-M the feature changes
/// nothing until this lock is taken: then the assembler refuses to read IPSR, which such a core does not have.
///
/// Source: Arm, *Armv7-M Architecture Reference Manual*, DDI 0403E.e, B1.4.2 (IPSR is 0 in thread mode);
/// *Armv6-M*, DDI 0419E, B1.4.2, and *Armv8-M*, DDI 0553B.y, say the same.
///
/// # Examples
///
/// ```ignore
/// use pintle_lock::{blocking::Mutex, scoped::ThreadModeLock};
///
/// static SHELL: Mutex<Shell, ThreadModeLock> =
///     Mutex::new_with_raw_mutex(Shell::new(), ThreadModeLock::new());
///
/// fn main_loop() -> ! {
///     loop {
///         SHELL.with_lock(|shell| shell.run_a_command());
///     }
/// }
/// ```
#[derive(Debug)]
pub struct ThreadModeLock {
    taken: Taken,
}

// === impl ThreadModeLock ===

impl ThreadModeLock {
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

// SAFETY: the closure runs in thread mode of one core, where by the promise of the feature there is
// one flow of control; and not within a closure of this lock, which the flag tells.
unsafe impl ScopedRawMutex for ThreadModeLock {
    /// Runs `f`.
    ///
    /// # Panics
    ///
    /// If this is called in handler mode, or within a closure of the same lock; and if `f` does.
    #[inline]
    #[track_caller]
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        match self.try_with_lock(f) {
            Some(result) => result,
            None if in_thread_mode() => deadlocked(),
            None => in_an_interrupt(),
        }
    }

    /// Runs `f`; `None` in handler mode, and within a closure of the same lock.
    #[inline]
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        if !in_thread_mode() {
            return None;
        }
        self.taken.try_with(f)
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.taken.is_taken()
    }
}

#[cold]
#[track_caller]
fn in_an_interrupt() -> ! {
    panic!("a ThreadModeLock cannot be locked in an interrupt handler");
}

impl Default for ThreadModeLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for ThreadModeLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
