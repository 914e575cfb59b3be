//! Models of reclamation: who defers, who reclaims, and who waits for them.

use core::future::Future;
use core::pin::pin;
use core::ptr::NonNull;
use core::sync::atomic::AtomicBool;
use core::task::{Context, Waker};
use loom::sync::Arc;
use pintle_core::atomic::{AtomicUsize, Ordering::*};
use pintle_core::cell::UnsafeCell;
use pintle_core::model::check;
use pintle_core::thread;
use pintle_intrusive::Linked;
use pintle_rcu::domain::{Domain, Fences, Slot};
use pintle_rcu::reclaim::{Full, RcuHead, Reclaimer, Turn};

/// Loom's objects cannot be in statics, and a slot is `'static`.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// An object whose reclamation loom watches: a read that does not happen before it fails the model.
struct Object {
    head: RcuHead,
    value: UnsafeCell<u32>,
    /// How many have been reclaimed.
    reclaimed: &'static AtomicUsize,
}

/// Keeps its object, so that loom can tell of reads that come late.
struct Kept(NonNull<Object>);

const ALIVE: u32 = 7;
const FREED: u32 = 0xdead;

// SAFETY: objects are leaked; `Object` implements neither `Unpin` nor `Drop`; each model has one handle of an
// object and passes it on once; what of it threads share is atomic or what the model checks.
unsafe impl Linked<RcuHead> for Object {
    type Handle = Kept;

    fn into_ptr(kept: Kept) -> NonNull<Self> {
        let object = kept.0;
        core::mem::forget(kept);
        object
    }

    unsafe fn from_ptr(object: NonNull<Self>) -> Kept {
        Kept(object)
    }

    unsafe fn links(object: NonNull<Self>) -> NonNull<RcuHead> {
        // SAFETY: the object is live.
        unsafe { NonNull::new_unchecked(&raw mut (*object.as_ptr()).head) }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // SAFETY: objects are leaked.
        let object = unsafe { self.0.as_ref() };
        // SAFETY: that nobody reads meanwhile is what the model checks.
        object.value.with_mut(|value| unsafe {
            assert_eq!(*value, ALIVE, "reclaimed twice");
            *value = FREED;
        });
        object.reclaimed.fetch_add(1, Relaxed);
    }
}

impl core::ops::Deref for Kept {
    type Target = Object;

    fn deref(&self) -> &Object {
        // SAFETY: objects are leaked.
        unsafe { self.0.as_ref() }
    }
}

// SAFETY: an object may be reclaimed anywhere.
unsafe impl Send for Kept {}

fn object(reclaimed: &'static AtomicUsize) -> Kept {
    Kept(NonNull::from(leak(Object {
        head: RcuHead::new(),
        value: UnsafeCell::new(ALIVE),
        reclaimed,
    })))
}

fn count() -> &'static AtomicUsize {
    leak(AtomicUsize::new(0))
}

fn set_up(
    capacity: usize,
) -> (
    &'static Domain<Fences>,
    &'static Reclaimer<&'static Domain<Fences>>,
) {
    let domain = leak(Domain::with_barrier(Fences));
    (domain, leak(Reclaimer::bounded(domain, capacity)))
}

/// Takes turns until so many have been reclaimed.
fn reclaim(reclaimer: &Reclaimer<&'static Domain<Fences>>, reclaimed: &AtomicUsize, all: usize) {
    while reclaimed.load(Relaxed) < all {
        if !matches!(reclaimer.turn(), Turn::Reclaimed(_)) {
            thread::yield_now();
        }
    }
}

/// An object that readers find here.
struct Link(AtomicUsize, NonNull<Object>);

// SAFETY: what is read through it is what the model checks.
unsafe impl Send for Link {}
// SAFETY: as above.
unsafe impl Sync for Link {}

impl Link {
    fn new(reclaimed: &'static AtomicUsize) -> Arc<Self> {
        Arc::new(Self(
            AtomicUsize::new(1),
            Object::into_ptr(object(reclaimed)),
        ))
    }

