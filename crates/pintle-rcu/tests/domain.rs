//! Domains over slots of the caller's.
#![cfg(not(loom))]

use pintle_rcu::domain::{Barrier, Domain, Fences, Slot, SlotTaken};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread;

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

#[test]
fn statics_need_no_heap() {
    static DOMAIN: Domain<Fences> = Domain::with_barrier(Fences);
    static SLOTS: [Slot; 2] = [const { Slot::new() }; 2];
    DOMAIN.synchronize();
    let first = DOMAIN.reader(&SLOTS[0]).unwrap();
    let second = DOMAIN.reader(&SLOTS[1]).unwrap();
    assert_eq!(first.run(|| second.run(|| 3)), 3);
    first.synchronize();
    assert_eq!(format!("{DOMAIN:?}"), "Domain { barrier: Fences, .. }");
}

#[test]
fn a_slot_has_one_reader_at_a_time_and_one_domain() {
    let (one, two) = (leak(Domain::new()), leak(Domain::new()));
    let slot = leak(Slot::new());
    let reader = one.reader(slot).unwrap();
    let _: SlotTaken = one.reader(slot).unwrap_err();
    drop(reader);
    let _: SlotTaken = two.reader(slot).unwrap_err();
    // The refusal has not cost the slot.
    one.reader(slot).unwrap().run(|| {});
}

/// The writer returns after the section has ended, and not before.
#[test]
fn a_writer_waits_for_the_section_and_no_longer() {
    let domain = leak(Domain::new());
    let reader = domain.reader(leak(Slot::new())).unwrap();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let section = reader.enter();
        let inner = reader.enter();
        let writer = scope.spawn(|| {
            domain.synchronize();
            assert!(over.load(Relaxed), "the writer did not wait");
        });
        // Long enough for the writer to spin, yield and sleep.
        thread::sleep(std::time::Duration::from_millis(20));
        drop(section);
        reader.quiesce();
        thread::yield_now();
        assert!(!writer.is_finished());
        over.store(true, Relaxed);
        drop(inner);
    });
}

/// A reader that is in and out all the time does not starve a writer.
#[test]
fn busy_readers_do_not_starve_a_writer() {
    let domain = leak(Domain::new());
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            let reader = domain.reader(leak(Slot::new())).unwrap();
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Relaxed) {
                    reader.run(|| {});
                }
            });
        }
        for _ in 0..200 {
            domain.synchronize();
        }
        stop.store(true, Relaxed);
    });
}

#[test]
fn a_writer_in_a_section_panics_instead_of_waiting_for_itself() {
    let domain = leak(Domain::new());
    let reader = domain.reader(leak(Slot::new())).unwrap();
    let result = catch_unwind(AssertUnwindSafe(|| reader.run(|| reader.synchronize())));
    let message = *result.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("within a read section"), "{message}");
    // The panic has left the section.
    reader.synchronize();
}

#[test]
fn a_leaked_section_ends_with_its_reader() {
    let domain = leak(Domain::new());
    let slot = leak(Slot::new());
    let reader = domain.reader(slot).unwrap();
    core::mem::forget(reader.enter());
    core::mem::forget(reader.enter());
    drop(reader);
    domain.synchronize();
    domain.reader(slot).unwrap().synchronize();
}

#[test]
fn a_reader_may_change_threads_between_sections() {
    let domain = leak(Domain::new());
    let reader = domain.reader(leak(Slot::new())).unwrap();
    reader.run(|| {});
    let reader = thread::spawn(move || {
        reader.run(|| {});
        reader
    })
    .join()
    .unwrap();
    reader.synchronize();
}

/// A grace period makes one heavy barrier however many readers there are, and none if all are quiescent.
#[test]
fn one_heavy_barrier_or_none() {
    static HEAVY: AtomicUsize = AtomicUsize::new(0);
    struct Counting;
    // SAFETY: it is `Fences`, and counts.
    unsafe impl Barrier for Counting {
        fn light(&self) {
            Fences.light();
        }

        fn heavy(&self) {
            HEAVY.fetch_add(1, Relaxed);
            Fences.heavy();
        }
    }
    let domain = leak(Domain::with_barrier(Counting));
    let readers = [(); 5].map(|()| domain.reader(leak(Slot::new())).unwrap());
    domain.synchronize();
    assert_eq!(HEAVY.load(Relaxed), 0);
    for reader in &readers {
        reader.run(|| {});
    }
    domain.synchronize();
    assert_eq!(HEAVY.load(Relaxed), 1);
    for reader in &readers[1..] {
        reader.quiesce();
    }
    // A writer that is a reader itself does not count.
    readers[0].synchronize();
    assert_eq!(HEAVY.load(Relaxed), 1);
}

/// Eight writers that come while a section runs are served by the grace period under way and the next one.
#[test]
fn writers_share_grace_periods() {
    static HEAVY: AtomicUsize = AtomicUsize::new(0);
    struct Counting;
    // SAFETY: it is `Fences`, and counts.
    unsafe impl Barrier for Counting {
        fn light(&self) {
            Fences.light();
        }

        fn heavy(&self) {
            HEAVY.fetch_add(1, Relaxed);
            Fences.heavy();
        }
    }
    let domain = leak(Domain::with_barrier(Counting));
    let reader = domain.reader(leak(Slot::new())).unwrap();
    let section = reader.enter();
    let come = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let cookie = domain.start_poll();
                come.fetch_add(1, Relaxed);
                domain.wait(cookie);
            });
        }
        while come.load(Relaxed) < 8 {
            thread::yield_now();
        }
        drop(section);
    });
    assert!((1..=2).contains(&HEAVY.load(Relaxed)));
}

#[test]
fn who_holds_a_writer_up_can_be_named() {
    let domain = leak(Domain::new());
    let slot: &'static Slot = leak(Slot::new());
    let reader = domain.reader(slot).unwrap();
    slot.set_label(7);
    let section = reader.enter();
    assert!(domain.awaited().is_none(), "nobody waits");
    let cookie = domain.start_poll();
    assert!(!domain.poll(cookie));
    assert_eq!(domain.awaited().map(Slot::label), Some(7));
    drop(section);
    assert!(domain.poll(cookie) && domain.awaited().is_none());
    drop(reader);
    assert_eq!(slot.label(), 0);
}
