//! A word that values are packed into one after the other.

macro_rules! packing {
    ($Word:ident: $Pack:ident, $Packing:ident, $Pair:ident) => {
        #[doc = concat!("A [`", stringify!($Word), "`] that values are packed into, one call after the other.")]
        ///
        #[doc = concat!("[`", stringify!($Pack), "::pack_in`] starts one, [`bits`](Self::bits) ends it.")]
        #[derive(Copy, Clone, PartialEq, Eq)]
        pub struct $Packing($Word);

        impl $Packing {
            /// Starts with `bits`.
            #[inline]
            #[must_use]
            pub const fn new(bits: $Word) -> Self {
                Self(bits)
            }

            /// Packs as many low bits of `value` as `packer` is wide.
            #[inline]
            #[must_use]
            pub const fn pack_truncating(self, value: $Word, packer: &$Pack) -> Self {
                Self(packer.pack_truncating(value, self.0))
            }

            /// Copies the bits of `pair`'s *destination* range in `value` into its *source* range
            /// here: this word plays the source's part.
            #[inline]
            #[must_use]
            pub const fn pack_from_src(self, value: $Word, pair: &$Pair) -> Self {
                Self(pair.pack_from_src(self.0, value))
            }

            /// Copies the bits of `pair`'s *source* range in `value` into its *destination* range
            /// here: this word plays the destination's part.
            #[inline]
            #[must_use]
            pub const fn pack_from_dst(self, value: $Word, pair: &$Pair) -> Self {
                Self(pair.pack_from_dst(value, self.0))
            }

            /// Packs `value`.
            ///
            /// # Panics
            ///
            /// If it does not fit.
            #[inline]
            #[must_use]
            #[track_caller]
            pub fn pack<T, F>(self, value: T, packer: &$Pack<T, F>) -> Self
            where
                T: $crate::FromBits<$Word>,
            {
                Self(packer.pack(value, self.0))
            }

            /// Packs `value`.
            ///
            /// # Errors
            ///
            /// If it does not fit.
            #[inline]
            pub fn try_pack<T, F>(
                self,
                value: T,
                packer: &$Pack<T, F>,
            ) -> Result<Self, DoesNotFit<$Word>>
            where
                T: $crate::FromBits<$Word>,
            {
                match packer.try_pack(value, self.0) {
                    Ok(bits) => Ok(Self(bits)),
                    Err(error) => Err(error),
                }
            }

            /// Packs the value whose bits are `bits`: [`pack`](Self::pack) for constants.
            ///
            /// # Panics
            ///
            /// If it does not fit; in a `const` that is a compile-time error.
            #[inline]
            #[must_use]
            #[track_caller]
            pub const fn pack_bits<T, F>(self, bits: $Word, packer: &$Pack<T, F>) -> Self
            where
                T: $crate::FromBits<$Word>,
            {
                Self(packer.pack_bits(bits, self.0))
            }

            /// Sets every bit of `packer`'s range.
            #[inline]
            #[must_use]
            pub const fn set_all<T, F>(self, packer: &$Pack<T, F>) -> Self {
                Self(packer.set_all(self.0))
            }

            /// Clears every bit of `packer`'s range.
            #[inline]
            #[must_use]
            pub const fn unset_all<T, F>(self, packer: &$Pack<T, F>) -> Self {
                Self(packer.unset_all(self.0))
            }

            /// Returns whether any bit of `packer`'s range is set.
            #[inline]
            #[must_use]
            pub const fn contains_any<T, F>(self, packer: &$Pack<T, F>) -> bool {
                packer.contained_in_any(self.0)
            }

            /// Returns whether every bit of `packer`'s range is set.
            #[inline]
            #[must_use]
            pub const fn contains_all<T, F>(self, packer: &$Pack<T, F>) -> bool {
                packer.contained_in_all(self.0)
            }

            /// Returns the packed word.
            #[inline]
            #[must_use]
            pub const fn bits(self) -> $Word {
                self.0
            }
        }

        impl From<$Word> for $Packing {
            #[inline]
            fn from(bits: $Word) -> Self {
                Self::new(bits)
            }
        }

        impl From<$Packing> for $Word {
            #[inline]
            fn from(packing: $Packing) -> Self {
                packing.bits()
            }
        }

        impl core::fmt::Debug for $Packing {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_tuple(stringify!($Packing)).field(&format_args!("{:#b}", self.0)).finish()
            }
        }

        packing!(@word_as Binary, $Packing);
        packing!(@word_as LowerHex, $Packing);
        packing!(@word_as UpperHex, $Packing);
    };

    (@word_as $Trait:ident, $Packing:ident) => {
        /// Formats the word.
        impl core::fmt::$Trait for $Packing {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::$Trait::fmt(&self.0, f)
            }
        }
    };
}
