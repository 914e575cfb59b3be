//! Wakers that rouse a hart, by the interrupt from one to another.

use core::{
    ptr,
    task::{RawWaker, RawWakerVTable, Waker},
};

use common::virt::clint;

// ANCHOR: waker
/// A waker whose data is the number of a hart, and no pointer.
static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, drop);

/// A waker that interrupts a hart.
pub fn waker(hart: usize) -> Waker {
    // SAFETY: the functions of the table are for any thread, and there is nothing to free.
    unsafe { Waker::from_raw(clone(ptr::without_provenance(hart))) }
}

fn clone(hart: *const ()) -> RawWaker {
    RawWaker::new(hart, &VTABLE)
}

fn wake(hart: *const ()) {
    clint::interrupt(hart.addr());
}

fn drop(_: *const ()) {}
// ANCHOR_END: waker
