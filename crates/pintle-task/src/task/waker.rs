//! A task's waker: one counted reference, and nothing of the future's type.

use super::{TaskRef, header::Header, trace};
use core::{
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::Deref,
    ptr::NonNull,
    task::{RawWaker, RawWakerVTable, Waker},
};

/// The functions of a task's wakers. Statics, so that wakers of one task compare equal wherever they were
/// made.
pub(super) static SHARED: RawWakerVTable =
    trace::waker_vtable!(clone_shared, wake_shared, wake_by_ref, drop_shared);

/// Those of a local task's, which do not free the future.
pub(super) static LOCAL: RawWakerVTable =
    trace::waker_vtable!(clone_local, wake_local, wake_by_ref, drop_local);

/// A waker without a reference of its own, for as long as the task is run.
pub(super) struct BorrowedWaker<'run> {
    waker: ManuallyDrop<Waker>,
    _run: PhantomData<&'run ()>,
}

// === impl BorrowedWaker ===

impl BorrowedWaker<'_> {
    /// Makes a waker of the task.
    ///
    /// # Safety
    ///
    /// The header is that of a spawned task, which is kept for the waker's lifetime; `vtable` is
    /// `LOCAL` if it is a local one, and `SHARED` if not.
    #[inline]
    pub(super) unsafe fn new(task: NonNull<Header>, vtable: &'static RawWakerVTable) -> Self {
        let data = task.as_ptr().cast_const().cast();
        // SAFETY: the functions meet `RawWaker`'s contract: they are thread-safe, by the atomic
        // state word, and keep the counts right. The reference that this waker would own is not
        // needed while the task is kept; and it is never dropped.
        let waker = unsafe { Waker::new(data, vtable) };
        Self {
            waker: ManuallyDrop::new(waker),
            _run: PhantomData,
        }
    }
}

impl Deref for BorrowedWaker<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

// === the vtables ===
//
// In all of them `data` is what `BorrowedWaker::new` or a clone put there: a pointer to a task's
// header that may be cast back to the task, and that owns a reference (or borrows the runner's).

#[inline]
fn header(data: *const ()) -> NonNull<Header> {
    // SAFETY: a header's address is not null.
    unsafe { NonNull::new_unchecked(data.cast::<Header>().cast_mut()) }
}

unsafe fn clone_shared(data: *const ()) -> RawWaker {
    // SAFETY: this waker's reference keeps the header alive.
    unsafe { header(data).as_ref() }.state.add_ref();
    RawWaker::new(data, &SHARED)
}

unsafe fn clone_local(data: *const ()) -> RawWaker {
    // SAFETY: this waker's reference keeps the header alive.
    unsafe { header(data).as_ref() }.state.add_ref();
    RawWaker::new(data, &LOCAL)
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the borrowed waker keeps its reference during the call.
    unsafe { TaskRef::wake(header(data)) };
}

unsafe fn wake_shared(data: *const ()) {
    /// Drops this waker's reference, also if the scheduler panics.
    struct Reference(*const ());

    impl Drop for Reference {
        fn drop(&mut self) {
            // SAFETY: the waker that is consumed owned a reference, of a task that is not local.
            unsafe { drop_shared(self.0) };
        }
    }

    let reference = Reference(data);
    // SAFETY: the reference is dropped only afterwards.
    unsafe { wake_by_ref(reference.0) };
}

unsafe fn wake_local(data: *const ()) {
    /// Drops this waker's reference, also if the scheduler panics.
    struct Reference(*const ());

    impl Drop for Reference {
        fn drop(&mut self) {
            // SAFETY: the waker that is consumed owned a reference, of a local task.
            unsafe { drop_local(self.0) };
        }
    }

    let reference = Reference(data);
    // SAFETY: the reference is dropped only afterwards.
    unsafe { wake_by_ref(reference.0) };
}

unsafe fn drop_shared(data: *const ()) {
    // SAFETY: the waker that is dropped owned a reference, of a task that is not local.
    unsafe { TaskRef::drop_shared_ref(header(data)) };
}

unsafe fn drop_local(data: *const ()) {
    // SAFETY: the waker that is dropped owned a reference, of a local task.
    unsafe { TaskRef::drop_local_ref(header(data)) };
}
