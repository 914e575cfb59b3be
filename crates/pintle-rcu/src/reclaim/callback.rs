//! Whether this thread is in a callback, where it must not wait for that callback.

#[cfg(feature = "std")]
pintle_core::not_loom! {
    use core::{cell::Cell, ptr};

    std::thread_local! {
        /// The innermost callback of this thread.
        static INNERMOST: Cell<*const Entry> = const { Cell::new(ptr::null()) };
    }

    /// Stands on the stack of a thread that calls callbacks.
    struct Entry {
        reclaimer: *const (),
        outer: *const Entry,
    }

    impl Drop for Entry {
        fn drop(&mut self) {
            // In the destructors of thread-local values it may be gone, and then nobody asks.
            let _ = INNERMOST.try_with(|innermost| innermost.set(self.outer));
        }
    }

    /// Runs `f`, which calls callbacks of the reclaimer at this address.
    pub(super) fn inside<R>(reclaimer: *const (), f: impl FnOnce() -> R) -> R {
        let outer = INNERMOST.try_with(Cell::get).unwrap_or(ptr::null());
        let entry = Entry { reclaimer, outer };
        let _ = INNERMOST.try_with(|innermost| innermost.set(&raw const entry));
        f()
    }

    /// Whether this thread is in a callback of the reclaimer at this address.
    pub(super) fn is_inside(reclaimer: *const ()) -> bool {
        let mut at = INNERMOST.try_with(Cell::get).unwrap_or(ptr::null());
        // SAFETY: null, or an entry on this thread's stack: it takes itself out before it goes.
        while let Some(entry) = unsafe { at.as_ref() } {
            if ptr::eq(entry.reclaimer, reclaimer) {
                return true;
            }
            at = entry.outer;
        }
        false
    }
}

#[cfg(feature = "std")]
pintle_core::only_loom! {
    pub(super) use self::untold::{inside, is_inside};
}

#[cfg(not(feature = "std"))]
pub(super) use self::untold::{inside, is_inside};

/// Where threads cannot be told apart.
#[allow(dead_code, reason = "which of the two is used depends on the build")]
mod untold {
    pub(in super::super) fn inside<R>(_reclaimer: *const (), f: impl FnOnce() -> R) -> R {
        f()
    }

    pub(in super::super) fn is_inside(_reclaimer: *const ()) -> bool {
        false
    }
}
