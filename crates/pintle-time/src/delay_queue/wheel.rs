//! The wheel of a [`DelayQueue`](super::DelayQueue): slots of its storage, in rings by deadline.
//!
//! It is the wheel of [the timer](crate) with digits of four bits instead of six, and indices
//! instead of pointers. Sixteen levels of sixteen rings cover all of `u64` in 1 kB, and need no case
//! for what is far ahead. Slots that refer to each other by index may be moved together with their
//! storage, as a vector moves them when it grows.
//!
//! Write the deadline and `base` in base 16. The highest digit in which they differ is the level, the
//! deadline's digit there is the ring. What is on a lower level is due before what is on a higher
//! one, and a lower ring before a higher one.
//!
//! # Invariants
//!
//! 1. A slot whose `place` is a ring's is in that ring, and only there; rings are closed both ways.
//! 2. A slot in the ring `DUE` has a deadline that is not after `base`. A slot in another has one that
//!    is, and the ring is that of the deadline's level and digit.
//! 3. A ring's bit in `occupied`, and a level's in `levels`, is set exactly if something is in it.
//! 4. `base` never decreases.

use super::storage::Slot;
use crate::clock::Ticks;

/// The position of a slot in its storage.
pub(super) type Index = u32;

/// No slot.
pub(super) const NIL: Index = Index::MAX;

const DIGIT: u32 = 4;
const RINGS: usize = 1 << DIGIT;
const LEVELS: usize = (Ticks::BITS / DIGIT) as usize;

/// How many slots a search for the earliest looks at before it is content with when they begin.
const PATIENCE: usize = 16;

/// The name of a ring: `level × 16 + digit`, or one of the two below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u16);

// === impl Place ===

impl Place {
    /// The time of what is in here has come.
    const DUE: Self = Self((LEVELS * RINGS) as u16);
    /// In no ring.
    pub(super) const VACANT: Self = Self(u16::MAX);

    const fn at(level: usize, digit: usize) -> Self {
        Self((level * RINGS + digit) as u16)
    }

    const fn level(self) -> usize {
        self.0 as usize / RINGS
    }

    const fn digit(self) -> usize {
        self.0 as usize % RINGS
    }
}

/// See the [module's documentation](self).
pub(super) struct Wheel {
    base: Ticks,
    /// Per level, which rings have a slot.
    occupied: [u16; LEVELS],
    /// Which levels have a slot.
    levels: u16,
    /// The first slot of each ring.
    heads: [Index; LEVELS * RINGS + 1],
}

// === impl Wheel ===

impl Wheel {
    pub(super) const fn new() -> Self {
        Self {
            base: 0,
            occupied: [0; LEVELS],
            levels: 0,
            heads: [NIL; LEVELS * RINGS + 1],
        }
    }

    /// Puts a slot where its deadline belongs. It must be in no ring. O(1).
    pub(super) fn file<T>(&mut self, slots: &mut [Slot<T>], index: Index) {
        let deadline = slots[index as usize].deadline;
        let place = if deadline <= self.base {
            Place::DUE
        } else {
            let level = ((self.base ^ deadline).ilog2() / DIGIT) as usize;
            let digit = (deadline >> (level as u32 * DIGIT)) as usize % RINGS;
            self.occupied[level] |= 1 << digit;
            self.levels |= 1 << level;
            Place::at(level, digit)
        };
        self.push_back(slots, place, index);
    }

    /// Takes a slot out of its ring. O(1).
    pub(super) fn unfile<T>(&mut self, slots: &mut [Slot<T>], index: Index) {
        let slot = &mut slots[index as usize];
        let (place, prev, next) = (slot.place, slot.prev, slot.next);
        slot.place = Place::VACANT;
        let head = &mut self.heads[place.0 as usize];
        if next != index {
            slots[prev as usize].next = next;
            slots[next as usize].prev = prev;
            if *head == index {
                *head = next;
            }
            return;
        }
        *head = NIL;
        if place != Place::DUE {
            let level = place.level();
            self.occupied[level] &= !(1 << place.digit());
            if self.occupied[level] == 0 {
                self.levels &= !(1 << level);
            }
        }
    }

    /// The slot that is due first, if it is by `now`. It stays in its ring.
    ///
    /// Moves each slot at most once per level, from its insertion until it is due.
    pub(super) fn pop_due<T>(&mut self, slots: &mut [Slot<T>], now: Ticks) -> Option<Index> {
        loop {
            let due = self.heads[Place::DUE.0 as usize];
            if due != NIL {
                return Some(due);
            }
            match self.next_ring() {
                Some((place, start)) if start <= now => self.open(slots, place, start),
                _ => {
                    self.base = self.base.max(now);
                    return None;
                }
            }
        }
    }

    /// A moment before which nothing is due, and at which something is, or is close to: exact, unless
    /// the ring that comes first has many slots. `None` if there is nothing.
    pub(super) fn wake_at<T>(&self, slots: &[Slot<T>]) -> Option<Ticks> {
        if self.heads[Place::DUE.0 as usize] != NIL {
            return Some(self.base);
        }
        let (place, start) = self.next_ring()?;
        let mut soonest = Ticks::MAX;
        for (count, index) in self.ring(slots, place).enumerate() {
            if count == PATIENCE {
                return Some(start);
            }
            soonest = soonest.min(slots[index as usize].deadline);
        }
        Some(soonest)
    }

    /// The slot that is due first.
    pub(super) fn first<T>(&self, slots: &[Slot<T>]) -> Option<Index> {
        let due = self.heads[Place::DUE.0 as usize];
        if due != NIL {
            return Some(due);
        }
        let (place, _) = self.next_ring()?;
        self.ring(slots, place)
            .min_by_key(|index| slots[*index as usize].deadline)
    }

    /// The ring whose slots are due before all others, and the moment at which that begins.
    fn next_ring(&self) -> Option<(Place, Ticks)> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros();
        let digit = self.occupied[level as usize].trailing_zeros();
        // `base` with that digit, and zeros below.
        let shift = level * DIGIT;
        let above = self.base >> shift >> DIGIT << DIGIT;
        let start = (above | Ticks::from(digit)) << shift;
        Some((Place::at(level as usize, digit as usize), start))
    }

    /// Moves `base` to the beginning of a ring's time, and its slots to where they belong then.
    fn open<T>(&mut self, slots: &mut [Slot<T>], place: Place, start: Ticks) {
        debug_assert!(self.base < start);
        self.base = start;
        while self.heads[place.0 as usize] != NIL {
            let index = self.heads[place.0 as usize];
            self.unfile(slots, index);
            self.file(slots, index);
        }
    }

    fn push_back<T>(&mut self, slots: &mut [Slot<T>], place: Place, index: Index) {
        let head = &mut self.heads[place.0 as usize];
        let (prev, next) = if *head == NIL {
            *head = index;
            (index, index)
        } else {
            (slots[*head as usize].prev, *head)
        };
        let slot = &mut slots[index as usize];
        (slot.place, slot.prev, slot.next) = (place, prev, next);
        slots[prev as usize].next = index;
        slots[next as usize].prev = index;
    }

    fn ring<'a, T>(
        &self,
        slots: &'a [Slot<T>],
        place: Place,
    ) -> impl Iterator<Item = Index> + use<'a, T> {
        let head = self.heads[place.0 as usize];
        let first = (head != NIL).then_some(head);
        core::iter::successors(first, move |index| {
            let next = slots[*index as usize].next;
            (next != head).then_some(next)
        })
    }
}
