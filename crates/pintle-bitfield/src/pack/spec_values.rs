//! What a spec does with values of its type.

macro_rules! spec_values {
    ($Word:ident, $Signed:ident: $Pack:ident, $Pair:ident) => {
        impl<T, F> $Pack<T, F>
        where
            T: $crate::FromBits<$Word>,
        {
            /// Returns the spec of a `T` in the least significant bits.
            ///
            /// # Panics
            ///
            /// If the word has fewer bits than a `T`.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn first() -> Self {
                Self::at(0, T::BITS)
            }

            /// Returns the spec of a `T` in the `n` bits from bit `bit` on, counted from zero.
            ///
            /// # Panics
            ///
            /// If they do not fit into the word, or `T` is signed and `n` more than its width.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn starting_at(bit: u32, n: u32) -> Self {
                Self::at(bit, n).typed()
            }

            /// Pairs this range with one of the same width that starts at bit `at`.
            ///
            /// # Panics
            ///
            /// If that does not fit into the word.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn pair_at(&self, at: u32) -> $Pair<T> {
                self.pair_with::<()>($Pack::at(at, self.bits()))
            }

            /// Pairs this range with one of the same width that starts right after `after`.
            ///
            /// # Panics
            ///
            /// If that does not fit into the word.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn pair_after(&self, after: Self) -> $Pair<T> {
                self.pair_at(after.most_significant_index())
            }

            /// Pairs this range with `dst`.
            ///
            /// # Panics
            ///
            /// If they differ in width.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn pair_with<F2>(&self, dst: $Pack<T, F2>) -> $Pair<T> {
                assert!(
                    self.bits() == dst.bits(),
                    "the two ranges of a pair are equally wide"
                );
                $Pair {
                    src: self.cast(),
                    dst: dst.cast(),
                }
            }

            /// Returns `base` with the range set to `value`.
            ///
            /// # Panics
            ///
            /// If `value` does not fit into the range.
            #[inline]
            #[must_use]
            #[track_caller]
            pub fn pack(&self, value: T, base: $Word) -> $Word {
                self.pack_bits(value.into_bits(), base)
            }

            /// Returns `base` with the range set to `value`.
            ///
            /// # Errors
            ///
            /// If `value` does not fit into the range.
            #[inline]
            pub fn try_pack(&self, value: T, base: $Word) -> Result<$Word, DoesNotFit<$Word>> {
                self.try_pack_bits(value.into_bits(), base)
            }

            /// Returns `base` with the range set to the value whose [bits
            /// ](crate::FromBits::into_bits) are `bits`: [`pack`](Self::pack) for constants.
            ///
            /// # Panics
            ///
            /// If the value does not fit into the range; in a `const` that is a compile-time error.
            ///
            /// ```
            #[doc = concat!("# use pintle_bitfield::", stringify!($Pack), " as Pack;")]
            /// const HIGH: Pack = Pack::least_significant(5).next(3);
            #[doc = concat!("const WORD: ", stringify!($Word), " = HIGH.pack_bits(7, 1);")]
            /// assert_eq!(WORD, 7 << 5 | 1);
            /// ```
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn pack_bits(&self, bits: $Word, base: $Word) -> $Word {
                match self.try_pack_bits(bits, base) {
                    Ok(word) => word,
                    Err(error) => does_not_fit(error.bits() as u128, error.width()),
                }
            }

            /// Returns `base` with the range set to the value whose [bits
            /// ](crate::FromBits::into_bits) are `bits`.
            ///
            /// # Errors
            ///
            /// If the value does not fit into the range.
            #[inline]
            pub const fn try_pack_bits(
                &self,
                bits: $Word,
                base: $Word,
            ) -> Result<$Word, DoesNotFit<$Word>> {
                let fits = if T::SIGNED {
                    self.extend(bits) == bits
                } else {
                    bits <= self.max_value()
                };
                if fits {
                    Ok(self.pack_truncating(bits, base))
                } else {
                    Err(DoesNotFit::new(bits, self.bits()))
                }
            }

            /// [`pack`](Self::pack) in place.
            ///
            /// # Panics
            ///
            /// If `value` does not fit into the range.
            #[inline]
            #[track_caller]
            pub fn pack_into<'base>(&self, value: T, base: &'base mut $Word) -> &'base mut $Word {
                *base = self.pack(value, *base);
                base
            }

            /// Reads the range's value from `src`.
            ///
            /// # Errors
            ///
            /// If its bits are no value of type `T`.
            #[inline]
            pub fn try_unpack(&self, src: $Word) -> Result<T, T::Error> {
                T::try_from_bits(self.__value_bits(src))
            }

            /// Reads the range's value from `src`.
            ///
            /// # Panics
            ///
            /// If its bits are no value of type `T`.
            #[inline]
            #[must_use]
            #[track_caller]
            pub fn unpack(&self, src: $Word) -> T {
                match self.try_unpack(src) {
                    Ok(value) => value,
                    Err(error) => is_no_value::<T>(self.unpack_bits(src), error),
                }
            }

            /// Returns what [`FromBits::try_from_bits`](crate::FromBits::try_from_bits) is given: the
            /// bits of the range, of a signed type extended by their sign.
            #[doc(hidden)]
            #[inline]
            #[must_use]
            pub const fn __value_bits(&self, src: $Word) -> $Word {
                let bits = self.unpack_bits(src);
                if T::SIGNED { self.extend(bits) } else { bits }
            }

            /// Extends the low bits of `bits`, as many as the range is wide, by their sign.
            #[inline]
            const fn extend(&self, bits: $Word) -> $Word {
                let unused = <$Word>::BITS - self.bits();
                if unused == <$Word>::BITS {
                    return 0;
                }
                (((bits << unused) as $Signed) >> unused) as $Word
            }
        }
    };
}
