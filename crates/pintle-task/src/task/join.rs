//! What a handle does with its task, whatever the output is.

use super::{
    TaskRef,
    header::Header,
    state::{Detach, Join},
};
use core::{ptr::NonNull, task::Waker};

/// Leaves a waker to be called on completion, unless that comes first.
///
/// # Safety
///
/// The caller is the task's handle.
#[inline(never)]
pub(super) unsafe fn wait(task: NonNull<Header>, waker: &Waker) -> Join {
    // SAFETY: the handle's reference keeps it alive.
    let header = unsafe { task.as_ref() };
    if header.state.start_join() == Join::Ready {
        return Join::Ready;
    }
    // SAFETY: `start_join` found the task running, and made the slot the handle's.
    let displaced = unsafe { store_waker(header, waker) };
    let join = header.state.share_join_waker();
    let late = match join {
        // SAFETY: completion came before the waker was shared: the slot is the handle's.
        Join::Ready => unsafe { take_waker(header) },
        Join::Pending => None,
    };
    // Dropped only now: they may run anybody's code. If one panics the other is dropped all the same, and
    // the slot is in order.
    drop((displaced, late));
    join
}

/// Drops the handle of a task that others refer to, or that is not complete, and is no resident.
///
/// # Safety
///
/// As for [`Vtable::detach`](super::header::Vtable::detach).
#[inline(never)]
pub(super) unsafe fn detach(task: NonNull<Header>) {
    // Dropped at last, also if a waker's drop panics, or without `std` an output's.
    // SAFETY: the reference is given up for this.
    let task = unsafe { TaskRef::from_ptr(task) };
    match task.state().drop_join_handle() {
        Detach::Nothing => {}
        // SAFETY: the transition gave the slot back to the handle.
        Detach::Waker => drop(unsafe { take_waker(task.header()) }),
        Detach::Stage => {
            let clear = task.header().vtable.clear;
            // SAFETY: a completed task's stage is its handle's.
            unsafe { clear(task.ptr()) };
        }
    }
}

/// Puts a clone of `waker` in the slot, and returns the waker that was there if it was another.
///
/// # Safety
///
/// The slot is the handle's: the task is not complete and `JOIN_WAKER` is clear.
unsafe fn store_waker(task: &Header, waker: &Waker) -> Option<Waker> {
    let slot = &task.join_waker;
    // SAFETY: the slot is the handle's, by the contract.
    let is_same = slot.with(|old| match unsafe { &*old } {
        Some(old) => old.will_wake(waker),
        None => false,
    });
    if is_same {
        return None;
    }
    // SAFETY: as above. It goes first: if the clone panics, nobody knows of what is left in the slot.
    let displaced = unsafe { take_waker(task) };
    // The clone is made before the slot is borrowed: it may run anybody's code.
    let waker = waker.clone();
    // SAFETY: as above. The slot is empty.
    slot.with_mut(|slot| unsafe { slot.write(Some(waker)) });
    displaced
}

/// Empties the slot.
///
/// # Safety
///
/// The slot is the handle's.
unsafe fn take_waker(task: &Header) -> Option<Waker> {
    // SAFETY: the slot is the handle's, by the contract.
    task.join_waker.with_mut(|slot| unsafe { (*slot).take() })
}
