//! A resident's waker: the task's address, and nothing to be counted.

use super::wake;
use crate::task::{header::Header, trace};
use core::{
    ptr::NonNull,
    task::{RawWaker, RawWakerVTable},
};

/// The functions of a resident's wakers.
pub(super) static RESIDENT: RawWakerVTable =
    trace::waker_vtable!(clone, wake_by_ref, wake_by_ref, forget);

// In all of them `data` is a pointer to the header of a resident, which lives for ever.

unsafe fn clone(data: *const ()) -> RawWaker {
    RawWaker::new(data, &RESIDENT)
}

#[inline]
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: a header's address is not null.
    let task = unsafe { NonNull::new_unchecked(data.cast::<Header>().cast_mut()) };
    // SAFETY: the header is that of a resident.
    unsafe { wake(task) };
}

unsafe fn forget(_: *const ()) {}
