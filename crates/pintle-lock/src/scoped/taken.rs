use pintle_core::atomic::{AtomicBool, Ordering::Relaxed};
use pintle_core::const_fn;

/// Whether a lock is held, for locks whose other users cannot run in between: something else (a
/// critical section, the one thread, the processor's mode) keeps them out.
///
/// So a load and a store suffice, on cores without compare-and-swap too, and there is nothing to order.
///
/// ```text
///              try_with, before the closure
///      ┌──────┐ ──────────────────────────► ┌───────┐
///      │ free │                             │ taken │ ◄── try_with: None
///      └──────┘ ◄────────────────────────── └───────┘
///              after it, however it ends
/// ```
#[derive(Debug)]
pub(super) struct Taken(AtomicBool);

/// Gives it back when the closure is left, by a panic too.
struct GiveBack<'a>(&'a Taken);

// === impl Taken ===

impl Taken {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(AtomicBool::new(false))
        }
    }

    /// Runs `f` unless it is taken.
    ///
    /// While the caller is in here, nobody may be who does not run to his end before the caller goes on.
    #[inline]
    pub(super) fn try_with<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        if self.is_taken() {
            return None;
        }
        self.0.store(true, Relaxed);
        let _give_back = GiveBack(self);
        Some(f())
    }

    #[inline]
    pub(super) fn is_taken(&self) -> bool {
        self.0.load(Relaxed)
    }
}

impl Drop for GiveBack<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.0.store(false, Relaxed);
    }
}

/// What `with_lock` says where nobody else could be the holder.
#[cold]
#[track_caller]
pub(super) fn deadlocked() -> ! {
    panic!("Deadlocked: a lock that its holder locks again would never be free");
}
