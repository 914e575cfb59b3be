//! The spec itself: one range of bits.

macro_rules! spec {
    ($Word:ident, $Signed:ident: $Pack:ident, $Packing:ident, $Pair:ident) => {
        #[doc = concat!("A range of bits of a [`", stringify!($Word), "`] that holds a `T`.")]
        ///
        /// `F` is the [`bitfield!`](crate::bitfield) that the range is a field of, `()` if of none.
        /// [The module](crate::pack) says how bits are counted.
        ///
        /// # Invariants
        ///
        /// `shift + count_ones(mask)` is at most the width of the word, and `mask` is that many ones,
        /// `shift` bits up. (So an empty spec has a zero mask, whatever its shift.)
        pub struct $Pack<T = $Word, F = ()> {
            mask: $Word,
            shift: u32,
            // Neither is held: the spec is Send, Sync and Unpin whatever they are.
            holds: core::marker::PhantomData<fn(T, F) -> (T, F)>,
        }

        impl $Pack<$Word> {
            #[doc = concat!("Starts packing values into `value`; see [`", stringify!($Packing), "`].")]
            #[inline]
            #[must_use]
            pub const fn pack_in(value: $Word) -> $Packing {
                $Packing::new(value)
            }

            /// Returns a spec of the `n` least significant bits.
            ///
            /// # Panics
            ///
            /// If the word has fewer than `n` bits.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn least_significant(n: u32) -> Self {
                Self::at(0, n)
            }

            /// Returns a spec of exactly the bits that are set in `mask`.
            ///
            /// # Panics
            ///
            /// If they are not contiguous.
            ///
            /// ```
            #[doc = concat!("# use pintle_bitfield::", stringify!($Pack), ";")]
            #[doc = concat!("assert_eq!(", stringify!($Pack), "::from_mask(0x78).unpack_bits(0x28), 0b0101);")]
            /// ```
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn from_mask(mask: $Word) -> Self {
                if mask == 0 {
                    return Self::at(0, 0);
                }
                let spec = Self::at(mask.trailing_zeros(), mask.count_ones());
                assert!(spec.mask == mask, "the bits of the mask are not contiguous");
                spec
            }

            /// Returns a spec of the bits `range`, counted from zero.
            ///
            /// The same as [`from_range`](Self::from_range), for constants.
            ///
            /// # Panics
            ///
            /// If the range ends before it starts or after the word does.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn from_const_range(range: core::ops::Range<u32>) -> Self {
                assert!(range.start <= range.end, "the range ends before it starts");
                Self::at(range.start, range.end - range.start)
            }

            /// Returns a spec of the bits `range`, counted from zero.
            ///
            /// A range without an end ends with the word.
            ///
            /// # Panics
            ///
            /// If the range ends before it starts or after the word does.
            ///
            /// ```
            #[doc = concat!("# use pintle_bitfield::", stringify!($Pack), " as Pack;")]
            /// assert_eq!(Pack::from_range(2..5).raw_mask(), 0b1_1100);
            /// assert_eq!(Pack::from_range(2..=4), Pack::from_const_range(2..5));
            /// assert_eq!(Pack::from_range(..).raw_mask(), !0);
            /// ```
            #[must_use]
            #[track_caller]
            pub fn from_range(range: impl core::ops::RangeBounds<u32>) -> Self {
                use core::ops::Bound;

                let after = |bit: u32| bit.checked_add(1).expect("the range ends after the word");
                let start = match range.start_bound() {
                    Bound::Included(&bit) => bit,
                    Bound::Excluded(&bit) => after(bit),
                    Bound::Unbounded => 0,
                };
                let end = match range.end_bound() {
                    Bound::Included(&bit) => after(bit),
                    Bound::Excluded(&bit) => bit,
                    Bound::Unbounded => <$Word>::BITS,
                };
                Self::from_const_range(start..end)
            }
        }

        impl<T, F> $Pack<T, F> {
            /// Where every spec is made, and the invariant is established.
            #[inline]
            #[track_caller]
            const fn at(shift: u32, n: u32) -> Self {
                assert!(
                    shift <= <$Word>::BITS && n <= <$Word>::BITS - shift,
                    "the bits do not fit into the word"
                );
                let mask = if n == 0 {
                    0
                } else {
                    (<$Word>::MAX >> (<$Word>::BITS - n)) << shift
                };
                Self { mask, shift, holds: core::marker::PhantomData }
            }

            /// Same range, other types.
            #[inline]
            const fn cast<T2, F2>(self) -> $Pack<T2, F2> {
                $Pack { mask: self.mask, shift: self.shift, holds: core::marker::PhantomData }
            }

            /// Returns the same range as one that holds a `T2` and belongs to `F2`.
            #[doc(hidden)]
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn typed<T2, F2>(self) -> $Pack<T2, F2>
            where
                T2: $crate::FromBits<$Word>,
            {
                assert!(
                    !T2::SIGNED || self.bits() <= T2::BITS,
                    "a signed type's field is at most as wide as the type"
                );
                self.cast()
            }

            /// The constant that `bitfield!` makes of one field.
            #[doc(hidden)]
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn __field(span: $crate::__private::Span) -> Self
            where
                T: $crate::FromBits<$Word>,
            {
                Self::at(span.start, span.width).typed()
            }

            /// Returns how many bits wide the range is.
            #[inline]
            #[must_use]
            pub const fn bits(&self) -> u32 {
                self.mask.count_ones()
            }

            /// Returns the greatest unsigned value that the range can hold.
            #[inline]
            #[must_use]
            pub const fn max_value(&self) -> $Word {
                // Wrapping: the shift of an empty spec may be the width of the word.
                self.mask.wrapping_shr(self.shift)
            }

            /// Returns a word in which only the range's least significant bit is set: what to add to
            /// a word to count its field up by one. Zero if the range is empty.
            #[inline]
            #[must_use]
            pub const fn first_bit(&self) -> $Word {
                self.mask & self.mask.wrapping_neg()
            }

            /// Returns a word in which exactly the bits of the range are set.
            #[inline]
            #[must_use]
            pub const fn raw_mask(&self) -> $Word {
                self.mask
            }

            /// Returns `base` with the range set to `value`, of which only as many bits are taken as
            /// the range is wide.
            #[inline]
            #[must_use]
            pub const fn pack_truncating(&self, value: $Word, base: $Word) -> $Word {
                (base & !self.mask) | (value.wrapping_shl(self.shift) & self.mask)
            }

            /// [`pack_truncating`](Self::pack_truncating) in place.
            #[inline]
            pub fn pack_into_truncating<'base>(
                &self,
                value: $Word,
                base: &'base mut $Word,
            ) -> &'base mut $Word {
                *base = self.pack_truncating(value, *base);
                base
            }

            /// Returns the spec of a `T2` right after this one.
            ///
            /// # Panics
            ///
            /// If the word has too few bits left.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn then<T2>(&self) -> $Pack<T2, F>
            where
                T2: $crate::FromBits<$Word>,
            {
                $Pack::at(self.most_significant_index(), T2::BITS)
            }

            /// Returns the spec of the `n` bits right after this one.
            ///
            /// # Panics
            ///
            /// If the word has fewer bits left.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn next(&self, n: u32) -> $Pack<$Word, F> {
                $Pack::at(self.most_significant_index(), n)
            }

            /// Returns the spec of all bits after this one; empty if there are none.
            #[inline]
            #[must_use]
            pub const fn remaining(&self) -> $Pack<$Word, F> {
                let start = self.most_significant_index();
                $Pack::at(start, <$Word>::BITS - start)
            }

            /// Returns `base` with every bit of the range set.
            #[inline]
            #[must_use]
            pub const fn set_all(&self, base: $Word) -> $Word {
                base | self.mask
            }

            /// Returns `base` with every bit of the range cleared.
            #[inline]
            #[must_use]
            pub const fn unset_all(&self, base: $Word) -> $Word {
                base & !self.mask
            }

            /// [`set_all`](Self::set_all) in place.
            #[inline]
            pub fn set_all_in<'base>(&self, base: &'base mut $Word) -> &'base mut $Word {
                *base = self.set_all(*base);
                base
            }

            /// [`unset_all`](Self::unset_all) in place.
            #[inline]
            pub fn unset_all_in<'base>(&self, base: &'base mut $Word) -> &'base mut $Word {
                *base = self.unset_all(*base);
                base
            }

            /// Returns the bits of the range, right-aligned and not interpreted.
            #[inline]
            #[must_use]
            pub const fn unpack_bits(&self, src: $Word) -> $Word {
                (src & self.mask).wrapping_shr(self.shift)
            }

            /// Returns whether any bit of the range is set in `bits`.
            #[inline]
            #[must_use]
            pub const fn contained_in_any(&self, bits: $Word) -> bool {
                bits & self.mask != 0
            }

            /// Returns whether every bit of the range is set in `bits`.
            #[inline]
            #[must_use]
            pub const fn contained_in_all(&self, bits: $Word) -> bool {
                bits & self.mask == self.mask
            }

            /// Checks the spec's invariant.
            ///
            /// A spec that breaks it cannot be made: this is for tests that check all they are given.
            ///
            /// # Panics
            ///
            /// If it is broken.
            #[track_caller]
            pub fn assert_valid(&self) {
                let sound: $Pack = $Pack::at(self.shift, self.bits());
                assert_eq!(sound.mask, self.mask, "the mask is not contiguous");
            }

            /// Checks that no two of the named specs share a bit.
            ///
            /// The fields of one [`bitfield!`](crate::bitfield) never do.
            ///
            /// # Panics
            ///
            /// If two do, with their names.
            #[track_caller]
            pub fn assert_all_valid(specs: &[(&str, Self)]) {
                for (i, (name, spec)) in specs.iter().enumerate() {
                    spec.assert_valid();
                    for (other_name, other) in &specs[..i] {
                        assert!(
                            spec.mask & other.mask == 0,
                            "{name} ({:?}) and {other_name} ({:?}) overlap",
                            spec.range(),
                            other.range(),
                        );
                    }
                }
            }

            /// Returns the index of the range's first bit, counted from zero.
            #[inline]
            #[must_use]
            pub const fn least_significant_index(&self) -> u32 {
                self.shift
            }

            /// Returns the index **after** the range's last bit, counted from zero.
            #[inline]
            #[must_use]
            pub const fn most_significant_index(&self) -> u32 {
                self.shift + self.bits()
            }

            const fn range(&self) -> core::ops::Range<u32> {
                self.least_significant_index()..self.most_significant_index()
            }
        }

        spec_values!($Word, $Signed: $Pack, $Pair);
        spec_traits!($Pack);
    };
}
