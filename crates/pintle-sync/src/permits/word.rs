#[cfg(test)]
mod tests;

use core::fmt;

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::{
    atomic::Ordering::{Acquire, Relaxed, Release},
    const_fn,
};

bitfield! {
    /// The word of a set of permits.
    #[derive(PartialEq, Eq)]
    pub(crate) struct Word<usize> {
        /// Somebody waits: the line is not empty.
        const WAITING: bool;
        /// Closed for good.
        const CLOSED: bool;
        // As many permits as tokio's semaphore has.
        const _UNUSED: bool;
        /// How many permits nobody has.
        const PERMITS = ..;
    }
}

/// The word, and every way to change it.
pub(super) struct AtomicWord(AtomicBits<Word>);

/// What somebody finds who wants permits.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Take {
    /// They are the caller's now.
    Taken,
    /// There are not as many, or others wait for theirs already.
    Short,
    /// There will be none any more.
    Closed,
}

/// What somebody finds who gives permits.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Give {
    /// They have been added to the count.
    Given,
    /// The count would be more than [`Word::MAX`]. Nothing has changed.
    TooMany,
    /// Somebody waits. Nothing has changed.
    Waiting,
}

/// What somebody finds who closes.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Close {
    /// It is closed now, or was already, and nobody waits.
    Settled,
    /// Somebody waits. Nothing has changed.
    Waiting,
}

// === impl Word ===

impl Word {
    /// How many permits there may be.
    pub(crate) const MAX: usize = Self::PERMITS.max_value();

    const NONE: Self = Self::from_bits(0);
    /// One permit, and nobody waits: the unlocked state of a mutex.
    const ONE: Self = Self::from_bits(Self::PERMITS.first_bit());

    /// A word with this many permits, at most [`MAX`](Self::MAX), and nobody who waits.
    pub(super) const fn of(permits: usize) -> Self {
        Self::from_bits(permits * Self::PERMITS.first_bit())
    }

    #[inline(always)]
    pub(crate) fn permits(self) -> usize {
        self.get(Self::PERMITS)
    }

    #[inline(always)]
    fn is_waiting(self) -> bool {
        self.get(Self::WAITING)
    }

    #[inline(always)]
    pub(crate) fn is_closed(self) -> bool {
        self.get(Self::CLOSED)
    }

    /// How many permits somebody could take who comes now.
    #[inline]
    pub(crate) fn available(self) -> usize {
        // What there is while somebody waits belongs to the first who does.
        if self.is_waiting() || self.is_closed() {
            0
        } else {
            self.permits()
        }
    }

    /// Without `n` of its permits, if it has as many.
    #[inline(always)]
    pub(super) fn minus(self, n: usize) -> Option<Self> {
        let left = self.permits().checked_sub(n)?;
        Some(self.with(Self::PERMITS, left))
    }

    /// With `n` permits more, if that is not too many.
    #[inline(always)]
    pub(super) fn try_plus(self, n: usize) -> Option<Self> {
        // Both are at most `MAX`, less than half of what a `usize` holds, or `n` is too many alone.
        let sum = self.permits().saturating_add(n);
        (sum <= Self::MAX).then(|| self.with(Self::PERMITS, sum))
    }

    /// With `n` permits more, of which those are dropped that are too many.
    #[inline(always)]
    pub(super) fn plus(self, n: usize) -> Self {
        self.try_plus(n)
            .unwrap_or_else(|| self.with(Self::PERMITS, Self::MAX))
    }

    #[inline]
    pub(super) fn closed(self) -> Self {
        self.with(Self::CLOSED, true)
    }

    #[inline]
    pub(super) fn nobody_waits(self) -> Self {
        self.with(Self::WAITING, false)
    }
}

// === impl AtomicWord ===

impl AtomicWord {
    const_fn! {
        /// The word of `permits` permits, of which there are at most [`Word::MAX`].
        pub(super) const fn new(permits: usize) -> Self {
            Self(Word::of(permits).into_atomic())
        }
    }

    /// The word now. It may be another one by the time it is looked at.
    #[inline]
    pub(super) fn load(&self) -> Word {
        // Acquire pairs with the release in `close` and `set`: whoever sees the closing sees what
        // led to it.
        self.0.load(Acquire)
    }

    /// Takes permits, if there are enough and nobody waits.
    #[inline(always)]
    pub(super) fn take(&self, need: usize) -> Take {
        self.take_or(need, |_| Transition::Stay(Take::Short))
    }

