//! Who may put a value in, and where: the word of a bounded channel and the senders that wait.
//!
//! # The word
//!
//! ```text
//!  ┌────────────────────┬────────────────────┬─────────┬────────┐
//!  │ TAIL: next place   │ FREE: permits left │ WAITING │ CLOSED │
//!  └────────────────────┴────────────────────┴─────────┴────────┘
//! ```
//!
//! A *permit* is the right to one place; which place that is, is decided when it is used. `FREE`
//! permits are nobody's. The others are held by senders, by [`Permit`](super::Permit)s, or by the
//! values in the channel: a value gives its permit back when it is received. So `FREE` equal to the
//! capacity says that nothing is in the channel and nobody may still put something in.
//!
//! ```text
//!            try_claim: one permit and its place         release †
//!   FREE ──────────────────────────────────────► value ──────────► FREE
//!     │ try_acquire                               ▲ advance
//!     └────────────────► Permit ──────────────────┘
//!                          └── dropped: release †
//! ```
//!
//! † With `WAITING`, what is released goes to the sender that has waited longest, under the lock.
//!
//! # Invariants
//!
//! 1. At most `capacity` permits exist, and places are used in a circle. So who advances `TAIL` with
//!    a permit in hand has a place that has been emptied: of the `capacity` places up to `TAIL`,
//!    those that are not empty are fewer than the permits that are in use. Nothing in this argument
//!    compares positions, so nothing is wrong when they come round.
//! 2. `WAITING` is set if and only if somebody waits for a permit, whenever the lock is free. While
//!    it is set nobody takes a permit past those who wait.
//! 3. `CLOSED` stays until the channel is reset. Who sets it ends every wait, and none begins after.
//! 4. The line of those who wait keeps the invariants of the crate's `waiters`. A waiter is used with
//!    one gate only, and for one purpose only.
//!
//! # Capacity and overflow
//!
//! `FREE` and `TAIL` have 31 bits each on a 64-bit target, 15 on a 32-bit one and 7 on a 16-bit one;
//! [`MAX_CAPACITY`](Gate::MAX_CAPACITY) is the largest number they hold, and a channel with more
//! places is refused when it is made. `TAIL` goes from the last place to the first, whatever the
//! capacity.

mod line;
mod word;

use core::fmt;

use pintle_core::const_fn;

use self::word::{Arrival, AtomicWord};
pub(super) use self::{
    line::For,
    word::{Acquired, Claimed},
};
use crate::{
    blocking::{Mutex, ScopedRawMutex},
    util::wake_in_batches,
    waiters::{Stage, Waiters},
};

/// The word and the senders that wait. See the [module](self).
pub(super) struct Gate<Lock> {
    word: AtomicWord,
    waiting: Mutex<Waiting, Lock>,
}

/// Who waits, under the lock.
struct Waiting {
    /// For a permit.
    permit: Waiters,
    /// For the closing.
    closing: Waiters,
}

// === impl Gate ===

impl<Lock> Gate<Lock> {
    /// The greatest number of places that a channel may have.
    pub(super) const MAX_CAPACITY: usize = AtomicWord::MOST;

    const_fn! {
        /// A gate with `capacity` permits and nobody who waits.
        pub(super) const fn new(capacity: usize, lock: Lock) -> Self {
            assert!(capacity > 0, "a bounded channel has room for one value at least");
            assert!(capacity <= Self::MAX_CAPACITY, "the channel has more places than it can count");
            Self {
                word: AtomicWord::new(capacity),
                waiting: Mutex::new_with_raw_mutex(
                    Waiting { permit: Waiters::new(), closing: Waiters::new() },
                    lock,
                ),
            }
        }
    }

    /// One permit, used at once: the place of the next value.
    #[inline(always)]
    pub(super) fn try_claim(&self, capacity: usize) -> Claimed {
        self.word.try_claim(capacity)
    }

    /// One permit, to be used or released later.
    #[inline]
    pub(super) fn try_acquire(&self) -> Acquired {
        self.word.try_acquire()
    }

    /// Uses a permit: the place of the next value.
    #[inline]
    pub(super) fn advance(&self, capacity: usize) -> usize {
        self.word.advance(capacity)
    }

    /// How many permits are nobody's.
    pub(super) fn free(&self) -> usize {
        self.word.free()
    }

    /// The place of the next value.
    pub(super) fn tail(&self) -> usize {
        self.word.tail()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.word.is_closed()
    }

    /// Closed, and nothing is in the channel, and nobody may still put something in.
    pub(super) fn is_finished(&self, capacity: usize) -> bool {
        self.word.is_finished(capacity)
    }
}

impl<Lock: ScopedRawMutex> Gate<Lock> {
    /// Gives `n` permits back. Says whether the gate is closed.
    #[inline(always)]
    pub(super) fn release(&self, n: usize) -> bool {
        let before = self.word.release(n);
        if before.is_waiting() {
            self.settle();
        }
        before.is_closed()
    }

    /// Closes the gate: nobody gets a permit any more. Says whether it was open.
    ///
    /// Those who have one may use it.
    pub(super) fn close(&self) -> bool {
        if self.word.close().is_closed() {
            return false;
        }
        self.drain();
        true
    }

    /// Makes it a gate with `capacity` permits again. The caller is alone with it, and it is closed.
    pub(super) fn reset(&self, capacity: usize) {
        self.word.reset(capacity);
    }

    /// Hands permits that have been released to those who wait, in their order.
    #[cold]
    #[inline(never)]
    fn settle(&self) {
        wake_in_batches(|batch| {
            self.waiting.with_lock(|waiting| {
                while !batch.is_full() && self.word.is_waiting() && self.word.take_for_waiter() {
                    let Some(first) = waiting.permit.pop_front(Stage::Handed) else {
                        unreachable!("the line of a gate where somebody waits is empty");
                    };
                    if waiting.permit.is_empty() {
                        self.word.end_waiting();
                    }
                    if let Some(waker) = first {
                        batch.push(waker);
                    }
                }
                batch.is_full()
            })
        });
    }

    /// Ends the wait of all. The gate is closed, so nobody comes meanwhile.
    #[cold]
    #[inline(never)]
    fn drain(&self) {
        wake_in_batches(|batch| {
            self.waiting.with_lock(|Waiting { permit, closing }| {
                while !batch.is_full() {
                    let first = permit
                        .pop_front(Stage::Closed)
                        .or_else(|| closing.pop_front(Stage::Closed));
                    let Some(first) = first else { break };
                    if let Some(waker) = first {
                        batch.push(waker);
                    }
                }
                if permit.is_empty() && self.word.is_waiting() {
                    self.word.end_waiting();
                }
                batch.is_full()
            })
        });
    }
}

impl<Lock> fmt::Debug for Gate<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.word.fmt(f)
    }
}
