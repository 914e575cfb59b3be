//! Handles of a scheduler on the heap, those that keep it open and those that its tasks keep.

use alloc::sync::Arc;
use core::{marker::PhantomData, mem, ops::Deref, ptr::NonNull};
use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{AcqRel, Relaxed},
};

/// What is closed when the last handle that is not bound is dropped.
pub(super) trait Close {
    fn close(&self);
}

/// A handle of a scheduler on the heap: one word.
///
/// # Invariants
///
/// The address is that of a `Shared<T>` which an `Arc` owns, and this is one of its strong counts. The
/// lowest bit says that it is bound, to a task; if it is clear, it is one of the `handles`.
pub(super) struct Counted<T: Close> {
    address: NonNull<Shared<T>>,
    _owns: PhantomData<Arc<Shared<T>>>,
}

struct Shared<T> {
    scheduler: T,
    /// How many handles there are that are not bound.
    handles: AtomicUsize,
}

/// The bit of the address that marks a task's handle.
const BOUND: usize = 1;

// SAFETY: a handle is an `Arc<Shared>`.
unsafe impl<T: Close + Send + Sync> Send for Counted<T> {}
// SAFETY: as above.
unsafe impl<T: Close + Send + Sync> Sync for Counted<T> {}

// === impl Counted ===

impl<T: Close> Counted<T> {
    pub(super) fn new(scheduler: T) -> Self {
        const { assert!(mem::align_of::<Shared<T>>() > BOUND, "a bit to spare") };
        let shared = Arc::into_raw(Arc::new(Shared {
            scheduler,
            // INVARIANT: the handle that is returned.
            handles: AtomicUsize::new(1),
        }));
        Self {
            // SAFETY: an `Arc`'s contents are not at null.
            address: unsafe { NonNull::new_unchecked(shared.cast_mut()) },
            _owns: PhantomData,
        }
    }

    /// Returns a handle that does not keep the scheduler open.
    pub(super) fn bind(&self) -> Self {
        self.add_owner();
        Self {
            address: self.address.map_addr(|address| address | BOUND),
            _owns: PhantomData,
        }
    }

    fn ptr(&self) -> *const Shared<T> {
        self.address
            .as_ptr()
            .map_addr(|address| address & !BOUND)
            .cast_const()
    }

    fn shared(&self) -> &Shared<T> {
        // SAFETY: this handle's count keeps it alive.
        unsafe { &*self.ptr() }
    }

    fn is_bound(&self) -> bool {
        self.address.addr().get() & BOUND != 0
    }

    /// Counts one more owner of `Shared`, for a handle that the caller is to make.
    fn add_owner(&self) {
        // SAFETY: the pointer is from `Arc::into_raw`, and this handle's count keeps it alive.
        unsafe { Arc::increment_strong_count(self.ptr()) };
    }
}

impl<T: Close> Deref for Counted<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.shared().scheduler
    }
}

impl<T: Close> Clone for Counted<T> {
    fn clone(&self) -> Self {
        if !self.is_bound() {
            // Relaxed: nobody sees zero while there is this handle. It does not overflow, as there
            // are no more handles than owners of the `Arc`, which checks.
            self.shared().handles.fetch_add(1, Relaxed);
        }
        self.add_owner();
        Self {
            address: self.address,
            _owns: PhantomData,
        }
    }
}

impl<T: Close> Drop for Counted<T> {
    #[inline]
    fn drop(&mut self) {
        if self.is_bound() {
            // SAFETY: the pointer is from `Arc::into_raw`, and this handle's count ends with this.
            unsafe { Arc::decrement_strong_count(self.ptr()) };
        } else {
            self.drop_handle();
        }
    }
}

impl<T: Close> Counted<T> {
    #[inline(never)]
    fn drop_handle(&mut self) {
        // SAFETY: the pointer is from `Arc::into_raw`, and this handle's count ends with this, also if
        // closing panics.
        let shared = unsafe { Arc::from_raw(self.ptr()) };
        // AcqRel: what the other handles did comes before the closing.
        if shared.handles.fetch_sub(1, AcqRel) == 1 {
            shared.scheduler.close();
        }
    }
}
