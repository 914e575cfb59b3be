//! The state word of a [`RwSpinlock`](super::RwSpinlock).
//!
//! ```text
//!                       try_share              try_share
//!              ┌──────────────────────────┐  ┌──────────┐
//!              │                          ▼  │          ▼
//!        ┌──────────┐  leave_shared   ┌──────────────────────┐
//!        │   free   │ ◄────────────── │ READERS = n          │ ◄───────────────┐
//!        └──────────┘                 └──────────────────────┘                 │
//!          ▲  │  │ ▲                        ▲                                   │
//!          │  │  │ │ leave_upgradable       │ downgrade_upgradable      downgrade
//!          │  │  │ └──────────────── ┌──────────────────────┐                 │
//!          │  │  └─────────────────► │ UPGRADABLE, READERS  │ ◄─┐             │
//!          │  │  try_take_upgradable └──────────────────────┘   │             │
//!          │  │                         │ try_upgrade           │ downgrade_to_upgradable
//!          │  │                         │ (READERS = 0)         │             │
//!          │  │ try_take                ▼                       │             │
//!          │  └──────────────────► ┌─────────────────────────────────────────┐
//!          │                       │ WRITER                                  │
//!          └────────────────────── └─────────────────────────────────────────┘
//!              leave_exclusive
//! ```
//!
//! `WAITING` may be set in each of the states. It is set by [`State::take_or_mark`] and
//! [`State::upgrade_or_mark`], which find the lock held; it refuses `try_share` and
//! `try_take_upgradable`, and nothing else looks at it; it is cleared with `WRITER`.
//!
//! # Invariants
//!
//! - `WRITER` is set alone, but for `WAITING`. While it is, nobody but its holder changes any other
//!   bit than `WAITING`: a reader that is refused writes nothing. So the holder may replace the whole
//!   word. (A reader that counted itself first and then looked would be lost by that.)
//! - `UPGRADABLE` keeps `WRITER` from being set by anybody but its holder.
//! - `WAITING` is set only while a writer or an upgrade waits, which sets it again when another
//!   writer has cleared it, or while `WRITER` is set. So no reader waits for a mark that nobody
//!   takes away.
//! - `READERS` does not overflow: `try_share` stops one short of what it can hold, and that one is kept
//!   for `downgrade_upgradable`, which cannot refuse. It comes once: at the end of the count
//!   `try_take_upgradable` stops, too.

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::atomic::Ordering::*;
use pintle_core::const_fn;

bitfield! {
    #[derive(PartialEq, Eq)]
    pub(super) struct Word<usize> {
        /// Somebody holds the lock upgradably.
        const UPGRADABLE: bool;
        /// Somebody holds it exclusively.
        const WRITER: bool;
        /// Somebody waits to: no new readers.
        const WAITING: bool;
        /// So many share the lock.
        const READERS = ..;
    }
}

const UPGRADABLE: usize = Word::UPGRADABLE.raw_mask();
const WRITER: usize = Word::WRITER.raw_mask();
const WAITING: usize = Word::WAITING.raw_mask();
const ONE_READER: usize = Word::READERS.first_bit();

impl Word {
    /// Whether somebody is inside, in whichever way.
    const fn is_held(self) -> bool {
        self.bits() & !WAITING != 0
    }

    const fn refuses_readers(self) -> bool {
        self.bits() & (WRITER | WAITING) != 0
    }

    const fn refuses_upgradable(self) -> bool {
        self.bits() & (WRITER | WAITING | UPGRADABLE) != 0
    }

    const fn has_readers(self) -> bool {
        self.bits() >= ONE_READER
    }

    /// Whether one reader more would take the place that is kept for the upgradable holder.
    const fn is_full(self) -> bool {
        self.bits() / ONE_READER >= Word::READERS.max_value() - 1
    }

    const fn plus(self, bits: usize) -> Self {
        Self::from_bits(self.bits() + bits)
    }
}

/// What became of an attempt to come in beside readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    Acquired,
    /// A writer is inside, or waits; or there is an upgradable holder, where one wants to be that.
    Refused,
    /// There are as many readers as can be counted.
    Full,
}

/// What became of a writer's attempt that left a mark if it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// The lock is the caller's, exclusively.
    Over,
    /// Others hold it, and no new readers come in.
    Longer,
}

#[derive(Debug)]
pub(super) struct State(AtomicBits<Word>);

// === impl State ===

