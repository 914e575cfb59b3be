//! Wake-ups in corners: what happens within the barriers and the wakers that the caller brings.
#![cfg(not(loom))]

use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
};
use pintle_rcu::domain::{Barrier, Domain, Fences, Slot};
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::{sync::Arc, task::Wake};

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// A writer that looks strikes after a reader has left and before it looks for who sleeps: one of them wakes.
#[test]
fn who_sleeps_is_woken_by_who_looks() {
    static ARMED: AtomicBool = AtomicBool::new(false);
    static DOMAIN: Domain<Strikes> = Domain::with_barrier(Strikes);
    static SLOT: Slot = Slot::new();
    struct Strikes;
    // SAFETY: it is `Fences`, and does something besides.
    unsafe impl Barrier for Strikes {
        fn light(&self) {
            Fences.light();
            if ARMED.swap(false, Relaxed) {
                // Of the grace period that is under way, and finishes it.
                let next = DOMAIN.start_poll();
                assert!(DOMAIN.poll(next));
            }
        }

        fn heavy(&self) {
            Fences.heavy();
        }
    }
    let reader = DOMAIN.reader(&SLOT).unwrap();
    let section = reader.enter();
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut writer = pin!(DOMAIN.grace_period());
    assert!(writer.as_mut().poll(&mut context).is_pending());
    ARMED.store(true, Relaxed);
    drop(section);
    assert!(!ARMED.load(Relaxed));
    assert!(woken.0.load(Relaxed), "nobody has woken");
    assert!(writer.as_mut().poll(&mut context).is_ready());
}

/// A slot that a scope uses cannot be a reader's besides.
#[cfg(feature = "std")]
#[test]
fn the_slot_of_a_scope_is_no_readers() {
    use pintle_rcu::{RcuDomain, Scope};

    pintle_rcu::domain! { struct Own; }
    fn this_core() -> usize {
        0
    }
    pintle_rcu::domain! {
        // SAFETY: no other test knows it.
        unsafe struct Cores { slots: 1, current: this_core, barrier: Fences = Fences }
    }

    // Before the first section as after it.
    assert!(Own::domain().reader(Own::slot()).is_err());
    assert!(Cores::domain().reader(Cores::slot()).is_err());
    RcuDomain::<Own>::new().run(|| {
        assert!(Own::domain().reader(Own::slot()).is_err());
    });
    RcuDomain::<Cores>::new().run(|| {
        assert!(Cores::domain().reader(Cores::slot()).is_err());
    });
}

/// The last section of a thread ends after its slot was to be given back, and the waker that it calls reads, too.
#[cfg(feature = "std")]
#[test]
fn a_waker_that_reads_in_the_last_section_of_a_thread() {
    use core::cell::RefCell;
    use pintle_rcu::{RcuDomain, Scope};

    pintle_rcu::domain! { struct Late; }
    const LATE: RcuDomain<Late> = RcuDomain::new();
    static KEPT: AtomicBool = AtomicBool::new(false);

    struct Reads;
    impl Wake for Reads {
        fn wake(self: Arc<Self>) {
            let before: *const Slot = Late::slot();
            LATE.run(|| {});
            KEPT.store(core::ptr::eq(before, Late::slot()), Relaxed);
        }
    }
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            let waker = Waker::from(Arc::new(Reads));
            // Too late for the thread to give its slot back: the end of the section does.
            let guard = LATE.enter();
            let mut writer = pin!(Late::domain().grace_period());
            let pending = writer.as_mut().poll(&mut Context::from_waker(&waker));
            assert!(pending.is_pending());
            drop(guard);
        }
    }
    std::thread_local! {
        static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    std::thread::spawn(|| {
        // Registered before the domain's own, and so dropped after it.
        LAST.with(|last| *last.borrow_mut() = Some(Last));
        LATE.run(|| {});
    })
    .join()
    .unwrap();
    assert!(KEPT.load(Relaxed), "the slot was given back twice");
    LATE.synchronize_blocking();
}
