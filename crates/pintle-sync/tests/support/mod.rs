//! What the tests poll with: wakers that count, and wakers that do harm.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses a part of it"
)]

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};

type Hook = Box<dyn FnMut() + Send>;

/// What a task would be: counts what happens to its wakers, and runs code when it does.
#[derive(Default)]
pub struct Probe {
    wakes: AtomicUsize,
    live: AtomicUsize,
    clones: AtomicUsize,
    on_wake: Mutex<Option<Hook>>,
    on_clone: Mutex<Option<Hook>>,
    on_drop: Mutex<Option<Hook>>,
}

impl Probe {
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// A waker of this task. All of them `will_wake` each other.
    pub fn waker(self: &Arc<Self>) -> Waker {
        self.live.fetch_add(1, Relaxed);
        // SAFETY: the vtable's functions are those of a waker whose data is an `Arc<Probe>`.
        unsafe { Waker::new(Arc::into_raw(self.clone()).cast(), &VTABLE) }
    }

    /// How often it has been woken.
    pub fn wakes(&self) -> usize {
        self.wakes.load(Relaxed)
    }

    /// How many of its wakers exist.
    pub fn live(&self) -> usize {
        self.live.load(Relaxed)
    }

    /// How often a waker has been cloned.
    pub fn clones(&self) -> usize {
        self.clones.load(Relaxed)
    }

    /// Runs `f` in every `wake`.
    pub fn on_wake(&self, f: impl FnMut() + Send + 'static) {
        *self.on_wake.lock().unwrap() = Some(Box::new(f));
    }

    /// Runs `f` in every `clone`.
    pub fn on_clone(&self, f: impl FnMut() + Send + 'static) {
        *self.on_clone.lock().unwrap() = Some(Box::new(f));
    }

    /// Runs `f` whenever a waker is dropped without having been called.
    pub fn on_drop(&self, f: impl FnMut() + Send + 'static) {
        *self.on_drop.lock().unwrap() = Some(Box::new(f));
    }

    /// Forgets what it was to run.
    pub fn disarm(&self) {
        for hook in [&self.on_wake, &self.on_clone, &self.on_drop] {
            *hook.lock().unwrap() = None;
        }
    }
}

/// Runs a hook, which is not found by what it calls in turn, and puts it back, panic or not.
fn run(slot: &Mutex<Option<Hook>>) {
    struct PutBack<'a>(&'a Mutex<Option<Hook>>, Option<Hook>);

    impl Drop for PutBack<'_> {
        fn drop(&mut self) {
            let mut slot = self.0.lock().unwrap();
            *slot = slot.take().or(self.1.take());
        }
    }

    let hook = slot.lock().unwrap().take();
    if let Some(hook) = &mut PutBack(slot, hook).1 {
        hook();
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        // SAFETY: `data` is a live `Arc<Probe>`, which is not dropped here.
        let probe = std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Probe>()) });
        probe.clones.fetch_add(1, Relaxed);
        run(&probe.on_clone);
        probe.live.fetch_add(1, Relaxed);
        RawWaker::new(Arc::into_raw(Arc::clone(&probe)).cast(), &VTABLE)
    },
    |data| {
        // SAFETY: `data` is an `Arc<Probe>` that the caller gives up.
        let probe = unsafe { Arc::from_raw(data.cast::<Probe>()) };
        probe.live.fetch_sub(1, Relaxed);
        probe.wakes.fetch_add(1, Relaxed);
        run(&probe.on_wake);
    },
    |data| {
        // SAFETY: `data` is a live `Arc<Probe>`, which is not dropped here.
        let probe = std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Probe>()) });
        probe.wakes.fetch_add(1, Relaxed);
        run(&probe.on_wake);
    },
    |data| {
        // SAFETY: `data` is an `Arc<Probe>` that the caller gives up.
        let probe = unsafe { Arc::from_raw(data.cast::<Probe>()) };
        probe.live.fetch_sub(1, Relaxed);
        run(&probe.on_drop);
    },
);

/// Polls a future once with a waker of `probe`.
pub fn poll<F: Future + ?Sized>(future: Pin<&mut F>, probe: &Arc<Probe>) -> Poll<F::Output> {
    let waker = probe.waker();
    future.poll(&mut Context::from_waker(&waker))
}

/// Makes a test of each generic function, for each lock that a queue may have.
#[allow(unused_macros, reason = "each test binary uses a part of this module")]
macro_rules! for_each_lock {
    ($($test:ident),* $(,)?) => {
        mod spinlock {
            $(#[test]
            fn $test() {
                super::$test::<pintle_sync::spin::Spinlock>();
            })*
        }
        mod default_mutex {
            $(#[test]
            fn $test() {
                super::$test::<pintle_sync::blocking::DefaultMutex>();
            })*
        }
        mod critical_section {
            $(#[test]
            fn $test() {
                super::$test::<crate::support::CriticalSection>();
            })*
        }
    };
}

#[allow(unused_imports, reason = "each test binary uses a part of this module")]
pub(crate) use for_each_lock;

/// A lock that is nothing but a critical section, as on a chip with one core. Where the others would wait
/// for ever for their holder, it panics.
#[derive(Default)]
pub struct CriticalSection(std::sync::atomic::AtomicBool);

// SAFETY: the critical section keeps other threads out; the flag, this thread.
unsafe impl pintle_sync::blocking::ScopedRawMutex for CriticalSection {
    #[track_caller]
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        self.try_with_lock(f).expect("locked by its holder")
    }

    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        struct Release<'a>(&'a std::sync::atomic::AtomicBool);

        impl Drop for Release<'_> {
            fn drop(&mut self) {
                self.0.store(false, Relaxed);
            }
        }

        critical_section::with(|_| {
            if self.0.swap(true, Relaxed) {
                return None;
            }
            let _held = Release(&self.0);
            Some(f())
        })
    }

    fn is_locked(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// A lock that a queue in a test may have.
pub trait Lock: pintle_sync::blocking::ScopedRawMutex + Default + Send + Sync + 'static {}
impl<L: pintle_sync::blocking::ScopedRawMutex + Default + Send + Sync + 'static> Lock for L {}
