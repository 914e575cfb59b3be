//! The state word of a [`FutexRwLock`](super::FutexRwLock): who is inside, and who sleeps.
//!
//! Who is inside goes as in the diagram of `RwSpinlock`'s word: readers, one upgradable holder beside
//! them, or one writer. Beside it stand four marks:
//!
//! | mark | set by | means | cleared by |
//! |---|---|---|---|
//! | `CLOSED` | [`take_or_mark`], [`upgrade_or_mark`] | no new readers: a writer is about to sleep | who leaves `WRITER`, who gives up |
//! | `READERS_SLEEP` | [`share_or_mark`] | a reader may sleep on this word | the same, who wakes all of them |
//! | `WRITERS_SLEEP` | `take_or_mark`, … | a writer may sleep on the turn | who wakes one of them |
//! | `UPGRADING` | `upgrade_or_mark` | one of these is the upgradable holder | the upgrade |
//!
//! # Invariants
//!
//! - `WRITER` is set without `UPGRADABLE` and readers. While it is, others set and clear marks only:
//!   so its holder may replace the whole word.
//! - `UPGRADABLE` keeps `WRITER` from being set by anybody but its holder.
//! - `CLOSED` is set together with `WRITERS_SLEEP`: that writer takes the lock later, or gives up, and
//!   clears it. `READERS_SLEEP` is set only beside `WRITER` or `CLOSED`. So no reader sleeps for ever.
//! - If a writer sleeps, `WRITERS_SLEEP` is set, or a writer is awake that was woken in its
//!   place: that one sets it when it takes the lock, sleeps again, or gives up.
//! - `READERS` does not overflow: [`try_share`](State::try_share) stops one short of what it can hold, and that one is
//!   kept for `downgrade_upgradable`. It comes once: at the end of the count nobody becomes
//!   upgradable either.
//!
//! [`take_or_mark`]: State::take_or_mark
//! [`upgrade_or_mark`]: State::upgrade_or_mark
//! [`share_or_mark`]: State::share_or_mark

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::const_fn;

bitfield! {
    #[derive(PartialEq, Eq)]
    pub(super) struct Word<u32> {
        /// Somebody holds the lock upgradably.
        const UPGRADABLE: bool;
        /// Somebody holds it exclusively.
        const WRITER: bool;
        /// A writer waits, and has waited long: no new readers.
        const CLOSED: bool;
        pub(super) const READERS_SLEEP: bool;
        pub(super) const WRITERS_SLEEP: bool;
        /// The upgradable holder waits for the readers to leave.
        pub(super) const UPGRADING: bool;
        /// So many share the lock.
        const READERS = ..;
    }
}

const UPGRADABLE: u32 = Word::UPGRADABLE.raw_mask();
const WRITER: u32 = Word::WRITER.raw_mask();
const CLOSED: u32 = Word::CLOSED.raw_mask();
const READERS_SLEEP: u32 = Word::READERS_SLEEP.raw_mask();
const WRITERS_SLEEP: u32 = Word::WRITERS_SLEEP.raw_mask();
const UPGRADING: u32 = Word::UPGRADING.raw_mask();
const ONE_READER: u32 = Word::READERS.first_bit();

const MARKS: u32 = CLOSED | READERS_SLEEP | WRITERS_SLEEP | UPGRADING;

impl Word {
    /// Whether somebody is inside, in whichever way.
    pub(super) const fn is_held(self) -> bool {
        self.bits() & !MARKS != 0
    }

    pub(super) const fn refuses_readers(self) -> bool {
        self.bits() & (WRITER | CLOSED) != 0
    }

    pub(super) const fn refuses_upgradable(self) -> bool {
        self.bits() & (WRITER | CLOSED | UPGRADABLE) != 0
    }

    pub(super) const fn has_readers(self) -> bool {
        self.bits() >= ONE_READER
    }

    pub(super) const fn has_sleepers(self) -> bool {
        self.bits() & (READERS_SLEEP | WRITERS_SLEEP) != 0
    }

    const fn has(self, bits: u32) -> bool {
        self.bits() & bits == bits
    }

    /// Whether one reader more would take the place that is kept for the upgradable holder.
    const fn is_full(self) -> bool {
        self.bits() / ONE_READER >= Word::READERS.max_value() - 1
    }

