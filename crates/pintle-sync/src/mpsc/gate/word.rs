use core::fmt;

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::{
    atomic::Ordering::{AcqRel, Acquire, Relaxed},
    const_fn,
};

bitfield! {
    /// The gate's word. The parent's docs say what each part means and what its capacity is.
    #[derive(PartialEq, Eq)]
    pub(super) struct Word<usize> {
        /// Nobody gets a permit any more.
        const CLOSED: bool;
        /// The ring is not empty.
        const WAITING: bool;
        /// Permits that are nobody's.
        const FREE = { (usize::BITS - 2) / 2 };
        /// The place of the next value.
        const TAIL = ..;
    }
}

/// The gate's word, and every way to change it.
pub(super) struct AtomicWord(AtomicBits<Word>);

/// What came of asking for a place.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(in crate::mpsc) enum Claimed {
    /// This one is the caller's, and empty.
    Place(usize),
    /// There is none, or others wait for one.
    Full,
    /// There will be none.
    Closed,
}

/// What came of asking for a permit.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(in crate::mpsc) enum Acquired {
    /// The caller has one.
    Permit,
    /// There is none, or others wait for one.
    Full,
    /// There will be none.
    Closed,
}

/// What a sender finds that is to be queued.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Arrival {
    /// A permit, which is the caller's now.
    Permit,
    /// The gate is closed.
    Closed,
    /// It has to wait. `WAITING` is set.
    Wait,
}

// === impl Word ===

impl Word {
    const ONE_PERMIT: usize = Self::FREE.first_bit();
    const ONE_PLACE: usize = Self::TAIL.first_bit();
    /// Either of the two flags keeps a sender from just taking a permit.
    const FLAGS: usize = Self::CLOSED.first_bit() | Self::WAITING.first_bit();
    /// All below `TAIL`.
    const BELOW_TAIL: usize = Self::ONE_PLACE - 1;

    #[inline(always)]
    pub(super) fn is_closed(self) -> bool {
        self.get(Self::CLOSED)
    }

    #[inline(always)]
    pub(super) fn is_waiting(self) -> bool {
        self.get(Self::WAITING)
    }

    /// Whether a permit may be taken: there is one, the gate is open, and nobody waits.
    #[inline(always)]
    fn is_open(self) -> bool {
        self.bits() & Self::FLAGS == 0 && self.has_permit()
    }

    #[inline(always)]
    fn has_permit(self) -> bool {
        self.bits() & (Self::BELOW_TAIL & !Self::FLAGS) != 0
    }

    /// The place of the next value.
    #[inline(always)]
    fn tail(self) -> usize {
        // The uppermost field: nothing has to be masked.
        self.bits() / Self::ONE_PLACE
    }

    /// One permit less. There is one.
    #[inline(always)]
    fn without_permit(self) -> Self {
        Self::from_bits(self.bits() - Self::ONE_PERMIT)
    }

    /// `TAIL` goes to the next of `capacity` places.
    #[inline(always)]
    fn advanced(self, capacity: usize) -> Self {
        let next = self.tail() + 1;
        if next == capacity {
            Self::from_bits(self.bits() & Self::BELOW_TAIL)
        } else {
            Self::from_bits(self.bits() + Self::ONE_PLACE)
        }
    }
}

// === impl AtomicWord ===

impl AtomicWord {
    /// What `FREE` has room for, and `TAIL` as well.
    pub(super) const MOST: usize = (1 << ((usize::BITS - 2) / 2)) - 1;

    const_fn! {
        pub(super) const fn new(capacity: usize) -> Self {
            Self(Word::from_bits(capacity * Word::ONE_PERMIT).into_atomic())
        }
    }

    /// One permit less, and `TAIL` one place on.
    #[inline(always)]
    pub(super) fn try_claim(&self, capacity: usize) -> Claimed {
        // Acquire pairs with the release in `release` by whoever emptied the place: everything that
        // has written the word since then goes on with its release sequence. For `CLOSED` it is
        // as in `is_closed`.
        self.0.transition(Acquire, Acquire, |seen| {
            if seen.is_open() {
                let next = seen.without_permit().advanced(capacity);
                Transition::To(next, Claimed::Place(seen.tail()))
            } else if seen.is_closed() {
                Transition::Stay(Claimed::Closed)
            } else {
                Transition::Stay(Claimed::Full)
            }
        })
    }

