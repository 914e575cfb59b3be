//! The tasks that are none: what keeps a run queue from ever being without a node.

#[cfg(feature = "alloc")]
use super::TaskRef;
use super::header::{Header, Vtable};
use super::run::{Run, Start};
use super::stage::Offsets;
use crate::scheduler::{current::CurrentTask, static_queue::StaticQueue};
#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::ptr::NonNull;
use pintle_core::const_fn;

const_fn! {
    /// Makes the header of a stub in a static, which is never freed.
    pub(crate) const fn static_header() -> Header {
        Header::new_stub(&STATIC)
    }
}

/// Makes a stub on the heap: its ticket, for a queue to own.
#[cfg(feature = "alloc")]
pub(crate) fn boxed() -> TaskRef {
    let header = NonNull::from(Box::leak(Box::new(Header::new_stub(&BOXED))));
    // SAFETY: a stub's state begins with one ticket, which is given away here.
    unsafe { TaskRef::from_ticket_ptr(header) }
}

static STATIC: Vtable = Vtable {
    run: no_run,
    turn: no_turn,
    is_resident: false,
    clear: no_clear,
    stage: Offsets::NONE,
    schedule: no_clear,
    detach: no_clear,
    free: no_clear,
};

#[cfg(feature = "alloc")]
static BOXED: Vtable = Vtable {
    free: free_box,
    ..STATIC
};

// A queue never hands its stub out, so nobody gets to do any of this to one.

pub(super) unsafe fn no_run(_: NonNull<Header>, _: &CurrentTask, _: Start) -> Run {
    unreachable!("a queue's stub is not run")
}

unsafe fn no_turn(_: NonNull<Header>, _: &StaticQueue) -> usize {
    unreachable!("a queue's stub is not run")
}

/// Also for the rest of what is done to tasks.
pub(super) unsafe fn no_clear(_: NonNull<Header>) {
    unreachable!("a queue's stub has no contents")
}

#[cfg(feature = "alloc")]
unsafe fn free_box(header: NonNull<Header>) {
    // SAFETY: the header was leaked in `boxed`, and its only reference is gone.
    drop(unsafe { Box::from_raw(header.as_ptr()) });
}