    /// In a section.
    fn read(&self) {
        if self.0.load(Acquire) == 1 {
            // SAFETY: objects are leaked.
            let object = unsafe { self.1.as_ref() };
            // SAFETY: that nobody writes meanwhile is what the model checks.
            object
                .value
                .with(|value| assert_eq!(unsafe { *value }, ALIVE));
        }
    }

    fn retire(&self, reclaimer: &Reclaimer<&'static Domain<Fences>>) {
        self.0.store(0, Release);
        // SAFETY: it is unlinked, and that this suffices is what the model checks.
        unsafe { reclaimer.defer_raw::<Object>(self.1) }.unwrap();
    }
}

/// A reader, and a writer that reclaims by itself.
#[test]
fn defer_and_a_reader() {
    check(|| {
        let (domain, reclaimer) = set_up(1);
        let reader = domain.reader(leak(Slot::new())).unwrap();
        let reclaimed = count();
        let link = Link::new(reclaimed);
        let other = thread::spawn({
            let link = link.clone();
            move || reader.run(|| link.read())
        });
        link.retire(reclaimer);
        reclaim(reclaimer, reclaimed, 1);
        other.join().unwrap();
    });
}

/// A reader, a writer that defers, and who reclaims: the grace period is not begun by who has unlinked.
#[test]
fn defer_and_a_reader_and_a_driver() {
    check(|| {
        let (domain, reclaimer) = set_up(1);
        let reader = domain.reader(leak(Slot::new())).unwrap();
        let reclaimed = count();
        let link = Link::new(reclaimed);
        let reads = thread::spawn({
            let link = link.clone();
            move || {
                reader.run(|| link.read());
                reader.run(|| link.read());
            }
        });
        let writes = thread::spawn(move || link.retire(reclaimer));
        reclaim(reclaimer, reclaimed, 1);
        reads.join().unwrap();
        writes.join().unwrap();
    });
}

/// A grace period that is over before an object is deferred is not that object's, though the turn that takes the
/// object has begun before.
#[test]
fn a_turn_and_a_grace_period_of_somebody_else() {
    check(|| {
        let (domain, reclaimer) = set_up(2);
        let reader = domain.reader(leak(Slot::new())).unwrap();
        let (first, second) = (count(), count());
        let link = Link::new(second);
        reclaimer.defer(object(first)).ok().unwrap();
        let other = thread::spawn(move || {
            domain.synchronize_with(thread::yield_now);
            reader.run(|| {
                link.read();
                link.retire(reclaimer);
                // It is unlinked, and was found before.
                // SAFETY: objects are leaked.
                let object = unsafe { link.1.as_ref() };
                // SAFETY: that nobody writes meanwhile is what the model checks.
                object
                    .value
                    .with(|value| assert_eq!(unsafe { *value }, ALIVE));
            });
        });
        reclaimer.turn();
        other.join().unwrap();
        reclaim(reclaimer, first, 1);
        reclaim(reclaimer, second, 1);
    });
}

/// A barrier waits for what its thread has deferred, whatever others defer at the same time.
#[test]
fn barrier_and_defer() {
    check(|| {
        let (_, reclaimer) = set_up(2);
        let (first, second) = (count(), count());
        let other = thread::spawn(move || {
            reclaimer.defer(object(second)).ok().unwrap();
            reclaim(reclaimer, first, 1);
        });
        reclaimer.defer(object(first)).ok().unwrap();
        loom::future::block_on(reclaimer.barrier());
        assert_eq!(first.load(Relaxed), 1, "the barrier did not wait");
        other.join().unwrap();
    });
}

/// Who reclaims is another, and is through before, within or after the call.
#[test]
fn barrier_and_a_driver() {
    check(|| {
        let (_, reclaimer) = set_up(2);
        let first = count();
        let driver = thread::spawn(move || reclaim(reclaimer, first, 1));
        reclaimer.defer(object(first)).ok().unwrap();
        loom::future::block_on(reclaimer.barrier());
        assert_eq!(first.load(Relaxed), 1, "the barrier did not wait");
        driver.join().unwrap();
    });
}

