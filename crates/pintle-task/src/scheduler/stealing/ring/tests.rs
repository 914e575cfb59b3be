use super::{super::slot::Slot, CAPACITY};
use crate::{
    scheduler::Scheduler,
    task::{BoxStorage, JoinHandle, Task, TaskRef, trace::About},
};
use core::future::Ready;
use std::{boxed::Box, vec::Vec};

type Spawned = Task<Scheduler, Ready<()>, BoxStorage>;

fn ticket() -> (TaskRef, JoinHandle<()>) {
    let task = Box::new(Spawned::new(core::future::ready(())));
    // SAFETY: all of it stays on this thread.
    unsafe { Spawned::bind(None, task, About::here()) }
}

/// A thief that is slow to finish holds the places that were popped behind it, too: the ring is
/// empty then, and full.
#[test]
fn what_a_slow_thief_holds_is_not_room() {
    let slot = Slot::new();
    let mut handles = Vec::new();
    for _ in 0..CAPACITY {
        let (ticket, handle) = ticket();
        handles.push(handle);
        // SAFETY: this thread is the owner.
        assert!(unsafe { slot.ring.push(ticket) }.is_ok());
    }
    let claim = slot.ring.claim().unwrap();
    // SAFETY: as above.
    while let Some(ticket) = unsafe { slot.pop() } {
        drop(ticket.run());
    }
    assert!(slot.ring.is_empty());

    let mut given = 0;
    let mut refill = |wanted| {
        let source = |max: usize, each: &mut dyn FnMut(TaskRef)| {
            given = max.min(wanted);
            for _ in 0..given {
                let (ticket, handle) = ticket();
                handles.push(handle);
                each(ticket);
            }
        };
        // SAFETY: as above.
        let first = unsafe { slot.refill(wanted, source) };
        drop(first.unwrap().run());
        given
    };
    assert_eq!(refill(CAPACITY / 2), 1, "the one that is run at once");
    for at in 0..claim.count {
        // SAFETY: the place was claimed.
        drop(unsafe { slot.ring.take(super::next(claim.at, at)) }.run());
    }
    slot.ring.finish(claim.at);
    assert_eq!(refill(CAPACITY / 2), CAPACITY / 2);
    // SAFETY: as above.
    while let Some(ticket) = unsafe { slot.pop() } {
        drop(ticket.run());
    }
    assert!(handles.iter().all(JoinHandle::is_complete));
}
