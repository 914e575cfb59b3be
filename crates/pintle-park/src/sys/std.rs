//! Operating systems without a back end here: a table of waiters over `std`'s locks.
//!
//! The address of a word chooses a bucket, in which the waiters stand in the order they came.
//!
//! # Invariants
//!
//! - A waiter is in its bucket's queue exactly while it may still be woken: whoever takes it out
//!   (a waker, or itself when its time is up) does so under the bucket's lock, and a waker sets
//!   `woken` before it lets the lock go.
//! - The word is compared under the bucket's lock, and a waker takes that lock after it has
//!   changed the word. So either the waker finds the waiter, or the waiter finds the change.

use crate::{Deadline, WaitOutcome, WakeOutcome};
use pintle_core::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use super::fences::{heavy, light, strategy};

const BUCKET_BITS: u32 = 6;

static BUCKETS: [Bucket; 1 << BUCKET_BITS] = [const { Bucket::new() }; 1 << BUCKET_BITS];

struct Bucket {
    queue: Mutex<VecDeque<Arc<Waiter>>>,
}

struct Waiter {
    address: usize,
    /// Written and read under the bucket's lock.
    woken: AtomicBool,
    changed: Condvar,
}

impl Bucket {
    const fn new() -> Self {
        Self {
            queue: Mutex::new(VecDeque::new()),
        }
    }

    fn of(address: usize) -> &'static Self {
        // Fibonacci hashing (Knuth, volume 3, 6.4): the high bits of the product are well mixed.
        let hash = (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        &BUCKETS[(hash >> (u64::BITS - BUCKET_BITS)) as usize]
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Waiter>>> {
        // No user code runs under the lock, and each critical section leaves the queue whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn wait(word: &AtomicU32, expected: u32, deadline: Deadline) -> WaitOutcome {
    let address = core::ptr::from_ref(word) as usize;
    let bucket = Bucket::of(address);
    let mut queue = bucket.lock();
    if word.load(Relaxed) != expected {
        return WaitOutcome::Mismatch;
    }
    let waiter = Arc::new(Waiter {
        address,
        woken: AtomicBool::new(false),
        changed: Condvar::new(),
    });
    queue.push_back(Arc::clone(&waiter));
    loop {
        if deadline == Deadline::NEVER {
            queue = waiter
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        } else {
            let left = deadline.remaining();
            if left.is_zero() {
                queue.retain(|other| !Arc::ptr_eq(other, &waiter));
                return WaitOutcome::TimedOut;
            }
            (queue, _) = waiter
                .changed
                .wait_timeout(queue, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if waiter.woken.load(Relaxed) {
            return WaitOutcome::Woken;
        }
    }
}

pub(crate) fn wake(word: *const AtomicU32, count: usize) -> WakeOutcome {
    let address = word as usize;
    let mut woken = 0;
    Bucket::of(address).lock().retain(|waiter| {
        if woken == count || waiter.address != address {
            return true;
        }
        woken += 1;
        waiter.woken.store(true, Relaxed);
        waiter.changed.notify_one();
        false
    });
    WakeOutcome::Count(woken)
}

pub(crate) fn now() -> Duration {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    ORIGIN.get_or_init(Instant::now).elapsed()
}
