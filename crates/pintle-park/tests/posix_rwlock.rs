//! Read-write locks.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::pin::pin;
use linux_support::*;
use pintle_park::posix::*;
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::sync::{Barrier, mpsc};
use std::{thread, time::Duration};

#[test]
fn exclusion() {
    let lock = pin!(RwLock::new([0_u64; 2]));
    let lock = lock.as_ref();
    let start = Barrier::new(4);
    let rounds = if full() { 1_000_000 } else { 10_000 };
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..rounds {
                    let mut pair = lock.write().unwrap();
                    pair[0] += 1;
                    pair[1] += 1;
                }
            });
            scope.spawn(|| {
                start.wait();
                for _ in 0..rounds {
                    let pair = lock.read().unwrap();
                    assert_eq!(pair[0], pair[1]);
                }
            });
        }
    });
    assert_eq!(*lock.read().unwrap(), [2 * rounds; 2]);
}

#[test]
fn readers_read_together() {
    let lock = pin!(RwLock::new(5));
    let lock = lock.as_ref();
    let together = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let guard = lock.read().unwrap();
                together.wait();
                assert_eq!(*guard, 5);
                assert!(matches!(lock.try_write(), Err(RwLockError::WouldBlock)));
                together.wait();
            });
        }
    });
    assert!(lock.try_write().is_ok());
}

#[test]
fn the_writer_again() {
    let lock = pin!(RwLock::new(5));
    let lock = lock.as_ref();
    let guard = lock.write().unwrap();
    assert!(matches!(lock.read(), Err(RwLockError::Deadlock)));
    assert!(matches!(lock.write(), Err(RwLockError::Deadlock)));
    assert!(lock.try_read().is_err());
    assert!(lock.try_write().is_err());
    drop(guard);
    assert!(lock.try_write().is_ok());
}

/// It waits for itself for ever; glibc does not tell.
#[test]
fn the_reader_that_writes() {
    let lock = pin!(RwLock::new(5));
    let lock = lock.as_ref();
    let guard = lock.read().unwrap();
    assert!(matches!(lock.try_write(), Err(RwLockError::WouldBlock)));
    drop(guard);
}

/// glibc's readers pass a waiting writer, so reading twice is no deadlock.
#[test]
fn reading_twice_beside_a_waiting_writer() {
    let lock = pin!(RwLock::new(5));
    let lock = lock.as_ref();
    thread::scope(|scope| {
        let (read, reads) = mpsc::channel();
        let reader = scope.spawn(move || {
            let outer = lock.read().unwrap();
            read.send(()).unwrap();
            thread::sleep(Duration::from_millis(20));
            let inner = lock.read().unwrap();
            assert_eq!(*outer, *inner);
        });
        reads.recv().unwrap();
        *lock.write().unwrap() += 1;
        reader.join().unwrap();
    });
    assert_eq!(*lock.read().unwrap(), 6);
}

#[test]
fn errors() {
    for (error, text) in [
        (RwLockError::Deadlock, "the caller has the lock already"),
        (RwLockError::Init(InitError::NoMemory), "not enough memory"),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

struct Shelf {
    lock: RwLock<[u32; 2]>,
    mutex: Mutex<u32>,
    turned: Condvar,
    attached: AtomicU32,
}

/// Two processes: what one writes, the other reads; and turns are handed over, none lost.
#[test]
fn between_processes() {
    let rounds = if full() { 1_000_000 } else { 5_000 };
    let mutex = Mutex::with_attr(MutexAttr::new().process_shared(), 0);
    let shelf = Mapped::new(Shelf {
        lock: RwLock::new([0; 2]).process_shared(),
        mutex,
        turned: Condvar::new().process_shared(),
        attached: AtomicU32::new(0),
    })
    .get();
    let play = move |parity: u32| {
        // SAFETY: both lie in the mapping for ever, and are process-shared.
        let lock = loop {
            // SAFETY: as above.
            if let Some(lock) = unsafe { RwLock::attach(&raw const shelf.lock) } {
                break lock;
            }
        };
        // SAFETY: as above.
        let Some(mutex) = (unsafe { Mutex::attach(&raw const shelf.mutex) }) else {
            return false;
        };
        // SAFETY: as above; the mutex lies beside it.
        let Some(turned) = (unsafe { Condvar::attach(&raw const shelf.turned) }) else {
            return false;
        };
        shelf.attached.fetch_add(1, Relaxed);
        for _ in 0..rounds / 2 {
            let Ok(mut turn) = mutex.lock() else {
                return false;
            };
            while *turn % 2 != parity {
                turn = match turned.wait(turn) {
                    Ok(turn) => turn,
                    Err(_) => return false,
                };
            }
            *turn += 1;
            drop(turn);
            turned.notify_one();
            let Ok(mut pair) = lock.write() else {
                return false;
            };
            pair[0] += 1;
            pair[1] += 1;
            drop(pair);
            match lock.read() {
                Ok(pair) if pair[0] == pair[1] => {}
                _ => return false,
            }
        }
        true
    };
    // SAFETY: nobody has initialised it.
    assert!(unsafe { Mutex::attach(&raw const shelf.mutex) }.is_none());
    let child = fork(|| play(1));
    thread::sleep(Duration::from_millis(5));
    core::pin::Pin::static_ref(&shelf.mutex).init().unwrap();
    core::pin::Pin::static_ref(&shelf.turned).init().unwrap();
    // Last: it is what the child looks for.
    core::pin::Pin::static_ref(&shelf.lock).init().unwrap();
    assert!(play(0));
    child.join();
    assert_eq!(shelf.attached.load(Relaxed), 2);
    let pair = core::pin::Pin::static_ref(&shelf.lock).read().unwrap();
    assert_eq!(*pair, [rounds; 2]);
    let turn = core::pin::Pin::static_ref(&shelf.mutex).lock().unwrap();
    assert_eq!(*turn, rounds);
}