impl State {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Word::new().into_atomic())
        }
    }

    /// A state in which `readers` share the lock already.
    #[cfg(test)]
    pub(super) fn with_readers(readers: usize) -> Self {
        Self(Word::new().with(Word::READERS, readers).into_atomic())
    }

    #[inline]
    pub(super) fn try_share(&self) -> Share {
        // Acquire: pairs with the Release of the writer that left, or became a reader.
        self.0.transition(Acquire, Relaxed, |word| {
            if word.refuses_readers() {
                Transition::Stay(Share::Refused)
            } else if word.is_full() {
                Transition::Stay(Share::Full)
            } else {
                Transition::To(word.plus(ONE_READER), Share::Acquired)
            }
        })
    }

    #[inline]
    pub(super) fn leave_shared(&self) {
        // Release: pairs with the Acquire of the next writer, which must not write before this
        // reader has read. Other readers' changes go on with the release sequence.
        self.0.fetch_sub(ONE_READER, Release);
    }

    #[inline]
    pub(super) fn try_take(&self) -> bool {
        // Acquire: pairs with the Release of whoever left: a writer, and each of the readers.
        let free = self
            .0
            .compare_exchange(Word::new(), Word::from_bits(WRITER), Acquire, Relaxed);
        match free {
            Ok(_) => true,
            Err(word) => !word.is_held() && self.try_take_marked(),
        }
    }

    /// [`try_take`](Self::try_take) of a word with the mark on it.
    #[cold]
    fn try_take_marked(&self) -> bool {
        // Acquire: as in `try_take`.
        self.0.transition(Acquire, Relaxed, |word| {
            if word.is_held() {
                Transition::Stay(false)
            } else {
                Transition::To(word.plus(WRITER), true)
            }
        })
    }

    /// Takes the lock if nobody is inside, else keeps new readers out.
    pub(super) fn take_or_mark(&self) -> Wait {
        // Acquire: as in `try_take`.
        self.0.transition(Acquire, Relaxed, |word| {
            if !word.is_held() {
                Transition::To(word.plus(WRITER), Wait::Over)
            } else if word.get(Word::WAITING) {
                Transition::Stay(Wait::Longer)
            } else {
                Transition::To(word.plus(WAITING), Wait::Longer)
            }
        })
    }

    #[inline]
    pub(super) fn leave_exclusive(&self) {
        // Takes away the mark alone beside `WRITER`, by the first invariant: readers get their turn.
        // So a store would do, but loom takes one that races with a waiter's mark for overwritten by
        // that mark, though nothing can come between what a compare-exchange reads and writes.
        // Release: pairs with the Acquire of whoever comes in.
        self.0.swap(Word::new(), Release);
    }

    #[inline]
    pub(super) fn downgrade(&self) {
        // As in `leave_exclusive`.
        self.0.swap(Word::from_bits(ONE_READER), Release);
    }

    #[inline]
    pub(super) fn try_take_upgradable(&self) -> Share {
        // Acquire: pairs with the Release of the writer that left, or became a reader.
        self.0.transition(Acquire, Relaxed, |word| {
            if word.refuses_upgradable() {
                Transition::Stay(Share::Refused)
            } else if word.is_full() {
                Transition::Stay(Share::Full)
            } else {
                Transition::To(word.plus(UPGRADABLE), Share::Acquired)
            }
        })
    }

    #[inline]
    pub(super) fn leave_upgradable(&self) {
        // Release: as in `leave_shared`.
        self.0.fetch_sub(UPGRADABLE, Release);
    }

    #[inline]
    pub(super) fn try_upgrade(&self) -> bool {
        // Acquire: pairs with the Release of each reader that left.
        self.0.transition(Acquire, Relaxed, |word| {
            if word.has_readers() {
                Transition::Stay(false)
            } else {
                Transition::To(word.plus(WRITER - UPGRADABLE), true)
            }
        })
    }

    /// Upgrades if there is no reader, else keeps new ones out.
    pub(super) fn upgrade_or_mark(&self) -> Wait {
        // Acquire: as in `try_upgrade`.
        self.0.transition(Acquire, Relaxed, |word| {
            if !word.has_readers() {
                Transition::To(word.plus(WRITER - UPGRADABLE), Wait::Over)
            } else if word.get(Word::WAITING) {
                Transition::Stay(Wait::Longer)
            } else {
                Transition::To(word.plus(WAITING), Wait::Longer)
            }
        })
    }

    #[inline]
    pub(super) fn downgrade_upgradable(&self) {
        // Nobody comes in by it, so there is nothing to release: that is for when the reader leaves.
        self.0.fetch_add(ONE_READER - UPGRADABLE, Relaxed);
    }

    #[inline]
    pub(super) fn downgrade_to_upgradable(&self) {
        // As in `leave_exclusive`.
        self.0.swap(Word::from_bits(UPGRADABLE), Release);
    }

    #[inline]
    pub(super) fn is_held(&self) -> bool {
        self.0.load(Relaxed).is_held()
    }

    #[inline]
    pub(super) fn has_writer(&self) -> bool {
        self.0.load(Relaxed).get(Word::WRITER)
    }

    #[inline]
    pub(super) fn readers(&self) -> usize {
        let word = self.0.load(Relaxed);
        word.get(Word::READERS) + usize::from(word.get(Word::UPGRADABLE))
    }
}
