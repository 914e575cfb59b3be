//! What is dropped after a grace period.
#![cfg(all(not(loom), feature = "alloc"))]

#[cfg(feature = "std")]
mod thread;

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use pintle_intrusive::{Linked, linked};
use pintle_rcu::domain::{Barrier, Domain, Fences, Reader, Slot};
use pintle_rcu::reclaim::{DriverTaken, Full, RcuHead, Reclaimer, Turn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::{Arc, Mutex};
use std::task::Wake;

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A reader, and a reclaimer of its domain.
fn set_up(capacity: usize) -> (Reader<Fences>, &'static Reclaimer<&'static Domain<Fences>>) {
    let domain = leak(Domain::with_barrier(Fences));
    let reader = domain.reader(leak(Slot::new())).unwrap();
    (reader, leak(Reclaimer::bounded(domain, capacity)))
}

/// The numbers of what was dropped, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u32>>>);

impl Log {
    fn get(&self) -> Vec<u32> {
        self.0.lock().unwrap().clone()
    }

    fn note(&self, number: u32) -> Note {
        Note(self.clone(), number)
    }

    fn object(&self, number: u32) -> Pin<Box<Object>> {
        Box::pin(Object {
            head: RcuHead::new(),
            note: self.note(number),
        })
    }
}

/// Logs its drop.
struct Note(Log, u32);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().push(self.1);
    }
}

/// With a head.
struct Object {
    head: RcuHead,
    note: Note,
}

linked!(Object { head: RcuHead } as Pin<Box<Self>>);

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn nothing_is_dropped_before_a_grace_period_and_all_in_order() {
    let (reader, reclaimer) = set_up(100);
    let log = Log::default();
    let section = reader.enter();
    for number in 0..10 {
        // All ways are in one row.
        let log = log.clone();
        match number % 4 {
            0 => reclaimer.defer(log.object(number)).unwrap(),
            1 => reclaimer.defer_drop(log.note(number)).ok().unwrap(),
            2 => reclaimer
                .defer_fn(move || drop(log.note(number)))
                .ok()
                .unwrap(),
            _ => {
                let object = Object::into_ptr(log.object(number));
                // SAFETY: it is new, and nobody else has it.
                unsafe { reclaimer.defer_raw::<Object>(object) }.unwrap();
            }
        }
    }
    assert_eq!(reclaimer.turn(), Turn::Waiting);
    // These begin another grace period.
    reclaimer.defer(log.object(10)).unwrap();
    assert_eq!(reclaimer.turn(), Turn::Waiting);
    assert_eq!((reclaimer.backlog(), log.get().len()), (11, 0));
    drop(section);

    let section = reader.enter();
    assert_eq!(reclaimer.turn_n(3), Turn::Reclaimed(3));
    assert_eq!(log.get(), [0, 1, 2]);
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(7));
    assert_eq!(reclaimer.turn(), Turn::Waiting);
    assert_eq!(reclaimer.backlog(), 1);
    drop(section);
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(1));
    assert_eq!(reclaimer.turn(), Turn::Idle);
    assert_eq!(log.get(), (0..=10).collect::<Vec<_>>());
    assert_eq!(reclaimer.backlog(), 0);
}

/// Who does not fit gets back what it has given, by each way.
#[test]
fn a_full_backlog_gives_back() {
    let (_, reclaimer) = set_up(2);
    assert_eq!(reclaimer.capacity(), 2);
    let log = Log::default();
    reclaimer.defer(log.object(0)).unwrap();
    reclaimer.defer(log.object(1)).unwrap();
    let Err(Full(object)) = reclaimer.defer(log.object(2)) else {
        panic!("too many");
    };
    assert_eq!(object.note.1, 2);
    let Err(Full(note)) = reclaimer.defer_drop(log.note(3)) else {
        panic!("too many");
    };
    let Err(Full(function)) = reclaimer.defer_fn(move || drop(note)) else {
        panic!("too many");
    };
    let raw = Object::into_ptr(object);
    // SAFETY: nobody else has it.
    assert_eq!(unsafe { reclaimer.defer_raw::<Object>(raw) }, Err(Full(())));
    assert!(log.get().is_empty());
    assert_eq!(
        Full(0).to_string(),
        "as many objects are deferred as may be"
    );
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(2));
    reclaimer.defer_fn(function).ok().unwrap();
    // SAFETY: it was not taken.
    unsafe { reclaimer.defer_raw::<Object>(raw) }.unwrap();
    reclaimer.drain();
    assert_eq!(log.get(), [0, 1, 3, 2]);
}

