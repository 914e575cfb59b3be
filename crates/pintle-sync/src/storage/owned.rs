use alloc::boxed::Box;
use core::{marker::PhantomData, ops::Deref, ptr::NonNull};

/// One of the two that hold a `C` on the heap, which tells by itself which of them goes last: that one
/// frees it. An `Arc` would count what the `C` knows.
///
/// # Invariants
///
/// `shared` is from `Box::leak`, and is there until [`free`](Self::free).
#[derive(Debug)]
pub struct Owned<C> {
    shared: NonNull<C>,
    _owns: PhantomData<C>,
}

// === impl Owned ===

impl<C> Owned<C> {
    /// The two halves. If neither frees it, it leaks.
    #[inline]
    pub(crate) fn pair(shared: Box<C>) -> (Self, Self) {
        let shared = NonNull::from(Box::leak(shared));
        let half = || Self {
            shared,
            _owns: PhantomData,
        };
        (half(), half())
    }

    /// Drops and frees what both hold.
    ///
    /// # Safety
    ///
    /// The other half is not used any more, and this one is not used after it.
    #[inline]
    pub(super) unsafe fn free(&self) {
        // SAFETY: it is from `Box::leak` and has not been freed (the invariant); nobody else refers to
        // it, by the caller's promise.
        drop(unsafe { Box::from_raw(self.shared.as_ptr()) });
    }
}

impl<C> Deref for Owned<C> {
    type Target = C;

    #[inline(always)]
    fn deref(&self) -> &C {
        // SAFETY: it is there (the invariant), and only shared references to it exist until it is freed.
        unsafe { self.shared.as_ref() }
    }
}

// SAFETY: as an `Arc`: both halves refer to the `C` (`Sync`), and either may be the one that drops it
// (`Send`).
unsafe impl<C: Send + Sync> Send for Owned<C> {}

// SAFETY: as for `Send`: through a `&Owned<C>` a `&C` is had, and the `C` can be dropped where it is sent.
unsafe impl<C: Send + Sync> Sync for Owned<C> {}
