use core::{mem::MaybeUninit, task::Waker};

use pintle_core::{cell::UnsafeCell, const_fn};

use crate::util::same_task;

/// The place for one waker. Whether one is in it, and whose it is to touch, the state word says.
pub(super) struct Slot(UnsafeCell<MaybeUninit<Waker>>);

// === impl Slot ===

impl Slot {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(UnsafeCell::new(MaybeUninit::uninit()))
        }
    }

    /// Puts a waker in.
    ///
    /// # Safety
    ///
    /// The slot is the caller's, and empty (or the waker in it leaks).
    #[inline(always)]
    pub(super) unsafe fn put(&self, waker: Waker) {
        self.0.with_mut(|slot| {
            // SAFETY: nobody else touches the slot, by the caller's promise.
            unsafe { slot.write(MaybeUninit::new(waker)) };
        });
    }

    /// Takes the waker out.
    ///
    /// # Safety
    ///
    /// The slot is the caller's and holds a waker, which counts as gone after this call.
    #[inline(always)]
    pub(super) unsafe fn take(&self) -> Waker {
        let waker = self.0.with_mut(|slot| {
            // SAFETY: nobody else touches the slot, by the caller's promise.
            unsafe { slot.read() }
        });
        // SAFETY: the slot held a waker, by the caller's promise.
        unsafe { waker.assume_init() }
    }

    /// Whether the waker in the slot wakes the same task as `other`. Calls no user code.
    ///
    /// # Safety
    ///
    /// The slot is the caller's and holds a waker.
    #[inline(always)]
    pub(super) unsafe fn is_of_same_task(&self, other: &Waker) -> bool {
        self.0.with(|slot| {
            // SAFETY: nobody else touches the slot, by the caller's promise.
            let slot = unsafe { &*slot };
            // SAFETY: the slot holds a waker, by the caller's promise.
            let waker = unsafe { slot.assume_init_ref() };
            same_task(waker, other)
        })
    }
}