/// Objects that are used again, through a function that gets the handle.
#[test]
fn a_function_gets_the_handle() {
    static FREE: Mutex<Vec<&'static Slab>> = Mutex::new(Vec::new());

    struct Slab {
        head: RcuHead,
    }

    // SAFETY: slabs live in statics; `Slab` implements neither `Unpin` nor `Drop`; `main` has the only
    // handle and passes it on once at a time; a reference may go where its slab may.
    unsafe impl Linked<RcuHead> for Slab {
        linked!(head: RcuHead as &'static Self);
    }

    static SLABS: [Slab; 2] = [const {
        Slab {
            head: RcuHead::new(),
        }
    }; 2];
    let (_, reclaimer) = set_up(usize::MAX);
    for _ in 0..3 {
        for slab in &SLABS {
            reclaimer
                .defer_with(slab, |slab| FREE.lock().unwrap().push(slab))
                .unwrap();
        }
        reclaimer.drain();
        let free = core::mem::take(&mut *FREE.lock().unwrap());
        assert!(free.iter().zip(&SLABS).all(|(a, b)| core::ptr::eq(*a, b)));
        assert_eq!(free.len(), 2);
    }
}

#[test]
fn a_callback_that_panics_leaves_the_rest_for_the_next_turn() {
    let (_, reclaimer) = set_up(100);
    let log = Log::default();
    reclaimer.defer(log.object(0)).unwrap();
    reclaimer.defer_fn(|| panic!("a callback")).unwrap();
    reclaimer.defer(log.object(1)).unwrap();
    let mut barrier = pin!(reclaimer.barrier());
    assert!(poll_once(barrier.as_mut()).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| reclaimer.turn())).is_err());
    // It counts as called.
    assert_eq!((log.get(), reclaimer.backlog()), (vec![0], 1));
    assert!(poll_once(barrier.as_mut()).is_pending());
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(1));
    assert_eq!((log.get(), reclaimer.backlog()), (vec![0, 1], 0));
    assert!(poll_once(barrier.as_mut()).is_ready());
}

#[test]
fn a_callback_may_defer_again_and_synchronize() {
    let (reader, reclaimer) = set_up(2);
    let log = Log::default();
    let (first, second) = (log.note(0), log.note(1));
    let domain = leak(Domain::with_barrier(Fences));
    reclaimer
        .defer_fn(move || {
            // Of this domain and of others.
            reader.synchronize();
            domain.synchronize();
            drop(first);
            // For itself it still counts: one fits beside it.
            reclaimer.defer_drop(second).ok().unwrap();
            assert!(reclaimer.defer_drop(()).is_err());
            assert_eq!(reclaimer.turn(), Turn::Busy);
            assert_eq!(reclaimer.backlog(), 2);
        })
        .ok()
        .unwrap();
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(1));
    assert_eq!(log.get(), [0]);
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(1));
    assert_eq!(log.get(), [0, 1]);
}

/// It would wait for itself, through another reclaimer's callback too.
#[cfg(feature = "std")]
#[test]
fn a_callback_that_waits_for_its_reclaimer_panics() {
    let (_, reclaimer) = set_up(10);
    let (_, other) = set_up(10);
    for wait in [
        Reclaimer::drain as fn(&Reclaimer<&'static Domain<Fences>>),
        Reclaimer::barrier_blocking,
        Reclaimer::room_blocking,
    ] {
        let refused = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&refused);
        let attempt = move || {
            let refusal = catch_unwind(AssertUnwindSafe(|| wait(reclaimer))).unwrap_err();
            assert!(refusal.downcast::<&str>().unwrap().contains("for itself"));
            count.fetch_add(1, Relaxed);
        };
        reclaimer.defer_fn(attempt.clone()).ok().unwrap();
        reclaimer
            .defer_fn(move || {
                other.defer_fn(attempt).ok().unwrap();
                other.drain();
            })
            .ok()
            .unwrap();
        reclaimer.drain();
        assert_eq!(refused.load(Relaxed), 2);
        // Outside of callbacks it may.
        reclaimer.defer_drop(()).unwrap();
        reclaimer.drain();
    }
}

