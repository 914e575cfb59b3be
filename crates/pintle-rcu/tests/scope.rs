//! What anybody may do to the slots of a scope, and should not be able to break.
#![cfg(all(not(loom), feature = "std"))]

use core::ptr;
use pintle_rcu::domain::{Domain, Slot, SlotTaken};
use pintle_rcu::thread::{NOBODY, Threads};
use pintle_rcu::{RcuDomain, Scope};
use std::sync::Mutex;
use std::thread;

/// Whether a writer would have to wait.
fn is_held<S: Scope>() -> bool {
    let rcu = RcuDomain::<S>::new();
    !rcu.poll(rcu.start_poll())
}

/// The slot of a thread is the thread's until its end, and of whoever takes it then; from then on it is no thread's.
#[test]
fn the_slot_of_a_thread_that_is_gone_can_be_taken_once() {
    pintle_rcu::domain! { struct Own; }

    let slot = thread::spawn(|| {
        let slot = Own::join();
        let _: SlotTaken = Own::domain().reader(slot).unwrap_err();
        RcuDomain::<Own>::new().run(|| assert!(is_held::<Own>()));
        assert!(ptr::eq(slot, Own::slot()) && ptr::eq(slot, Own::get()));
        slot
    })
    .join()
    .unwrap();
    let reader = Own::domain().reader(slot).unwrap();
    let section = reader.enter();
    thread::spawn(move || {
        RcuDomain::<Own>::new().run(|| assert!(!ptr::eq(slot, Own::slot())));
        // The section there has not ended with the one here.
        assert!(is_held::<Own>());
    })
    .join()
    .unwrap();
    drop(section);
    assert!(!is_held::<Own>());
    drop(reader);
    Own::domain().reader(slot).unwrap();
}

/// The slot that stands for none is nobody's for ever, and a thread that asks for its own has it at once.
#[test]
fn the_slot_of_those_who_have_none() {
    pintle_rcu::domain! { struct Own; }

    assert!(ptr::eq(Own::slot(), &NOBODY));
    let _: SlotTaken = Own::domain().reader(&NOBODY).unwrap_err();
    NOBODY.set_label(3);
    RcuDomain::<Own>::new().quiesce();
    let slot = Own::join();
    assert!(!ptr::eq(slot, &NOBODY) && ptr::eq(slot, Own::join()));
    assert!(!RcuDomain::<Own>::new().is_inside() && !is_held::<Own>());
}

/// A slot made for a scope is no reader's, in whichever domain.
#[test]
fn the_slot_of_a_scope_is_no_readers() {
    static DOMAIN: Domain = Domain::new();
    static SLOT: Slot = Slot::of_scope();
    let _: SlotTaken = DOMAIN.reader(&SLOT).unwrap_err();
}

/// By the thread's last destructors, in whichever order they run: asking for a slot begins no section, and the slot is given
/// back when the section after it has ended, or with the thread.
#[test]
fn a_slot_that_is_asked_for_when_the_thread_ends() {
    pintle_rcu::domain! { struct Own; }

    static LAST: Mutex<Option<&'static Slot>> = Mutex::new(None);

    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            let slot = Own::join();
            RcuDomain::<Own>::new().run(|| assert!(ptr::eq(slot, Own::slot())));
            *LAST.lock().unwrap() = Some(slot);
        }
    }
    thread_local!(static LATE: Late = const { Late });
    for _ in 0..2 {
        thread::spawn(|| {
            // Registered before the domain's own; on most systems it is dropped after that.
            LATE.with(|_| ());
            RcuDomain::<Own>::new().run(|| {});
        })
        .join()
        .unwrap();
        let slot = LAST.lock().unwrap().take().unwrap();
        drop(Own::domain().reader(slot).unwrap());
        assert!(!is_held::<Own>());
    }
}