    /// As [`take`](Self::take); if there are too few, marks that somebody waits.
    ///
    /// The lock is held, and if the result is `Short` the caller puts its waiter into the line
    /// before it is released.
    #[inline]
    pub(super) fn take_or_wait(&self, need: usize) -> Take {
        self.take_or(need, |seen| {
            if seen.is_waiting() {
                Transition::Stay(Take::Short)
            } else {
                Transition::To(seen.with(Word::WAITING, true), Take::Short)
            }
        })
    }

    #[inline(always)]
    fn take_or(&self, need: usize, short: impl Fn(Word) -> Transition<Word, Take>) -> Take {
        // Acquire pairs with the release in `give` and `set`: what was done with the permits comes
        // before what will be. (All of the former are in the release sequence, since between two
        // `set`s the word changes by read-modify-writes only.) That goes for who marks that
        // somebody waits as well: the permits that others hand over under the lock are then ordered
        // by the lock. In failure: whoever is told of the closing sees what led to it.
        self.0.transition(Acquire, Acquire, |seen| {
            if seen.is_closed() {
                return Transition::Stay(Take::Closed);
            }
            match seen.minus(need) {
                Some(left) if !seen.is_waiting() => Transition::To(left, Take::Taken),
                // Whoever needs nothing need not wait.
                _ if need == 0 => Transition::Stay(Take::Taken),
                _ => short(seen),
            }
        })
    }

    /// Takes the only permit there ever is, if it is there and nobody waits.
    #[inline(always)]
    pub(super) fn take_only(&self) -> Take {
        // Orders as in `take`; nobody acts upon a failure.
        match self
            .0
            .compare_exchange(Word::ONE, Word::NONE, Acquire, Relaxed)
        {
            Ok(_) => Take::Taken,
            Err(_) => Take::Short,
        }
    }

    /// Gives permits, if nobody waits for them; those that are too many if `SURPLUS` are dropped.
    #[inline(always)]
    fn give_or<const SURPLUS: bool>(&self, n: usize) -> Give {
        // Release pairs with the acquire in `take`: see there.
        self.0.transition(Release, Relaxed, |seen| {
            if seen.is_waiting() {
                return Transition::Stay(Give::Waiting);
            }
            match seen.try_plus(n) {
                Some(sum) => Transition::To(sum, Give::Given),
                None if SURPLUS => Transition::To(seen.plus(n), Give::Given),
                None => Transition::Stay(Give::TooMany),
            }
        })
    }

    /// Gives permits, if nobody waits for them; those that are too many are dropped.
    #[inline(always)]
    pub(super) fn give(&self, n: usize) -> Give {
        self.give_or::<true>(n)
    }

    /// Gives permits, if nobody waits for them and they are not too many.
    #[inline]
    pub(super) fn try_give(&self, n: usize) -> Give {
        self.give_or::<false>(n)
    }

    /// Gives back the only permit there ever is, if nobody waits for it.
    #[inline(always)]
    pub(super) fn give_only(&self) -> Give {
        // Orders as in `give`.
        match self
            .0
            .compare_exchange(Word::NONE, Word::ONE, Release, Relaxed)
        {
            Ok(_) => Give::Given,
            Err(_) => Give::Waiting,
        }
    }

    /// Removes up to `n` of the permits that nobody has, unless somebody waits for them.
    pub(super) fn remove(&self, n: usize) -> usize {
        // Relaxed: nobody has these permits after, and the release sequence goes on.
        self.0.transition(Relaxed, Relaxed, |seen| {
            let gone = seen.permits().min(n);
            match seen.minus(gone) {
                Some(left) if !seen.is_waiting() => Transition::To(left, gone),
                _ => Transition::Stay(0),
            }
        })
    }

    /// Closes, if nobody waits.
    pub(super) fn close(&self) -> Close {
        // Release pairs with the acquire of whoever finds it closed.
        self.0.transition(Release, Relaxed, |seen| {
            if seen.is_waiting() {
                Transition::Stay(Close::Waiting)
            } else {
                Transition::To(seen.closed(), Close::Settled)
            }
        })
    }

    /// The word, for whoever may [`set`](Self::set) it.
    #[inline]
    pub(super) fn exclusive(&self) -> Word {
        let word = self.0.load(Relaxed);
        debug_assert!(word.is_waiting());
        word
    }

    /// Replaces the word. The lock is held, and somebody waits: so nobody else changes it.
    #[inline]
    pub(super) fn set(&self, word: Word) {
        // Release pairs with the acquire in `take` and `load`. It begins a new release sequence, so
        // it has to stand for all that came before: whoever has given permits without the lock did
        // so before the first of those who wait marked the word, which acquired theirs, and
        // everybody since has held the lock.
        self.0.store(word, Release);
    }
}

impl fmt::Debug for AtomicWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}
