//! The spec's traits: by hand, because derives would ask `T` and `F` for the same trait.

macro_rules! spec_traits {
    ($Pack:ident) => {
        impl<R: core::ops::RangeBounds<u32>> From<R> for $Pack {
            fn from(range: R) -> Self {
                Self::from_range(range)
            }
        }

        impl<T, F> Copy for $Pack<T, F> {}

        impl<T, F> Clone for $Pack<T, F> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<A, B, F> PartialEq<$Pack<B, F>> for $Pack<A, F> {
            #[inline]
            fn eq(&self, other: &$Pack<B, F>) -> bool {
                self.mask == other.mask && self.shift == other.shift
            }
        }

        impl<A, B, F> PartialEq<&$Pack<B, F>> for $Pack<A, F> {
            #[inline]
            fn eq(&self, other: &&$Pack<B, F>) -> bool {
                *self == **other
            }
        }

        impl<A, B, F> PartialEq<$Pack<B, F>> for &$Pack<A, F> {
            #[inline]
            fn eq(&self, other: &$Pack<B, F>) -> bool {
                **self == *other
            }
        }

        impl<T, F> Eq for $Pack<T, F> {}

        impl<T, F> core::fmt::Debug for $Pack<T, F> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($Pack))
                    .field("mask", &format_args!("{:#b}", self.mask))
                    .field("bits", &self.range())
                    .field("type", &format_args!("{}", core::any::type_name::<T>()))
                    .finish()
            }
        }

        spec_traits!(@mask_as Binary, $Pack);
        spec_traits!(@mask_as LowerHex, $Pack);
        spec_traits!(@mask_as UpperHex, $Pack);
    };

    (@mask_as $Trait:ident, $Pack:ident) => {
        /// Formats the mask.
        impl<T, F> core::fmt::$Trait for $Pack<T, F> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::$Trait::fmt(&self.mask, f)
            }
        }
    };
}