    /// Whether one that sleeps as a writer could come in if it were woken.
    const fn has_a_turn_to_give(self) -> bool {
        let holder = self.bits() & (WRITER | UPGRADABLE | UPGRADING);
        // With the door open it may be one that wants to be upgradable, beside readers.
        let beside_readers = holder == 0 && !self.has(CLOSED);
        let alone = !self.has_readers() && (holder == 0 || holder == UPGRADABLE | UPGRADING);
        self.has(WRITERS_SLEEP) && (beside_readers || alone)
    }

    const fn plus(self, bits: u32) -> Self {
        Self::from_bits(self.bits() + bits)
    }

    const fn or(self, bits: u32) -> Self {
        Self::from_bits(self.bits() | bits)
    }

    const fn without(self, bits: u32) -> Self {
        Self::from_bits(self.bits() & !bits)
    }
}

/// What became of an attempt to come in beside readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    Acquired,
    /// A writer is inside, or has closed the door; or there is an upgradable holder, where one wants
    /// to be that.
    Refused,
    /// There are as many readers as can be counted.
    Full,
    /// Others have changed the word meanwhile.
    Contended,
}

/// What became of an attempt that left a mark if it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// The lock is the caller's.
    Over,
    /// The word was this one, with the mark: who sleeps now is woken.
    Longer(Word),
    /// There are as many readers as can be counted.
    Full,
}

/// Whether a writer that takes the lock is to expect others asleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// It has not slept: whoever sleeps has left a mark.
    HaveMarked,
    /// It was woken, and the mark was cleared for it: it may have been one of several.
    MaySleep,
}

impl Others {
    const fn mark(self) -> u32 {
        match self {
            Self::HaveMarked => 0,
            Self::MaySleep => WRITERS_SLEEP,
        }
    }
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
    pub(super) fn with_readers(readers: u32) -> Self {
        Self(Word::new().with(Word::READERS, readers).into_atomic())
    }

    /// What readers sleep on.
    #[inline]
    pub(super) fn as_futex(&self) -> &AtomicU32 {
        self.0.as_atomic()
    }

    #[inline]
    pub(super) fn load(&self) -> Word {
        self.0.load(Relaxed)
    }

    #[inline]
    pub(super) fn readers(&self) -> usize {
        let word = self.load();
        word.get(Word::READERS) as usize + usize::from(word.get(Word::UPGRADABLE))
    }

