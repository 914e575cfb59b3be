use pintle_bitfield::bitfield;

/// Half of the word, with `QUIESCENT`.
const DEPTH_BITS: u32 = usize::BITS / 2 - 1;

bitfield! {
    /// What a writer sees of a reader; the [module](super) has the diagram.
    #[derive(PartialEq, Eq)]
    pub(super) struct Word<usize> {
        /// How many sections run, within each other; 0 outside.
        const DEPTH = DEPTH_BITS;
        /// The next `enter` makes a full fence.
        const QUIESCENT: bool;
        /// The domain's stamp when the outermost section began, or the last one if none runs.
        const STAMP = ..;
    }
}

/// The bits that `enter` looks at: all zero outside, where it may be light.
const STATE: usize = Word::DEPTH.raw_mask() | Word::QUIESCENT.raw_mask();
const DEEPEST: usize = Word::DEPTH.raw_mask();

// === impl Word ===

impl Word {
    /// Of a slot that has never been in a section.
    pub(super) const NEW: Self = Self::from_bits(Word::QUIESCENT.raw_mask());

    /// The word of an outermost section under the first stamp, which is the last one before the stamps
    /// wrap: what a wrap would break breaks at once.
    pub(super) const FIRST: Self =
        Self::from_bits(Word::STAMP.raw_mask() | Word::DEPTH.first_bit());

    /// The word of an outermost section under the next stamp.
    pub(super) fn next_stamp(self) -> Self {
        Self::from_bits(self.bits().wrapping_add(Word::STAMP.first_bit()))
    }

    /// Outside, and not quiescent.
    #[inline]
    pub(super) fn is_outside(self) -> bool {
        self.bits() & STATE == 0
    }

    #[inline]
    pub(super) fn is_inside(self) -> bool {
        self.bits() & DEEPEST != 0
    }

    /// In one section, and not in another besides.
    #[inline]
    pub(super) fn is_in_one(self) -> bool {
        self.bits() & STATE == Word::DEPTH.first_bit()
    }

    /// In a section, and another may begin in it.
    #[inline]
    pub(super) fn may_nest(self) -> bool {
        // Neither outside nor quiescent, nor the deepest. (Not `bits & STATE`, less one, so that `enter` does not
        // keep that for here.)
        self.bits().wrapping_sub(1) & STATE < DEEPEST - 1
    }

    #[inline]
    pub(super) fn deeper(self) -> Self {
        Self::from_bits(self.bits().wrapping_add(Word::DEPTH.first_bit()))
    }

    #[inline]
    pub(super) fn shallower(self) -> Self {
        Self::from_bits(self.bits().wrapping_sub(Word::DEPTH.first_bit()))
    }

    /// Outside, however deep it was.
    pub(super) fn left(self) -> Self {
        Self::from_bits(self.bits() & !DEEPEST)
    }

    #[inline]
    pub(super) fn is_quiescent(self) -> bool {
        self.bits() & Word::QUIESCENT.raw_mask() != 0
    }

    #[inline]
    pub(super) fn quiesce(self) -> Self {
        debug_assert!(!self.is_inside());
        Self::from_bits(self.bits() | Word::QUIESCENT.raw_mask())
    }

    /// Whether both were written under the same stamp.
    pub(super) fn is_of_same_stamp(self, other: Self) -> bool {
        (self.bits() ^ other.bits()) & Word::STAMP.raw_mask() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_of_sections() {
        assert!(Word::NEW.is_quiescent() && !Word::NEW.is_inside() && !Word::NEW.is_outside());
        assert!(!Word::NEW.may_nest());
        let inside = Word::FIRST;
        assert!(inside.is_inside() && inside.is_in_one() && !inside.is_quiescent());
        assert!(inside.may_nest());
        let deeper = inside.deeper();
        assert!(deeper.is_inside() && !deeper.is_in_one());
        assert!(deeper.is_of_same_stamp(inside));
        assert!(deeper.shallower() == inside && deeper.left() == inside.shallower());
        let outside = inside.shallower();
        assert!(outside.is_outside() && !outside.is_inside() && !outside.may_nest());
        assert!(outside.quiesce().is_quiescent() && !outside.quiesce().is_outside());
    }

    #[test]
    fn the_stamps_wrap_without_touching_the_state() {
        let wrapped = Word::FIRST.next_stamp();
        assert!(wrapped.is_in_one() && !wrapped.is_of_same_stamp(Word::FIRST));
        assert_eq!(wrapped.get(Word::STAMP), 0);
    }

    #[test]
    fn the_deepest_does_not_nest() {
        let deepest = Word::FIRST.with(Word::DEPTH, DEEPEST);
        assert!(deepest.is_inside() && !deepest.may_nest());
        assert!(deepest.shallower().may_nest());
    }
}
