use super::Stall;
use core::{mem, ptr};
use pintle_core::{
    atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
    const_fn,
};

/// What is called when a grace period takes long, if anything is.
///
/// # Invariants
///
/// `function` is null, or a `fn(&Stall)`.
pub(super) struct StallHook {
    function: AtomicPtr<()>,
}

// === impl StallHook ===

impl StallHook {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                function: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }

    pub(super) fn set(&self, hook: Option<fn(&Stall)>) {
        let function = hook.map_or(ptr::null_mut(), |hook| hook as *mut ());
        // Release pairs with the Acquire in `get`: the hook sees what was prepared for it.
        self.function.store(function, Release);
    }

    pub(super) fn is_set(&self) -> bool {
        !self.function.load(Relaxed).is_null()
    }

    pub(super) fn get(&self) -> Option<fn(&Stall)> {
        // Acquire pairs with the Release in `set`.
        let function = self.function.load(Acquire);
        // SAFETY: by the invariant it is a function or null, which is `None`.
        unsafe { mem::transmute::<*mut (), Option<fn(&Stall)>>(function) }
    }
}
