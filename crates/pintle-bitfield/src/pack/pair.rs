//! Two ranges of the same width, to copy bits between two words.

macro_rules! pair {
    ($Word:ident: $Pack:ident, $Pair:ident) => {
        #[doc = concat!("Two ranges of a [`", stringify!($Word), "`], equally wide, for copying bits between two words.")]
        ///
        #[doc = concat!("Made by [`", stringify!($Pack), "::pair_at`], [`pair_after`](", stringify!($Pack),
            "::pair_after) and [`pair_with`](", stringify!($Pack), "::pair_with).")]
        ///
        /// # Invariants
        ///
        /// Both ranges have the same width.
        pub struct $Pair<T = $Word> {
            src: $Pack<T>,
            dst: $Pack<T>,
        }

        impl<T> $Pair<T> {
            /// Returns the source's range.
            #[inline]
            #[must_use]
            pub const fn src(&self) -> &$Pack<T> {
                &self.src
            }

            /// Returns the destination's range.
            #[inline]
            #[must_use]
            pub const fn dst(&self) -> &$Pack<T> {
                &self.dst
            }

            /// Returns `src` with its range replaced by the bits of the destination's range in `dst`.
            ///
            /// ```
            #[doc = concat!("# use pintle_bitfield::", stringify!($Pack), " as Pack;")]
            /// let pair = Pack::least_significant(3).pair_at(4);
            /// assert_eq!(pair.pack_from_src(0b1000, 0b101_0000), 0b1101);
            /// assert_eq!(pair.pack_from_dst(0b0011, 0b100_1111), 0b011_1111);
            /// ```
            #[inline]
            #[must_use]
            pub const fn pack_from_src(&self, src: $Word, dst: $Word) -> $Word {
                self.src.pack_truncating(self.dst.unpack_bits(dst), src)
            }

            /// Returns `dst` with its range replaced by the bits of the source's range in `src`.
            #[inline]
            #[must_use]
            pub const fn pack_from_dst(&self, src: $Word, dst: $Word) -> $Word {
                self.dst.pack_truncating(self.src.unpack_bits(src), dst)
            }

            /// Checks the pair's invariant, which no pair can be made to break.
            ///
            /// # Panics
            ///
            /// If it is broken.
            #[track_caller]
            pub fn assert_valid(&self) {
                self.src.assert_valid();
                self.dst.assert_valid();
                assert_eq!(self.src.bits(), self.dst.bits(), "the ranges differ in width");
            }
        }

        impl<T> Copy for $Pair<T> {}

        impl<T> Clone for $Pair<T> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<A, B> PartialEq<$Pair<B>> for $Pair<A> {
            #[inline]
            fn eq(&self, other: &$Pair<B>) -> bool {
                self.src == other.src && self.dst == other.dst
            }
        }

        impl<A, B> PartialEq<&$Pair<B>> for $Pair<A> {
            #[inline]
            fn eq(&self, other: &&$Pair<B>) -> bool {
                *self == **other
            }
        }

        impl<A, B> PartialEq<$Pair<B>> for &$Pair<A> {
            #[inline]
            fn eq(&self, other: &$Pair<B>) -> bool {
                **self == *other
            }
        }

        impl<T> Eq for $Pair<T> {}

        pair!(@ranges_as Debug, $Pair);
        pair!(@ranges_as Binary, $Pair);
        pair!(@ranges_as LowerHex, $Pair);
        pair!(@ranges_as UpperHex, $Pair);
    };

    (@ranges_as $Trait:ident, $Pair:ident) => {
        impl<T> core::fmt::$Trait for $Pair<T> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                struct Range<'a, R>(&'a R);

                impl<R: core::fmt::$Trait> core::fmt::Debug for Range<'_, R> {
                    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                        self.0.fmt(f)
                    }
                }

                f.debug_struct(stringify!($Pair))
                    .field("src", &Range(&self.src))
                    .field("dst", &Range(&self.dst))
                    .finish()
            }
        }
    };
}