#[test]
fn a_reclaimer_that_is_dropped_reclaims() {
    let domain = leak(Domain::with_barrier(Fences));
    let log = Log::default();
    let reclaimer = Reclaimer::new(domain);
    reclaimer.defer(log.object(0)).unwrap();
    // In the middle of a batch and of a grace period.
    reclaimer.defer(log.object(1)).unwrap();
    assert_eq!(reclaimer.turn_n(1), Turn::Reclaimed(1));
    reclaimer.defer(log.object(2)).unwrap();
    drop(reclaimer);
    assert_eq!(log.get(), [0, 1, 2]);

    // One that panics does not keep the others.
    let reclaimer = Reclaimer::new(domain);
    reclaimer.defer_fn(|| panic!("a callback")).unwrap();
    reclaimer.defer(log.object(3)).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| drop(reclaimer))).is_err());
    assert_eq!(log.get(), [0, 1, 2, 3]);
}

/// Counts its wake-ups.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_driver_sleeps_until_something_is_deferred() {
    let (_, reclaimer) = set_up(100);
    let log = Log::default();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut cx = Context::from_waker(&waker);
    let woken = || count.0.swap(0, Relaxed);

    let mut drive = Box::pin(reclaimer.drive().unwrap());
    let _: DriverTaken = reclaimer.drive().unwrap_err();
    assert!(drive.as_mut().poll(&mut cx).is_pending());
    assert_eq!(woken(), 0);
    reclaimer.defer(log.object(0)).unwrap();
    assert_eq!(woken(), 1);
    // The second need not wake it.
    reclaimer.defer(log.object(1)).unwrap();
    assert_eq!(woken(), 0);
    while drive.as_mut().poll(&mut cx).is_pending() && woken() > 0 {}
    assert_eq!(log.get(), [0, 1]);

    // Others may take turns, too; what they leave they tell the driver.
    reclaimer.defer(log.object(2)).unwrap();
    reclaimer.defer(log.object(3)).unwrap();
    assert_eq!(woken(), 1);
    assert!(matches!(reclaimer.turn_n(1), Turn::Reclaimed(1)));
    while drive.as_mut().poll(&mut cx).is_pending() && woken() > 0 {}
    reclaimer.defer_fn(|| ()).unwrap();
    reclaimer.defer(log.object(4)).unwrap();
    assert_eq!(woken(), 1);
    assert!(drive.as_mut().poll(&mut cx).is_pending());
    woken();
    drop(drive);

    // Where there is none any more, what is deferred waits for the next.
    reclaimer.defer(log.object(5)).unwrap();
    let mut drive = Box::pin(reclaimer.drive().unwrap());
    while drive.as_mut().poll(&mut cx).is_pending() && woken() > 0 {}
    assert_eq!(log.get(), [0, 1, 2, 3, 4, 5]);
}

/// Somebody else's turn, during which the driver fell asleep, ends in the middle of a batch.
#[test]
fn a_driver_is_told_of_the_rest_of_a_batch() {
    let (_, reclaimer) = set_up(100);
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut drive = Box::pin(reclaimer.drive().unwrap());
    reclaimer
        .defer_fn(move || {
            let mut cx = Context::from_waker(&waker);
            assert!(drive.as_mut().poll(&mut cx).is_pending());
            core::mem::forget(drive);
        })
        .ok()
        .unwrap();
    reclaimer.defer_drop(()).unwrap();
    assert_eq!(reclaimer.turn_n(1), Turn::Reclaimed(1));
    assert_eq!(count.0.load(Relaxed), 1);
}

