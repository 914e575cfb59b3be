//! Base-64 arithmetic of the wheel, and [`Place`], the name of one of its rings.

use crate::clock::Ticks;

/// Bits per digit.
const DIGIT: usize = 6;
/// Slots per near level.
pub(super) const SLOTS: usize = 1 << DIGIT;
/// Levels that have a ring per slot.
pub(super) const NEAR_LEVELS: usize = 6;
/// Digits of a `u64`; the highest has but 4 of its 6 bits.
pub(super) const LEVELS: usize = Ticks::BITS.div_ceil(DIGIT as u32) as usize;
/// Levels that have two rings for all of their slots.
pub(super) const FAR_LEVELS: usize = LEVELS - NEAR_LEVELS;

/// The level of a deadline: the highest digit in which it differs from `base`.
pub(super) const fn level(base: Ticks, deadline: Ticks) -> usize {
    debug_assert!(base < deadline);
    (base ^ deadline).ilog2() as usize / DIGIT
}

/// The digit of `ticks` at `level`.
pub(super) const fn digit(ticks: Ticks, level: usize) -> usize {
    (ticks >> (DIGIT * level)) as usize % SLOTS
}

/// The last of the moments that agree with `ticks` at `level` and above.
pub(super) const fn block_end(ticks: Ticks, level: usize) -> Ticks {
    if level < LEVELS {
        ticks | ((1 << (DIGIT * level)) - 1)
    } else {
        Ticks::MAX
    }
}

/// The first moment that agrees with `base` above `level` and has the digit `slot` there.
pub(super) const fn slot_start(base: Ticks, level: usize, slot: usize) -> Ticks {
    let block = block_end(base, level + 1);
    let block_start = block ^ (block_end(0, level + 1));
    block_start | (slot as Ticks) << (DIGIT * level)
}

/// The name of one of the wheel's rings.
///
/// ```text
///  0 ……………………………………… 383 │ 384 ……………………… 393
///  near: 64 · level + slot    │ far: 2 · (level − 6) + which of the two
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u16);

// === impl Place ===

impl Place {
    const FIRST_FAR: usize = NEAR_LEVELS * SLOTS;

    /// How many places there are.
    pub(super) const COUNT: usize = Self::FIRST_FAR + 2 * FAR_LEVELS;

    pub(super) const fn near(level: usize, slot: usize) -> Self {
        debug_assert!(level < NEAR_LEVELS && slot < SLOTS);
        Self((level * SLOTS + slot) as u16)
    }

    pub(super) const fn far(level: usize, which: usize) -> Self {
        debug_assert!(level >= NEAR_LEVELS && level < LEVELS && which < 2);
        Self((Self::FIRST_FAR + 2 * (level - NEAR_LEVELS) + which) as u16)
    }

    pub(super) const fn from_index(index: usize) -> Self {
        debug_assert!(index < Self::COUNT);
        Self(index as u16)
    }

    /// The ring's index in the wheel.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    pub(super) const fn level(self) -> usize {
        match self.index().checked_sub(Self::FIRST_FAR) {
            None => self.index() / SLOTS,
            Some(far) => NEAR_LEVELS + far / 2,
        }
    }

    /// The slot, if this is a near place.
    pub(super) const fn slot(self) -> usize {
        self.index() % SLOTS
    }
}