    /// One permit less.
    pub(super) fn try_acquire(&self) -> Acquired {
        self.0.transition(Acquire, Acquire, |seen| {
            // Acquire: as in `try_claim`. What is released to this permit is passed on to who
            // advances `TAIL` with it.
            if seen.is_open() {
                Transition::To(seen.without_permit(), Acquired::Permit)
            } else if seen.is_closed() {
                Transition::Stay(Acquired::Closed)
            } else {
                Transition::Stay(Acquired::Full)
            }
        })
    }

    /// `TAIL` one place on, by who has a permit.
    pub(super) fn advance(&self, capacity: usize) -> usize {
        // Acquire pairs with the release in `release` by who emptied the place. That is not always
        // the permit's own: of two permits that are used the other way round than they were
        // acquired, each gets the other's place.
        self.0.transition(Acquire, Relaxed, |seen| {
            Transition::To(seen.advanced(capacity), seen.tail())
        })
    }

    /// `n` permits more. Returns the word before.
    #[inline(always)]
    pub(super) fn release(&self, n: usize) -> Word {
        // Release pairs with the acquire of who takes the permit: the place has been emptied.
        // Acquire for the flags: pairs with the release in `close`.
        self.0.fetch_add(n * Word::ONE_PERMIT, AcqRel)
    }

    /// One permit less, which goes to somebody who waits. Under the lock.
    pub(super) fn take_for_waiter(&self) -> bool {
        // Acquire: as in `try_claim`.
        self.0.transition(Acquire, Relaxed, |seen| {
            if seen.has_permit() {
                Transition::To(seen.without_permit(), true)
            } else {
                Transition::Stay(false)
            }
        })
    }

    /// Takes a permit, or sets `WAITING`. Under the lock.
    pub(super) fn arrive(&self) -> Arrival {
        // Acquire: as in `try_claim`, and for `CLOSED` as in `is_closed`. It is written in every case
        // but `CLOSED`, so that a closing that is not seen here comes after, and sees `WAITING`.
        self.0.transition(Acquire, Acquire, |seen| {
            if seen.is_closed() {
                Transition::Stay(Arrival::Closed)
            } else if seen.is_open() {
                Transition::To(seen.without_permit(), Arrival::Permit)
            } else {
                Transition::To(seen.with(Word::WAITING, true), Arrival::Wait)
            }
        })
    }

    /// Clears `WAITING`. Under the lock, by who has emptied the ring.
    pub(super) fn end_waiting(&self) {
        // Relaxed: only the lock's holders act on it, and who finds it cleared takes a permit by
        // an operation of its own.
        self.0.fetch_unset_all(Word::WAITING, Relaxed);
    }

    /// Whether somebody waits. Under the lock.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.load(Relaxed).is_waiting()
    }

    /// Sets `CLOSED`. Returns the word before.
    pub(super) fn close(&self) -> Word {
        // Release pairs with the acquire of who finds the flag; acquire with those who have
        // released permits or set `WAITING` before.
        self.0.fetch_set_all(Word::CLOSED, AcqRel)
    }

    pub(super) fn is_closed(&self) -> bool {
        // Acquire pairs with the release in `close`: what led to it is visible.
        self.0.load(Acquire).is_closed()
    }

    pub(super) fn is_finished(&self, capacity: usize) -> bool {
        // Acquire pairs with the release in `close` and `release`.
        let word = self.0.load(Acquire);
        word.is_closed() && word.get(Word::FREE) == capacity
    }

    pub(super) fn free(&self) -> usize {
        self.0.load(Relaxed).get(Word::FREE)
    }

    pub(super) fn tail(&self) -> usize {
        self.0.load(Relaxed).tail()
    }

    /// The word of a new gate. The caller is alone with it.
    pub(super) fn reset(&self, capacity: usize) {
        self.0
            .store(Word::from_bits(capacity * Word::ONE_PERMIT), Relaxed);
    }
}

impl fmt::Debug for AtomicWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.load(Relaxed).fmt(f)
    }
}
