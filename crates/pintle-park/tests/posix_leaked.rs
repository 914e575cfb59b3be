//! Guards that are leaked, and what becomes of their mutexes.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{mem, pin::Pin};
use linux_support::*;
use pintle_park::posix::*;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::{Arc, mpsc};
use std::{thread, time::Duration};

fn attributes() -> [MutexAttr; 4] {
    let new = MutexAttr::new();
    [
        new,
        new.process_shared(),
        new.inherit_priority(),
        robust(new),
    ]
}

/// Leaks a guard in this thread, drops the mutex, and lets its memory be used again: what the C
/// library still knows of the mutex shows when the thread locks and unlocks another one.
fn leak_and_drop<K: Kind + 'static>(attr: MutexAttr<K>, times: usize) {
    let other = Box::pin(Mutex::with_attr(robust(MutexAttr::new()), 0));
    let mutex = Box::pin(Mutex::with_attr(attr, 0));
    for _ in 0..times {
        mem::forget(mutex.as_ref().lock().unwrap());
    }
    drop(mutex);
    // Most likely in the same place, and with a content of its own.
    let reused = Box::new([0xAA_u8; size_of::<Mutex<i32>>()]);
    for _ in 0..3 {
        *other.as_ref().lock().unwrap() += 1;
    }
    assert_eq!(*reused, [0xAA; size_of::<Mutex<i32>>()], "somebody wrote");
}

#[test]
fn by_the_thread_that_drops_the_mutex() {
    for attr in attributes() {
        leak_and_drop(attr, 1);
        leak_and_drop(attr.error_check(), 1);
        leak_and_drop(attr.recursive(), 1);
        leak_and_drop(attr.recursive(), 5);
    }
}

/// The owner has ended: nobody will unlock.
#[test]
fn by_a_thread_that_is_gone() {
    fn check<K: Kind + 'static>(attr: MutexAttr<K>) {
        let mutex = Arc::pin(Mutex::with_attr(attr, 0));
        let other = mutex.clone();
        thread::spawn(move || mem::forget(other.as_ref().lock().unwrap()))
            .join()
            .unwrap();
        drop(mutex);
    }
    for attr in attributes() {
        check(attr);
        check(attr.error_check());
        check(attr.recursive());
    }
}

/// The owner lives, and uses the C library's locks after the memory has another content.
#[test]
fn by_another_thread_that_lives() {
    fn check<K: Kind + 'static>(attr: MutexAttr<K>) {
        let mutex = Box::pin(Mutex::with_attr(attr, 0));
        let (locked, lock) = mpsc::channel();
        let (go, gone) = mpsc::channel();
        thread::scope(|scope| {
            let pinned: Pin<&'static Mutex<i32, K>> =
                // SAFETY: it lives until the end of this function, and the thread does not.
                unsafe { mem::transmute::<Pin<&Mutex<i32, K>>, _>(mutex.as_ref()) };
            let owner = scope.spawn(move || {
                mem::forget(pinned.lock().unwrap());
                locked.send(()).unwrap();
                gone.recv().unwrap();
                let other = Box::pin(Mutex::with_attr(robust(MutexAttr::new()), 0));
                *other.as_ref().lock().unwrap() += 1;
            });
            lock.recv().unwrap();
            drop(mutex);
            let reused = Box::new([0xAA_u8; size_of::<Mutex<i32>>()]);
            go.send(()).unwrap();
            owner.join().unwrap();
            assert_eq!(*reused, [0xAA; size_of::<Mutex<i32>>()], "somebody wrote");
        });
    }
    for attr in [
        MutexAttr::new(),
        MutexAttr::new().process_shared(),
        MutexAttr::new().inherit_priority(),
    ] {
        check(attr);
        if cfg!(target_env = "gnu") {
            check(attr.error_check());
            check(attr.recursive());
        }
    }
}

/// The list of the owner's robust mutexes leads through the memory, so it is not given back before
/// the owner ends.
#[test]
fn a_robust_mutex_waits_for_its_owner() {
    if no_robust_lists() {
        return;
    }
    static DROPPED: AtomicBool = AtomicBool::new(false);

    let mutex = Arc::pin(Mutex::with_attr(robust(MutexAttr::new()), 0));
    let (locked, lock) = mpsc::channel();
    let (end, ends) = mpsc::channel::<()>();
    let owner = thread::spawn({
        let mutex = mutex.clone();
        move || {
            mem::forget(mutex.as_ref().lock().unwrap());
            drop(mutex);
            locked.send(()).unwrap();
            ends.recv().unwrap();
        }
    });
    lock.recv().unwrap();
    let dropper = thread::spawn(move || {
        drop(mutex);
        DROPPED.store(true, Release);
    });
    thread::sleep(Duration::from_millis(50));
    assert!(!DROPPED.load(Acquire), "the memory is the owner's yet");
    end.send(()).unwrap();
    owner.join().unwrap();
    until(|| DROPPED.load(Acquire));
    dropper.join().unwrap();
}

/// A mutex that nobody can lock any more can still be dropped; and so can a recovery.
#[test]
fn not_recoverable() {
    if no_robust_lists() {
        return;
    }
    let mutex = Arc::pin(Mutex::with_attr(robust(MutexAttr::new()), 0));
    let other = mutex.clone();
    thread::spawn(move || mem::forget(other.as_ref().lock().unwrap()))
        .join()
        .unwrap();
    let Err(LockError::OwnerDied(recovery)) = mutex.as_ref().lock() else {
        panic!("its owner has died");
    };
    mem::forget(recovery);
    drop(mutex);
}

#[test]
fn read_write_locks() {
    let lock = Box::pin(RwLock::new(0));
    mem::forget(lock.as_ref().read().unwrap());
    mem::forget(lock.as_ref().read().unwrap());
    drop(lock);

    let lock = Box::pin(RwLock::new(0));
    mem::forget(lock.as_ref().write().unwrap());
    drop(lock);
}

#[test]
fn never_used() {
    drop(Mutex::new(vec![1]));
    drop(RwLock::new(vec![1]));
    drop(Condvar::new());
}
