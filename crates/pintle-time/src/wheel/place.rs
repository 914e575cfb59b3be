//! Base-64 arithmetic of the wheel, and [`Place`], the name of one of its rings.

use crate::clock::Ticks;

/// Bits per digit.
const DIGIT: u32 = 6;
/// Slots per near level.
pub(super) const SLOTS: usize = 1 << DIGIT;
/// Levels that have a ring per slot: 1 to this.
pub(super) const NEAR_LEVELS: usize = 6;
/// The level of the current slot, and one per digit of a `u64`; the highest has but 4 of 6 bits.
pub(super) const LEVELS: usize = 1 + Ticks::BITS.div_ceil(DIGIT) as usize;
/// Levels that have two rings for all of their slots: 0, and those above the near ones.
const PAIRS: usize = LEVELS - NEAR_LEVELS;

/// How deadlines are cut into digits: by slots of level 1 that are `1 << shift` ticks wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    shift: u8,
}

// === impl Scale ===

impl Scale {
    /// The widest slots that leave every near slot within 64 bits.
    pub(super) const MAX_SHIFT: u32 = 32;

    pub(super) const fn new(shift: u32) -> Self {
        assert!(shift <= Self::MAX_SHIFT, "a slot is at most 2^32 ticks");
        Self { shift: shift as u8 }
    }

    /// The level of a deadline: 0 if it lies in the slot of level 1 in which `base` is, else that
    /// of the highest digit in which the two differ.
    #[inline]
    pub(super) const fn level(self, base: Ticks, deadline: Ticks) -> usize {
        match ((base ^ deadline) >> self.shift).checked_ilog2() {
            None => 0,
            Some(bit) => 1 + (bit / DIGIT) as usize,
        }
    }

    /// The digit of `ticks` at a near `level`.
    #[inline]
    pub(super) const fn digit(self, ticks: Ticks, level: usize) -> usize {
        (ticks >> self.bits(level)) as usize % SLOTS
    }

    /// The last of the moments that agree with `ticks` at `level`, from 1, and above.
    #[inline]
    pub(super) const fn end(self, ticks: Ticks, level: usize) -> Ticks {
        ticks | self.below(level)
    }

    /// The first moment that agrees with `base` above the near `level`, and has the digit `slot`
    /// there.
    #[inline]
    pub(super) const fn start(self, base: Ticks, level: usize, slot: usize) -> Ticks {
        base & !self.below(level + 1) | (slot as Ticks) << self.bits(level)
    }

    /// Whether all deadlines in a slot of `level` are the same.
    #[inline]
    pub(super) const fn is_one_tick(self, level: usize) -> bool {
        level == 1 && self.shift == 0
    }

    /// The bits below those of `level`.
    #[inline]
    const fn below(self, level: usize) -> Ticks {
        match (1 as Ticks).checked_shl(self.bits(level)) {
            Some(width) => width - 1,
            None => Ticks::MAX,
        }
    }

    /// How wide a slot of `level`, from 1, is: `1 <<` this.
    #[inline]
    const fn bits(self, level: usize) -> u32 {
        debug_assert!(level > 0);
        self.shift as u32 + DIGIT * (level as u32 - 1)
    }
}

/// The name of one of the wheel's rings.
///
/// ```text
///  0 ……………………………………… 383     │ 384, 385 │ 386 ……………………… 395
///  near: 64 · (level − 1) + slot │ level 0  │ far: 2 · (level − 6) + 384
///                                │  which of the two is the lowest bit
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u16);

// === impl Place ===

impl Place {
    const FIRST_PAIR: usize = NEAR_LEVELS * SLOTS;

    /// How many places there are.
    pub(super) const COUNT: usize = Self::FIRST_PAIR + 2 * PAIRS;

    #[inline]
    pub(super) const fn near(level: usize, slot: usize) -> Self {
        debug_assert!(is_near(level) && slot < SLOTS);
        Self(((level - 1) * SLOTS + slot) as u16)
    }

    /// One of the two rings of the pair with this number.
    #[inline]
    pub(super) const fn of_pair(pair: usize, which: usize) -> Self {
        debug_assert!(pair < PAIRS && which < 2);
        Self((Self::FIRST_PAIR + 2 * pair + which) as u16)
    }

    #[inline]
    pub(super) const fn from_index(index: usize) -> Self {
        debug_assert!(index < Self::COUNT);
        Self(index as u16)
    }

    /// The ring's index in the wheel.
    #[inline]
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    #[inline]
    pub(super) const fn level(self) -> usize {
        match self.index().checked_sub(Self::FIRST_PAIR) {
            None => 1 + self.index() / SLOTS,
            Some(0 | 1) => 0,
            Some(far) => NEAR_LEVELS + far / 2,
        }
    }

    /// Whether what is filed here while `draining` is being drained is due before all that neither
    /// is nor was there.
    #[inline]
    pub(super) const fn is_within(self, draining: Self) -> bool {
        let (level, drained) = (self.level(), draining.level());
        level < drained || level == drained && !is_near(level)
    }

    /// The slot, if this is a near place.
    #[inline]
    pub(super) const fn slot(self) -> usize {
        self.index() % SLOTS
    }
}

/// Whether a level has a ring per slot.
#[inline]
pub(super) const fn is_near(level: usize) -> bool {
    level.wrapping_sub(1) < NEAR_LEVELS
}

/// The number of the pair of rings that a level has, if it is not near.
#[inline]
pub(super) const fn pair(level: usize) -> usize {
    level.saturating_sub(NEAR_LEVELS)
}
