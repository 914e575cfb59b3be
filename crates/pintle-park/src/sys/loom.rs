//! A futex modelled over loom, so that what is built on this crate can be model checked.
//!
//! A table under one lock, as the kernel's is under the lock of a bucket: the word is compared
//! under the lock, and a waker takes the lock after it has changed the word.
//!
//! # What the model promises, and what it does not
//!
//! - Each wait that has a deadline may time out at any moment after another thread has had a
//!   chance to run; whether the wake or the time comes first is explored. Time does not pass
//!   otherwise: see [`Deadline`].
//! - Waits without a deadline do not end spuriously here, so that loom reports a lost wake-up as
//!   the deadlock it is.
//! - A requeue moves waiters, as Linux does: elsewhere they are woken, which a caller has to expect of
//!   each wait anyway, and which this model does not show.
//! - `wait_any` is the parking table's, which gives a wake of a second word to another waiter. So the
//!   model does not show that on Linux one wait may use up several.
//! - The table's lock orders memory where a real futex promises nothing. A mismatch is therefore
//!   looked for before the lock is taken; past that the model may forgive a missing `Acquire`.

use crate::{Deadline, RequeueOutcome, WaitOutcome, WakeOutcome};
use alloc::{sync::Arc, vec::Vec};
use core::time::Duration;
use loom::sync::{Condvar, Mutex};
use pintle_core::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::atomic::{AtomicBool, AtomicUsize};

extern crate alloc;
extern crate std;

pub(crate) use super::no_signals::uninterrupted;
pub(crate) use super::not_any::wait_any;
pub(crate) use super::only_u32::{wait_word, wake_word};
pub(crate) use super::sleeper_by_word::Sleeper;
pub(crate) use crate::sys::fences::{heavy, light, strategy};

/// The lock of a bucket of the table: one that blocks, so that a model of the table explores its own
/// races and not the lock's, which has a model of its own.
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.0.lock().unwrap())
    }
}

loom::lazy_static! {
    static ref WAITERS: Mutex<Vec<Arc<Waiter>>> = Mutex::new(Vec::new());
}

/// Its atomics are written and read under the table's lock; they are not loom's, as there is nothing
/// to explore.
struct Waiter {
    address: AtomicUsize,
    woken: AtomicBool,
    changed: Condvar,
}

pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    if word.load(Relaxed) != expected {
        return WaitOutcome::Mismatch;
    }
    let mut waiters = WAITERS.lock().unwrap();
    if word.load(Relaxed) != expected {
        return WaitOutcome::Mismatch;
    }
    if deadline.has_passed() {
        return WaitOutcome::TimedOut;
    }
    let waiter = Arc::new(Waiter {
        address: AtomicUsize::new(core::ptr::from_ref(word) as usize),
        woken: AtomicBool::new(false),
        changed: Condvar::new(),
    });
    waiters.push(Arc::clone(&waiter));
    if deadline == Deadline::NEVER {
        while !waiter.woken.load(Relaxed) {
            waiters = waiter.changed.wait(waiters).unwrap();
        }
        return WaitOutcome::Woken;
    }
    // Another thread runs now: until it blocks or ends, or until loom tries out what happens if it
    // is interrupted earlier. That is when the time is up.
    drop(waiters);
    loom::thread::yield_now();
    waiters = WAITERS.lock().unwrap();
    if waiter.woken.load(Relaxed) {
        return WaitOutcome::Woken;
    }
    waiters.retain(|other| !Arc::ptr_eq(other, &waiter));
    WaitOutcome::TimedOut
}

pub(crate) fn wake(word: *const AtomicU32, count: usize) -> WakeOutcome {
    let address = word as usize;
    let mut woken = 0;
    WAITERS.lock().unwrap().retain(|waiter| {
        if woken == count || waiter.address.load(Relaxed) != address {
            return true;
        }
        woken += 1;
        waiter.woken.store(true, Relaxed);
        waiter.changed.notify_one();
        false
    });
    WakeOutcome::Count(woken)
}

pub(crate) fn requeue(
    from: &AtomicU32,
    expected: u32,
    to: *const AtomicU32,
    wake: usize,
    requeue: usize,
) -> Option<RequeueOutcome> {
    let mut waiters = WAITERS.lock().unwrap();
    if from.load(Relaxed) != expected {
        return Some(RequeueOutcome::Mismatch);
    }
    let (mut woken, mut moved) = (0, Vec::new());
    waiters.retain(|waiter| {
        let waits_here = waiter.address.load(Relaxed) == core::ptr::from_ref(from) as usize;
        if waits_here && woken < wake {
            woken += 1;
            waiter.woken.store(true, Relaxed);
            waiter.changed.notify_one();
            false
        } else if waits_here && moved.len() < requeue {
            waiter.address.store(to as usize, Relaxed);
            moved.push(Arc::clone(waiter));
            false
        } else {
            true
        }
    });
    let requeued = moved.len();
    // Behind those that wait there already.
    waiters.append(&mut moved);
    Some(RequeueOutcome::Count { woken, requeued })
}

pub(crate) fn now() -> Duration {
    Duration::ZERO
}
