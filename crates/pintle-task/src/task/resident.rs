//! Running resident tasks, and the other functions that they do not share with those that are counted: see
//! [the protocol](super#resident-tasks).

use super::{
    TaskRef,
    header::{Bound, Header},
    run::Runnable,
    state::{CompleteResident, Detach, UnusualTurn, Wake},
    waker::BorrowedWaker,
};
use crate::scheduler::static_queue::StaticQueue;
use core::{
    mem,
    ptr::NonNull,
    task::{Context, Waker},
};

mod waker;

/// Completes a task, its future being gone: also when a panic unwinds out of its turn.
struct Finish(NonNull<Header>);

/// Runs a resident once: what its vtable has as `turn`.
///
/// # Safety
///
/// As for [`Vtable::turn`](super::header::Vtable::turn), and `R` is the task's type.
#[inline]
pub(super) unsafe fn turn<R: Runnable>(task: NonNull<Header>, queue: &StaticQueue) -> usize {
    // SAFETY: residents live for ever.
    let state = unsafe { &(*task.as_ptr()).state };
    if !state.start_turn() {
        // SAFETY: the contract is the same.
        unsafe { turn_unusually(task, queue) };
        return 0;
    }
    queue.show(task);
    let finish = Finish(task);
    // SAFETY: the task lives for ever, and is a resident.
    let waker = unsafe { BorrowedWaker::new(task, &waker::RESIDENT) };
    let mut cx = Context::from_waker(&waker);
    // SAFETY: the stage of a task that is not complete is the consumer's.
    if unsafe { R::poll(task, &mut cx) }.is_pending() {
        mem::forget(finish);
        return state.woken_meanwhile();
    }
    drop(finish);
    0
}

/// Runs a task whose future is not to be polled.
///
/// # Safety
///
/// As for `turn`, and the ticket has been spent.
#[cold]
#[inline(never)]
unsafe fn turn_unusually(task: NonNull<Header>, queue: &StaticQueue) {
    // SAFETY: residents live for ever.
    let header = unsafe { task.as_ref() };
    match header.state.unusual_turn() {
        // SAFETY: this is run by the consumer.
        UnusualTurn::Gone => unsafe { queue.count_void() },
        UnusualTurn::Cancel => {
            queue.show(task);
            let _finish = Finish(task);
            // SAFETY: the stage of a task that is not complete is the consumer's.
            unsafe { (header.vtable.clear)(task) };
        }
    }
}

impl Drop for Finish {
    #[inline(never)]
    fn drop(&mut self) {
        let task = self.0;
        // Looked up, and not kept over the poll. An injector that ends cancels tasks which have none.
        // SAFETY: nobody writes it once the first turn has started.
        if let Some(queue) = unsafe { scheduler(task) } {
            // SAFETY: this is run by the consumer.
            unsafe { queue.count_completed() };
        }
        // SAFETY: residents live for ever.
        let header = unsafe { task.as_ref() };
        match header.state.complete_resident() {
            CompleteResident::Joinable => {}
            // SAFETY: without a handle the stage stays the consumer's.
            CompleteResident::Detached => unsafe { (header.vtable.clear)(task) },
            CompleteResident::WakeJoiner => {
                // SAFETY: the transition has given the slot to this.
                if let Some(waker) = unsafe { take_waker(header) } {
                    waker.wake();
                }
            }
        }
    }
}

/// Empties the join waker's slot.
///
/// # Safety
///
/// The slot is the caller's.
unsafe fn take_waker(header: &Header) -> Option<Waker> {
    // SAFETY: the slot is the caller's.
    header
        .join_waker
        .with_mut(|waker| unsafe { (*waker).take() })
}

/// Ends the claims of a resident's handle.
///
/// # Safety
///
/// As for [`Vtable::detach`](super::header::Vtable::detach).
pub(super) unsafe fn detach(task: NonNull<Header>) {
    // SAFETY: residents live for ever.
    let header = unsafe { task.as_ref() };
    match header.state.drop_join_handle() {
        Detach::Nothing => {}
        // SAFETY: the transition gave the slot back to the handle.
        Detach::Waker => drop(unsafe { take_waker(header) }),
        // SAFETY: a completed task's stage is its handle's.
        Detach::Stage => unsafe { (header.vtable.clear)(task) },
    }
}

/// Queues a resident for the first time.
///
/// # Safety
///
/// The ticket is that of a resident which has a scheduler.
pub(super) unsafe fn start(ticket: TaskRef) {
    let task = ticket.into_ticket_ptr();
    // SAFETY: it has one.
    unsafe { home(task) }.count_spawned();
    // SAFETY: the ticket is given up.
    unsafe { schedule(task) };
}

/// The queue of a resident's scheduler. There is none until an injector has given the task to somebody.
///
/// # Safety
///
/// The header is that of a spawned resident, whose scheduler nobody writes now.
#[inline(always)]
unsafe fn scheduler(task: NonNull<Header>) -> Option<&'static StaticQueue> {
    let bound = task.cast::<Bound<&'static StaticQueue>>();
    // SAFETY: a resident's scheduler has the layout of its queue.
    unsafe { (*bound.as_ptr()).scheduler }
}

/// The queue of a resident's scheduler.
///
/// # Safety
///
/// As for `scheduler`, and there is one.
#[inline(always)]
unsafe fn home(task: NonNull<Header>) -> &'static StaticQueue {
    // SAFETY: the contract is the same.
    let scheduler = unsafe { scheduler(task) };
    // SAFETY: there is one, by the contract.
    unsafe { scheduler.unwrap_unchecked() }
}

/// Passes a resident's ticket to its scheduler.
///
/// # Safety
///
/// As for [`Vtable::schedule`](super::header::Vtable::schedule), of a resident.
pub(super) unsafe fn schedule(task: NonNull<Header>) {
    // SAFETY: nobody writes it but who has the ticket.
    if let Some(queue) = unsafe { scheduler(task) } {
        // SAFETY: the ticket is given up.
        unsafe { queue.push(task) };
    }
}

/// Wakes a resident.
///
/// # Safety
///
/// The header is that of a spawned resident.
unsafe fn wake(task: NonNull<Header>) {
    // SAFETY: residents live for ever.
    match unsafe { task.as_ref() }.state.wake_resident() {
        Wake::Nothing => {}
        Wake::Schedule => {
            // SAFETY: wakers come from polls, and polls from the scheduler. The transition has made the ticket,
            // and nobody writes the scheduler but who has that.
            let queue = unsafe { home(task) };
            // SAFETY: the ticket is given up.
            unsafe { queue.push(task) };
        }
    }
}

/// Whether a resident is being polled. A glance.
///
/// # Safety
///
/// The header is that of a spawned resident.
pub(super) unsafe fn is_running(task: NonNull<Header>) -> bool {
    // SAFETY: residents live for ever.
    if !unsafe { task.as_ref() }.state.has_started() {
        return false;
    }
    // SAFETY: it was written before the first turn started, and is not written again.
    unsafe { scheduler(task) }.is_some_and(|queue| queue.is_current(task))
}

/// Cancels a resident that has no scheduler: an injector that ends has it.
///
/// # Safety
///
/// The caller has the ticket, and gives it up.
pub(crate) unsafe fn cancel_unbound(ticket: TaskRef) {
    ticket.state().cancel_resident();
    let task = ticket.into_ticket_ptr();
    // SAFETY: residents live for ever.
    let turn = unsafe { task.as_ref() }.vtable.turn;
    // SAFETY: the ticket is given up, and the task has no scheduler. A queue that nobody knows has no other
    // consumer.
    unsafe { turn(task, &StaticQueue::new()) };
}