/// Whether it was woken.
struct Woken(AtomicBool);

impl std::task::Wake for Woken {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

/// Three of them: one waits, one defers, and one reclaims, of what has come as much as a turn takes.
#[test]
fn barrier_and_defer_and_a_driver() {
    check(|| {
        let (_, reclaimer) = set_up(2);
        let (first, second) = (count(), count());
        let other = thread::spawn(move || reclaimer.defer(object(second)).ok().unwrap());
        let driver = thread::spawn(move || reclaimer.turn());
        reclaimer.defer(object(first)).ok().unwrap();
        let woken = std::sync::Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(woken.clone());
        let mut context = Context::from_waker(&waker);
        let mut barrier = pin!(reclaimer.barrier());
        let waits = barrier.as_mut().poll(&mut context).is_pending();
        assert!(waits || first.load(Relaxed) == 1, "it did not wait");
        other.join().unwrap();
        driver.join().unwrap();
        reclaim(reclaimer, first, 1);
        reclaim(reclaimer, second, 1);
        assert!(!waits || woken.0.load(Relaxed), "nobody has woken");
        assert!(!waits || barrier.as_mut().poll(&mut context).is_ready());
    });
}

/// Two that defer where there is room for one: each gets in, and nobody sleeps through it.
#[test]
fn a_full_backlog() {
    check(|| {
        let (_, reclaimer) = set_up(1);
        let reclaimed = count();
        let others = [(); 2].map(|()| {
            thread::spawn(move || {
                let mut object = object(reclaimed);
                while let Err(Full(back)) = reclaimer.defer(object) {
                    object = back;
                    loom::future::block_on(reclaimer.room());
                }
            })
        });
        reclaim(reclaimer, reclaimed, 2);
        for other in others {
            other.join().unwrap();
        }
    });
}

/// Ends a thread's park.
struct Unpark(thread::Thread);

impl std::task::Wake for Unpark {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.unpark();
    }
}

/// Drives as a thread does that has nothing else to do, until so many have been reclaimed.
fn drive(reclaimer: &Reclaimer<&'static Domain<Fences>>, reclaimed: &AtomicUsize, all: usize) {
    let waker = Waker::from(std::sync::Arc::new(Unpark(thread::current())));
    let mut drive = pin!(reclaimer.drive().unwrap());
    loop {
        let pending = drive.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(pending.is_pending());
        if reclaimed.load(Relaxed) == all {
            return;
        }
        thread::park();
    }
}

/// A driver that falls asleep while two defer: loom finds a deadlock if a wake-up is lost.
#[test]
fn a_driver_that_falls_asleep_and_defer() {
    check(|| {
        let (_, reclaimer) = set_up(2);
        let reclaimed = count();
        let driver = thread::spawn(move || drive(reclaimer, reclaimed, 2));
        reclaimer.defer(object(reclaimed)).ok().unwrap();
        reclaimer.defer(object(reclaimed)).ok().unwrap();
        driver.join().unwrap();
    });
}

/// The driver finds somebody else at it, who leaves what has come meanwhile.
#[test]
fn a_driver_and_a_turn_of_somebody_else() {
    check(|| {
        let (_, reclaimer) = set_up(2);
        let reclaimed = count();
        let driver = thread::spawn(move || drive(reclaimer, reclaimed, 1));
        let other = thread::spawn(move || reclaimer.turn());
        reclaimer.defer(object(reclaimed)).ok().unwrap();
        // Reclaimed by either. If it was the other, the driver may sleep for good.
        other.join().unwrap();
        if reclaimed.load(Relaxed) == 1 {
            reclaimer.defer(object(count())).ok().unwrap();
        }
        driver.join().unwrap();
    });
}
