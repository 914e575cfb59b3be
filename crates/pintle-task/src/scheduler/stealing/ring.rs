//! A worker's run queue: a bounded ring that its owner fills and empties, and that others steal from.
//!
//! Source: the run queue of Go's scheduler (`runqput`, `runqget`, `runqgrab` in runtime/proc.go), with
//! tokio's change to it: *two* heads, so that a thief who has claimed tasks copies them at leisure,
//! while the owner goes on to pop behind them.
//!
//! ```text
//!            steal          real                tail
//!              │              │                   │
//!   ┌──────┬───▼───┬──────┬───▼───┬───────┬───────▼──┬──────┐
//!   │ free │ claimed by   │ tasks │ tasks │ tasks    │ free │
//!   │      │ a thief      │       │       │          │      │
//!   └──────┴───────┴──────┴───────┴───────┴──────────┴──────┘
//! ```
//!
//! | | by | how |
//! |---|---|---|
//! | push | the owner | writes the place at `tail`, then stores `tail + 1` |
//! | pop | the owner | advances `real` by one; and `steal`, if no thief is at it |
//! | claim | a thief, one at a time | advances `real` by half, if `steal` equals it |
//! | finish | that thief | sets `steal` to what `real` is by now |
//! | spill | the owner of a full ring | advances both heads by half, if no thief is at it |
//!
//! A place belongs to the owner from `tail` round to `steal`, to the thief from `steal` to `real` (also what
//! the owner has popped behind its claim), and to the ring in between. Positions count up for ever and wrap at half a word: both heads change in one
//! compare-exchange.
//!
//! A thief that sleeps between its look at the heads and its claim, while the owner pops as many tasks as half
//! a word counts, and not one less or more, claims what it saw then: 4,000 million on 64-bit targets, 65,536
//! on 32-bit ones. That is the limit of this ring there, as it is of every such ring.

pintle_core::not_loom! {
    #[cfg(all(test, feature = "alloc"))]
    mod tests;
}

use crate::task::{TaskRef, header::Header};
use core::ptr::NonNull;
use pintle_bitfield::bitfield;
use pintle_core::{
    CachePadded,
    atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
    const_fn,
};

/// A place for a ticket. Empty, it points nowhere, or to what was there before.
type Place = UnsafeCell<NonNull<Header>>;

pintle_core::not_loom! {
    /// How many tasks a ring holds. Positions wrap at half a word, which has to be more than this.
    pub(super) const CAPACITY: usize = if usize::BITS > 16 { 256 } else { 64 };

    const fn places() -> [Place; CAPACITY] {
        [const { UnsafeCell::new(NonNull::dangling()) }; CAPACITY]
    }
}

pintle_core::only_loom! {
    /// Few enough for a model to fill it.
    pub(super) const CAPACITY: usize = 4;

    fn places() -> [Place; CAPACITY] {
        core::array::from_fn(|_| UnsafeCell::new(NonNull::dangling()))
    }
}

bitfield! {
    /// Both heads in one word. Each has 8 bits on a 16-bit target, 16 on 32-bit and 32 on 64-bit ones,
    /// and wraps.
    struct Heads<usize> {
        /// The first place that is not free again.
        const STEAL = [0..HALF];
        /// The first task that nobody has claimed.
        const REAL = [HALF..usize::BITS];
    }
}

const HALF: u32 = usize::BITS / 2;
const POSITION: usize = usize::MAX >> HALF;

const _: () = assert!(CAPACITY.is_power_of_two() && CAPACITY < POSITION);

/// A bounded queue of tickets, with one owner and any number of thieves.
///
/// # Invariants
///
/// - The places from `steal` to `tail`, of which there are [`CAPACITY`] at most, hold tickets, which the
///   ring owns.
/// - `steal` equals `real`, or there is one thief who has claimed what is between them.
/// - Only the owner writes `tail`, and only it calls the methods that say so.
pub(super) struct Ring {
    /// [`Heads`]. Written by the owner and by thieves.
    heads: CachePadded<AtomicUsize>,
    /// Written by the owner alone.
    tail: CachePadded<AtomicUsize>,
    places: [Place; CAPACITY],
}

