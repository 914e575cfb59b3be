//! A task's waker: one counted reference, and nothing of the future's type.

use super::{TaskRef, header::Header};
use core::{
    mem::ManuallyDrop,
    ops::Deref,
    ptr::NonNull,
    task::{RawWaker, RawWakerVTable, Waker},
};

/// A static, so that wakers of one task compare equal wherever they were made.
static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

/// A waker without a reference of its own, for as long as the runner has one.
pub(super) struct BorrowedWaker<'task> {
    waker: ManuallyDrop<Waker>,
    _task: core::marker::PhantomData<&'task TaskRef>,
}

// === impl BorrowedWaker ===

impl<'task> BorrowedWaker<'task> {
    #[inline]
    pub(super) fn new(task: &'task TaskRef) -> Self {
        let data = task.ptr().as_ptr().cast_const().cast();
        // SAFETY: the functions meet `RawWaker`'s contract: they are thread-safe, by the atomic
        // state word, and keep the counts right. The reference that this waker would own is
        // `task`'s, which outlives it; and it is never dropped.
        let waker = unsafe { Waker::new(data, &VTABLE) };
        Self {
            waker: ManuallyDrop::new(waker),
            _task: core::marker::PhantomData,
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

// === the vtable ===
//
// In all four `data` is what `BorrowedWaker::new` or `clone` put there: a pointer to a task's
// header that may be cast back to the task, and that owns a reference (or borrows the runner's).

#[inline]
fn header(data: *const ()) -> NonNull<Header> {
    // SAFETY: a header's address is not null.
    unsafe { NonNull::new_unchecked(data.cast::<Header>().cast_mut()) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: this waker's reference keeps the header alive.
    unsafe { header(data).as_ref() }.state.add_ref();
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    let ptr = header(data);
    /// Drops this waker's reference, also if the scheduler panics.
    struct Reference(NonNull<Header>);

    impl Drop for Reference {
        fn drop(&mut self) {
            // SAFETY: the waker that is consumed owned a reference, no ticket's.
            unsafe { TaskRef::drop_ref(self.0) };
        }
    }

    let reference = Reference(ptr);
    // SAFETY: the reference is dropped only afterwards.
    unsafe { TaskRef::wake(reference.0) };
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the borrowed waker keeps its reference during the call.
    unsafe { TaskRef::wake(header(data)) };
}

unsafe fn drop(data: *const ()) {
    // SAFETY: the waker that is dropped owned a reference, no ticket's.
    unsafe { TaskRef::drop_ref(header(data)) };
}
