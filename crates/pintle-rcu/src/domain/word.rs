use pintle_bitfield::bitfield;

bitfield! {
    /// The state of a slot and the count of its sections; the [module](super) has the diagram.
    #[derive(PartialEq, Eq)]
    pub(super) struct Word<usize> {
        /// A section is running.
        const INSIDE: bool;
        /// The slot is not quiescent: the next `enter` may be light.
        const ACTIVE: bool;
        /// How many sections there were, wrapping.
        const SECTIONS = ..;
    }
}

/// Which barrier an outermost `enter` has to make after it has stored the word.
pub(super) enum Entry {
    /// Writers may skip their heavy barrier for this slot: a full fence.
    FromQuiescent,
    /// Writers make the heavy barrier: the light one.
    FromOutside,
}

impl Word {
    /// `QUIESCENT` or `OUTSIDE` to `INSIDE`.
    #[inline]
    pub(super) fn enter(self) -> (Self, Entry) {
        const ONE_SECTION: usize = Word::SECTIONS.first_bit();
        const INSIDE: usize = Word::INSIDE.raw_mask() | Word::ACTIVE.raw_mask();
        debug_assert!(!self.is_inside());
        let entry = if self.is_active() {
            Entry::FromOutside
        } else {
            Entry::FromQuiescent
        };
        let entered = Self::from_bits(self.bits().wrapping_add(ONE_SECTION) | INSIDE);
        (entered, entry)
    }

    /// `INSIDE` to `OUTSIDE`.
    #[inline]
    pub(super) fn exit(self) -> Self {
        debug_assert!(self.is_inside());
        Self::from_bits(self.bits() & !Self::INSIDE.raw_mask())
    }

    /// `OUTSIDE` to `QUIESCENT`.
    #[inline]
    pub(super) fn quiesce(self) -> Self {
        debug_assert!(!self.is_inside());
        Self::from_bits(self.bits() & !Self::ACTIVE.raw_mask())
    }

    #[inline]
    pub(super) fn is_inside(self) -> bool {
        self.bits() & Self::INSIDE.raw_mask() != 0
    }

    #[inline]
    fn is_active(self) -> bool {
        self.bits() & Self::ACTIVE.raw_mask() != 0
    }

    #[inline]
    pub(super) fn is_quiescent(self) -> bool {
        !self.is_active()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_has_a_word_of_its_own() {
        let quiescent = Word::from_bits(0);
        let (first, entry) = quiescent.enter();
        assert!(matches!(entry, Entry::FromQuiescent));
        assert!(first.is_inside() && !first.is_quiescent());
        let outside = first.exit();
        assert!(!outside.is_inside() && !outside.is_quiescent());
        let (second, entry) = outside.enter();
        assert!(matches!(entry, Entry::FromOutside));
        assert!(second.is_inside() && second != first);
        assert!(second.exit().quiesce().is_quiescent());
    }

    #[test]
    fn the_count_wraps_without_touching_the_state() {
        let last = Word::from_bits(usize::MAX).exit();
        let (wrapped, _) = last.enter();
        assert!(wrapped.is_inside());
        assert_eq!(wrapped.get(Word::SECTIONS), 0);
        assert!(wrapped.exit().quiesce() == Word::from_bits(0));
    }
}
