//! Locks that panic instead of letting somebody in, as their trait allows: where a node must leave what links
//! it before it is freed, the process ends. Each test runs itself in a process of its own.
#![cfg(all(not(loom), not(miri), unix))]

mod support;

use std::{
    cell::RefCell,
    os::unix::process::ExitStatusExt,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    process::Command,
    rc::Rc,
    sync::Arc,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use pintle_sync::{
    Mutex, WaitMap, WaitQueue,
    blocking::ScopedRawMutex,
    spin::Spinlock,
    wait_map::{Wait, WakeOutcome},
};
use support::{CriticalSection, Probe, poll};

/// A lock that panics once it is broken.
#[derive(Clone, Default)]
struct Fuse(Arc<(Spinlock, AtomicBool)>);

impl Fuse {
    fn blow(&self) {
        self.0.1.store(true, Relaxed);
    }
}

// SAFETY: the spinlock is one, and nobody is let in without it.
unsafe impl ScopedRawMutex for Fuse {
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        assert!(!self.0.1.load(Relaxed), "blown");
        self.0.0.with_lock(f)
    }

    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        assert!(!self.0.1.load(Relaxed), "blown");
        self.0.0.try_with_lock(f)
    }

    fn is_locked(&self) -> bool {
        ScopedRawMutex::is_locked(&self.0.0)
    }
}

/// `f`, the test called `name`, ends the process by a signal, though it catches its panic.
fn aborts(name: &str, f: impl FnOnce()) {
    const CHILD: &str = "PINTLE_SYNC_LOCK_PANICS";
    if std::env::var_os(CHILD).is_some() {
        let _ = catch_unwind(AssertUnwindSafe(f));
        // The parent takes this for what must not be.
        std::process::exit(0);
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(child.status.signal().is_some(), "{child:?}");
}

#[test]
fn a_wait_that_cannot_leave() {
    aborts("a_wait_that_cannot_leave", || {
        let fuse = Fuse::default();
        let queue = WaitQueue::new_with_raw_mutex(fuse.clone());
        let mut wait = Box::pin(queue.wait());
        assert!(poll(wait.as_mut(), &Probe::new()).is_pending());
        fuse.blow();
        drop(wait);
    });
}

/// In a release build, too, where a place in the line for permits looks at nothing when it is dropped.
#[test]
fn a_lock_that_cannot_leave() {
    aborts("a_lock_that_cannot_leave", || {
        let fuse = Fuse::default();
        let mutex: &Mutex<_, _> = Box::leak(Box::new(Mutex::new_with_raw_mutex((), fuse.clone())));
        std::mem::forget(mutex.try_lock().unwrap());
        let mut lock = Box::pin(mutex.lock());
        assert!(poll(lock.as_mut(), &Probe::new()).is_pending());
        fuse.blow();
        drop(lock);
    });
}

#[test]
fn a_wake_all_that_cannot_go_on() {
    aborts("a_wake_all_that_cannot_go_on", || {
        let fuse = Fuse::default();
        let queue = WaitQueue::new_with_raw_mutex(fuse.clone());
        let task = Probe::new();
        let mut waits: Vec<_> = (0..40).map(|_| Box::pin(queue.wait())).collect();
        for wait in &mut waits {
            assert!(poll(wait.as_mut(), &task).is_pending());
        }
        task.on_wake(move || fuse.blow());
        let _ = catch_unwind(AssertUnwindSafe(|| queue.wake_all()));
        // Those who have been moved aside could not leave.
        std::mem::forget(waits);
    });
}

#[cfg(feature = "alloc")]
#[test]
fn a_token_that_cannot_leave_its_children() {
    aborts("a_token_that_cannot_leave_its_children", || {
        let fuse = Fuse::default();
        let token = pintle_sync::CancellationToken::new_with_raw_mutex(fuse.clone());
        std::mem::forget(token.child_token());
        fuse.blow();
        drop(token);
    });
}

type Kept = Rc<RefCell<Option<Pin<Box<Wait<'static, Key, (), CriticalSection>>>>>>;

/// A key whose comparison drops a wait of the map that compares it.
struct Key(Kept);

impl PartialEq for Key {
    fn eq(&self, _: &Self) -> bool {
        drop(self.0.take());
        false
    }
}

#[test]
fn a_comparison_that_drops_a_wait_of_its_map() {
    aborts("a_comparison_that_drops_a_wait_of_its_map", || {
        let map: &WaitMap<Key, (), CriticalSection> = Box::leak(Box::default());
        let kept = Kept::default();
        let mut wait = Box::pin(map.wait(Key(kept.clone())));
        assert!(poll(wait.as_mut(), &Probe::new()).is_pending());
        *kept.borrow_mut() = Some(wait);
        let wake = || matches!(map.wake(&Key(Kept::default()), ()), WakeOutcome::Woke);
        let _ = catch_unwind(AssertUnwindSafe(wake));
    });
}