/// A driver that is dropped keeps no waker: a task that holds its reclaimer would keep itself.
#[test]
fn a_driver_that_is_dropped_leaves_no_waker() {
    let (_, reclaimer) = set_up(100);
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut drive = Box::pin(reclaimer.drive().unwrap());
    assert!(
        drive
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(Arc::strong_count(&count), 3);
    drop(drive);
    assert_eq!(Arc::strong_count(&count), 2);
}

/// What the barrier of the domain does in the middle of a turn is not of that turn.
#[test]
fn what_is_deferred_in_the_heavy_barrier_waits_for_another() {
    static DOMAIN: Domain<Defers> = Domain::with_barrier(Defers);
    static SLOT: Slot = Slot::new();
    static RECLAIMER: Reclaimer<&Domain<Defers>> = Reclaimer::new(&DOMAIN);
    static HEAVY: AtomicUsize = AtomicUsize::new(0);

    struct Defers;

    // SAFETY: it is `Fences`, and does something besides.
    unsafe impl Barrier for Defers {
        fn light(&self) {
            Fences.light();
        }

        fn heavy(&self) {
            Fences.heavy();
            if HEAVY.fetch_add(1, Relaxed) == 0 {
                RECLAIMER.defer_drop(1).unwrap();
                assert_eq!(RECLAIMER.turn(), Turn::Busy);
            }
        }
    }

    let reader = DOMAIN.reader(&SLOT).unwrap();
    reader.run(|| {});
    RECLAIMER.defer_drop(0).unwrap();
    assert_eq!(RECLAIMER.turn(), Turn::Reclaimed(1));
    assert_eq!((HEAVY.load(Relaxed), RECLAIMER.backlog()), (1, 1));
    let section = reader.enter();
    assert_eq!(RECLAIMER.turn(), Turn::Waiting);
    drop(section);
    assert_eq!(RECLAIMER.turn(), Turn::Reclaimed(1));
}

/// A barrier waits for what came before it and for nothing else; room is announced.
#[test]
fn barriers_and_room_are_woken() {
    let (_, reclaimer) = set_up(2);
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let mut cx = Context::from_waker(&waker);
    let woken = || count.0.swap(0, Relaxed);

    assert!(poll_once(pin!(reclaimer.barrier())).is_ready());
    assert!(poll_once(pin!(reclaimer.room())).is_ready());
    reclaimer.defer_drop(1).unwrap();
    let mut barrier = Box::pin(reclaimer.barrier());
    assert!(barrier.as_mut().poll(&mut cx).is_pending());
    reclaimer.defer_drop(2).unwrap();
    let mut room = Box::pin(reclaimer.room());
    assert!(room.as_mut().poll(&mut cx).is_pending());
    assert_eq!(woken(), 0);
    assert_eq!(reclaimer.turn_n(1), Turn::Reclaimed(1));
    assert_eq!(woken(), 2);
    assert!(barrier.as_mut().poll(&mut cx).is_ready());
    assert!(room.as_mut().poll(&mut cx).is_ready());
    // One that is dropped leaves nothing behind.
    let mut cancelled = Box::pin(reclaimer.barrier());
    assert!(cancelled.as_mut().poll(&mut cx).is_pending());
    drop(cancelled);
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(1));
    assert_eq!(woken(), 0);
}

/// In a section that its grace period must wait for, a turn does not block.
#[test]
fn a_turn_in_a_section_waits_for_nothing() {
    let (reader, reclaimer) = set_up(2);
    reader.run(|| {
        reclaimer.defer_drop(1).unwrap();
        assert_eq!(reclaimer.turn(), Turn::Waiting);
        assert_eq!(reclaimer.turn(), Turn::Waiting);
    });
    assert_eq!(reclaimer.turn(), Turn::Reclaimed(1));
}

/// A head is no part of what readers see, and neither moves nor is counted among an object's threads.
#[test]
fn a_head_asks_nothing_of_its_object() {
    fn is<T: Send + Sync>() {}
    is::<RcuHead>();
    is::<Object>();
    is::<Reclaimer<&'static Domain>>();
    assert_eq!(format!("{:?}", RcuHead::default()), "RcuHead { .. }");
    let words = size_of::<RcuHead>() / size_of::<usize>();
    // A debug build has a flag in it.
    assert_eq!(words, if cfg!(debug_assertions) { 4 } else { 3 });
}