    #[inline]
    pub(super) fn has_writer(&self) -> bool {
        self.load().get(Word::WRITER)
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

    /// [`try_share`](Self::try_share) that is content with one attempt.
    #[inline]
    pub(super) fn try_share_once(&self) -> Share {
        let word = self.load();
        if word.refuses_readers() {
            return Share::Refused;
        }
        if word.is_full() {
            return Share::Full;
        }
        // Acquire: as in `try_share`.
        match self
            .0
            .compare_exchange_weak(word, word.plus(ONE_READER), Acquire, Relaxed)
        {
            Ok(_) => Share::Acquired,
            Err(_) => Share::Contended,
        }
    }

    /// Shares the lock, or says that a reader is about to sleep.
    pub(super) fn share_or_mark(&self) -> Wait {
        // Acquire: as in `try_share`.
        self.0.transition(Acquire, Relaxed, |word| {
            if word.refuses_readers() {
                let marked = word.or(READERS_SLEEP);
                if marked == word {
                    Transition::Stay(Wait::Longer(marked))
                } else {
                    Transition::To(marked, Wait::Longer(marked))
                }
            } else if word.is_full() {
                Transition::Stay(Wait::Full)
            } else {
                Transition::To(word.plus(ONE_READER), Wait::Over)
            }
        })
    }

    /// Leaves, and returns whether a writer is to be woken by [`give_turn`](Self::give_turn).
    #[inline]
    pub(super) fn leave_shared(&self) -> bool {
        // Release: pairs with the Acquire of the next writer, which must not write before this
        // reader has read. Other readers' changes go on with the release sequence.
        let before = self.0.fetch_sub(ONE_READER, Release);
        let word = Word::from_bits(before.bits() - ONE_READER);
        word.has(WRITERS_SLEEP) && !word.has_readers()
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

    /// [`try_take`](Self::try_take) of a word with marks on it.
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

    /// Takes the lock, or closes the door and says that a writer is about to sleep.
    pub(super) fn take_or_mark(&self, others: Others) -> Wait {
        // Acquire: as in `try_take`.
        self.0.transition(Acquire, Relaxed, |word| {
            if word.is_held() {
                self::mark(word, CLOSED | WRITERS_SLEEP)
            } else {
                Transition::To(word.or(WRITER | others.mark()), Wait::Over)
            }
        })
    }

    /// Leaves, and returns the word before: its sleepers are the caller's to wake.
    #[inline]
    pub(super) fn leave_exclusive(&self) -> Word {
        // Release: pairs with the Acquire of whoever comes in.
        self.0.swap(Word::new(), Release)
    }

    /// As [`leave_exclusive`](Self::leave_exclusive), to be a reader.
    #[inline]
    pub(super) fn downgrade(&self) -> Word {
        // Release: as in `leave_exclusive`.
        self.0.swap(Word::from_bits(ONE_READER), Release)
    }

    /// As [`leave_exclusive`](Self::leave_exclusive), to be the upgradable holder.
    #[inline]
    pub(super) fn downgrade_to_upgradable(&self) -> Word {
        // Release: as in `leave_exclusive`.
        self.0.swap(Word::from_bits(UPGRADABLE), Release)
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

    /// Becomes the upgradable holder, or says that one who wants to is about to sleep, as a writer.
    pub(super) fn take_upgradable_or_mark(&self, others: Others) -> Wait {
        // Acquire: as in `try_take_upgradable`.
        self.0.transition(Acquire, Relaxed, |word| {
            // Who was woken has been given the turn, maybe in the place of the writer that had closed
            // the door: it must use it, or that one sleeps for ever.
            let refuses = match others {
                Others::HaveMarked => word.refuses_upgradable(),
                Others::MaySleep => word.has(WRITER) || word.has(UPGRADABLE),
            };
            if refuses {
                self::mark(word, WRITERS_SLEEP)
            } else if word.is_full() {
                Transition::Stay(Wait::Full)
            } else {
                Transition::To(word.or(UPGRADABLE | others.mark()), Wait::Over)
            }
        })
    }

    /// Leaves, and returns whether somebody may sleep that waits for it.
    #[inline]
    pub(super) fn leave_upgradable(&self) -> bool {
        // Release: as in `leave_shared`.
        let before = self.0.fetch_sub(UPGRADABLE, Release);
        before.has(WRITERS_SLEEP)
    }

    /// As [`leave_upgradable`](Self::leave_upgradable), to be a reader.
    #[inline]
    pub(super) fn downgrade_upgradable(&self) -> bool {
        // Release: pairs with the Acquire of the next upgradable holder, as for the leaving one.
        let before = self.0.fetch_add(ONE_READER - UPGRADABLE, Release);
        before.has(WRITERS_SLEEP)
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

    /// Upgrades, or closes the door and says that the upgradable holder is about to sleep.
    pub(super) fn upgrade_or_mark(&self, others: Others) -> Wait {
        // Acquire: as in `try_upgrade`.
        self.0.transition(Acquire, Relaxed, |word| {
            if word.has_readers() {
                self::mark(word, CLOSED | WRITERS_SLEEP | UPGRADING)
            } else {
                let word = word.without(UPGRADABLE | UPGRADING);
                Transition::To(word.or(WRITER | others.mark()), Wait::Over)
            }
        })
    }

    /// Takes the writers' mark away, for one that sleeps as a writer to be woken, if that could come in;
    /// returns the word before.
    pub(super) fn give_turn(&self) -> Option<Word> {
        self.0.transition(Relaxed, Relaxed, |word| {
            if word.has_a_turn_to_give() {
                Transition::To(word.without(WRITERS_SLEEP), Some(word))
            } else {
                // Somebody has come in meanwhile, who will leave.
                Transition::Stay(None)
            }
        })
    }

    /// Gives up waiting to write: opens the door again. Returns the word before: its sleepers are
    /// the caller's to wake. `None` if that is left to the writer inside.
    pub(super) fn give_up(&self) -> Option<Word> {
        self.0.transition(Relaxed, Relaxed, |word| {
            if word.has(WRITER) {
                Transition::Stay(None)
            } else {
                let open = word.without(CLOSED | READERS_SLEEP | WRITERS_SLEEP);
                Transition::To(open, Some(word))
            }
        })
    }
}

/// The word with `marks`, which the caller sleeps on.
fn mark(word: Word, marks: u32) -> Transition<Word, Wait> {
    let marked = word.or(marks);
    if marked == word {
        Transition::Stay(Wait::Longer(marked))
    } else {
        Transition::To(marked, Wait::Longer(marked))
    }
}
