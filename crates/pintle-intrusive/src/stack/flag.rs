use pintle_core::{const_fn, not_loom};

#[cfg(debug_assertions)]
use pintle_core::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether a node is linked, as a debug build remembers it. In a release build this is nothing.
///
/// It is there to find broken promises of [`Linked`](crate::Linked)'s implementors, so it does not
/// count on them: it is an atomic, that a node which two threads push at once is found without a
/// data race here. Relaxed, as nothing else is told by it.
pub(super) struct Flag {
    #[cfg(debug_assertions)]
    linked: AtomicBool,
}

// === impl Flag ===

impl Flag {
    const_fn! {
        /// The flag of a node that is not linked.
        #[inline]
        pub(super) const fn new() -> Self {
            Self {
                #[cfg(debug_assertions)]
                linked: AtomicBool::new(false),
            }
        }
    }

    /// Notes that the node is being linked, before anything is changed.
    ///
    /// # Panics
    ///
    /// In a debug build, if it is linked.
    #[inline]
    #[track_caller]
    pub(super) fn set(&self) {
        #[cfg(debug_assertions)]
        assert!(
            !self.linked.swap(true, Relaxed),
            "the node is linked into a stack or sorted list already"
        );
    }

    /// Notes that the node is linked no more.
    #[inline]
    pub(super) fn clear(&self) {
        #[cfg(debug_assertions)]
        self.linked.store(false, Relaxed);
    }
}

// Loom's atomics can be used inside a model only, and nodes are dropped after it, too.
not_loom! {
    // In a release build as well, where it does nothing: a type that is dropped in one build only
    // would let programs compile in the other only.
    impl Drop for Flag {
        #[inline]
        fn drop(&mut self) {
            #[cfg(debug_assertions)]
            if *self.linked.get_mut() {
                dropped_while_linked();
            }
        }
    }

    /// Ends the process: what unwound from here could reach the node by its stack. (A panic that
    /// leaves an `extern "C"` function aborts, with its message, and needs no `std`.)
    #[cfg(debug_assertions)]
    #[cold]
    extern "C" fn dropped_while_linked() -> ! {
        panic!("a node was dropped while it is linked into a stack or sorted list");
    }
}