// SAFETY: what the places hold are tickets, which are `Send`, and each place belongs to one thread at a
// time.
unsafe impl Sync for Ring {}
// SAFETY: as above.
unsafe impl Send for Ring {}

/// Positions from `at` on.
struct Claim {
    at: usize,
    count: usize,
}

// === impl Ring ===

impl Ring {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                heads: CachePadded::new(AtomicUsize::new(0)),
                tail: CachePadded::new(AtomicUsize::new(0)),
                places: places(),
            }
        }
    }

    /// Whether nothing is left to pop or to steal.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tasks are left to pop or to steal. The owner's answer is exact, if nobody steals.
    #[inline]
    pub(super) fn len(&self) -> usize {
        // In this order: a tail is never behind a head that was seen before. Acquire: pairs with the
        // exchanges of heads, which come after that tail was stored or read.
        let real = heads(self.heads.load(Acquire)).1;
        distance(real, self.tail.load(Acquire))
    }

    /// How many tickets can be pushed, at least. A thief that is slow to finish holds the places that
    /// were popped behind it, too: a ring may be empty and have no room.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    pub(super) unsafe fn room(&self) -> usize {
        // Acquire: as in `push`.
        let (steal, _) = heads(self.heads.load(Acquire));
        CAPACITY - distance(steal, self.tail.load(Relaxed))
    }

    /// Puts a ticket in as the last, or gives it back if the ring is full.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    #[inline]
    pub(super) unsafe fn push(&self, ticket: TaskRef) -> Result<(), TaskRef> {
        let tail = self.tail.load(Relaxed);
        // Acquire: pairs with the exchange in `finish`; what a thief read there may be overwritten now.
        let (steal, _) = heads(self.heads.load(Acquire));
        if distance(steal, tail) == CAPACITY {
            return Err(ticket);
        }
        // SAFETY: the place is free, so it is the owner's.
        unsafe { self.put(tail, ticket) };
        // Release: pairs with the acquire of thieves, who read the place.
        self.tail.store(next(tail, 1), Release);
        Ok(())
    }

    /// Takes the first ticket out.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    #[inline]
    pub(super) unsafe fn pop(&self) -> Option<TaskRef> {
        // Acquire, here and on failure: the tail is read after the heads, each time. A handler on top of this may
        // push, and thieves may take what it has pushed, so that `real` gets ahead of a tail from before; but not of
        // this one, if the exchange finds the same heads.
        let mut word = self.heads.load(Acquire);
        loop {
            let (steal, real) = heads(word);
            if real == self.tail.load(Relaxed) {
                return None;
            }
            let popped = next(real, 1);
            let new = match steal == real {
                true => pack(popped, popped),
                false => pack(steal, popped),
            };
            // Release: who sees this head sees a tail in front of it.
            match self.heads.compare_exchange(word, new, AcqRel, Acquire) {
                // SAFETY: the place has left the ring, for this call; only the owner, which is here,
                // fills it again.
                Ok(_) => return Some(unsafe { self.take(real) }),
                Err(actual) => word = actual,
            }
        }
    }

    /// Takes half of a full ring out, to make room, and passes it to `each`. If a thief is at it,
    /// which makes room as well, it passes none.
    ///
    /// # Safety
    ///
    /// The caller is the owner. `each` does not use the ring.
    #[cold]
    pub(super) unsafe fn spill(&self, mut each: impl FnMut(TaskRef)) {
        const COUNT: usize = CAPACITY / 2;
        let word = self.heads.load(Relaxed);
        let (steal, real) = heads(word);
        if steal != real || distance(real, self.tail.load(Relaxed)) < COUNT {
            return;
        }
        let new = pack(next(real, COUNT), next(real, COUNT));
        // Release: as in `pop`. If it fails then a thief has come.
        let claimed = self.heads.compare_exchange(word, new, AcqRel, Relaxed);
        if claimed.is_ok() {
            for at in 0..COUNT {
                // SAFETY: the places have left the ring for this call.
                each(unsafe { self.take(next(real, at)) });
            }
        }
    }

    /// Moves half of this ring's tickets, rounded up, to `to`; the last of them is returned instead.
    ///
    /// # Safety
    ///
    /// The caller is the owner of `to`, which is another ring.
    pub(super) unsafe fn steal_into(&self, to: &Self) -> Option<TaskRef> {
        let tail = to.tail.load(Relaxed);
        // Acquire: as in `push`.
        let (steal, _) = heads(to.heads.load(Acquire));
        if distance(steal, tail) > CAPACITY / 2 {
            return None;
        }
        let claim = self.claim()?;
        for at in 0..claim.count {
            // SAFETY: the place was claimed.
            let ticket = unsafe { self.take(next(claim.at, at)) };
            // SAFETY: the place is free, as half of the ring is; so it is its owner's.
            unsafe { to.put(next(tail, at), ticket) };
        }
        self.finish(claim.at);
        let kept = next(tail, claim.count - 1);
        // SAFETY: the place was filled above, and `to.tail` does not show it yet.
        let ticket = unsafe { to.take(kept) };
        // Release: pairs with the acquire of thieves, who read the places.
        to.tail.store(kept, Release);
        Some(ticket)
    }

    /// Claims half of the tickets, rounded up, unless another thief is at it.
    fn claim(&self) -> Option<Claim> {
        // Acquire, here and on failure: pairs with the exchanges of heads; the tail that is read
        // next is not behind.
        let mut word = self.heads.load(Acquire);
        loop {
            let (steal, real) = heads(word);
            if steal != real {
                return None;
            }
            // Acquire: pairs with the stores to `tail`, after the places were filled.
            let count = distance(real, self.tail.load(Acquire)).div_ceil(2);
            if count == 0 {
                return None;
            }
            let new = pack(steal, next(real, count));
            // Release: as in `pop`.
            match self.heads.compare_exchange(word, new, AcqRel, Acquire) {
                Ok(_) => return Some(Claim { at: real, count }),
                Err(actual) => word = actual,
            }
        }
    }

    /// Gives the places of a claim back to the owner.
    fn finish(&self, claimed: usize) {
        let mut word = self.heads.load(Relaxed);
        loop {
            let (steal, real) = heads(word);
            debug_assert_eq!(steal, claimed, "there is one thief at a time");
            // Release: pairs with the acquire in `push`.
            match self
                .heads
                .compare_exchange(word, pack(real, real), AcqRel, Relaxed)
            {
                Ok(_) => return,
                Err(actual) => word = actual,
            }
        }
    }

    /// # Safety
    ///
    /// The place is the caller's, and empty.
    #[inline]
    unsafe fn put(&self, position: usize, ticket: TaskRef) {
        let ticket = ticket.into_ticket_ptr();
        self.places[position % CAPACITY].with_mut(|place| {
            // SAFETY: the place is the caller's.
            unsafe { *place = ticket };
        });
    }

    /// # Safety
    ///
    /// The place is the caller's, and full. It is empty afterwards.
    #[inline]
    unsafe fn take(&self, position: usize) -> TaskRef {
        // SAFETY: the place is the caller's.
        let ticket = self.places[position % CAPACITY].with(|place| unsafe { *place });
        // SAFETY: it came from a ticket, which this place owned.
        unsafe { TaskRef::from_ticket_ptr(ticket) }
    }
}

/// `steal` and `real`.
#[inline]
fn heads(word: usize) -> (usize, usize) {
    let heads = Heads::from_bits(word);
    (heads.get(Heads::STEAL), heads.get(Heads::REAL))
}

#[inline]
fn pack(steal: usize, real: usize) -> usize {
    Heads::new()
        .with(Heads::STEAL, steal)
        .with(Heads::REAL, real)
        .bits()
}

#[inline]
fn next(position: usize, count: usize) -> usize {
    position.wrapping_add(count) & POSITION
}

#[inline]
fn distance(from: usize, to: usize) -> usize {
    to.wrapping_sub(from) & POSITION
}
