//! The [`enum_from_bits!`](crate::enum_from_bits) macro.

/// Declares an enum whose variants are bit patterns, for a field of a [`bitfield!`](crate::bitfield).
///
/// ```
/// use pintle_bitfield::{bitfield, enum_from_bits, FromBits};
///
/// enum_from_bits! {
///     /// A memory's speed.
///     #[derive(Debug, PartialEq, Eq)]
///     pub enum Speed<u8> {
///         Slow = 0b00,
///         /// Not all patterns need be variants.
///         Fast = 0b10,
///     }
/// }
///
/// // As many bits as the greatest variant needs.
/// assert_eq!(<Speed as FromBits<u8>>::BITS, 2);
/// assert_eq!(Speed::try_from(2u8), Ok(Speed::Fast));
/// assert_eq!(Speed::try_from(1u8), Err("invalid value for Speed: expected one of [0b00, 0b10]"));
///
/// // From wider words too, of which every bit counts.
/// assert_eq!(Speed::try_from(2u64), Ok(Speed::Fast));
/// assert!(Speed::try_from(0x102u64).is_err());
///
/// bitfield! {
///     struct Config<u32> {
///         const ENABLED: bool;
///         const SPEED: Speed;
///     }
/// }
/// assert_eq!(Config::new().with(Config::SPEED, Speed::Fast).bits(), 0b100);
/// ```
///
/// # Grammar
///
/// An enum named `Name<uN>`, where `uN` is `u8`, `u16`, `u32`, `u64`, `u128` or `usize`, and in it
/// `Variant = value` with constants of that type. The enum and its variants may have attributes.
///
/// # What it makes
///
/// `#[derive(Copy, Clone)] #[repr(uN)] enum Name`; and for `uN` and each wider unsigned `W`, with
/// `usize` where the target's is wide enough:
///
/// - [`FromBits<W>`](crate::FromBits), with the error [`InvalidBits<W>`](crate::InvalidBits), which
///   has the rejected bits;
/// - [`ConstFromBits<W>`](crate::ConstFromBits), so that [accessors](crate::bitfield#accessors) can
///   hold it;
/// - `TryFrom<W>`, with a text as its error.
///
/// An enum of `u128` has no such `repr`, which Rust 1.85 lacks: `as u128` would number its variants.
/// [`into_bits`](crate::FromBits::into_bits) gives their values, as for all others.
#[macro_export]
macro_rules! enum_from_bits {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident<u8> { $($variants:tt)+ }) => {
        $crate::__enum_from_bits! { @declare u8 [$(#[$meta])*] [$vis] $Name { $($variants)+ } }
        $crate::__enum_from_bits! { @wider u8 $Name: u16 u32 u64 u128 usize }
    };
    ($(#[$meta:meta])* $vis:vis enum $Name:ident<u16> { $($variants:tt)+ }) => {
        $crate::__enum_from_bits! { @declare u16 [$(#[$meta])*] [$vis] $Name { $($variants)+ } }
        $crate::__enum_from_bits! { @wider u16 $Name: u32 u64 u128 usize }
    };
    ($(#[$meta:meta])* $vis:vis enum $Name:ident<u32> { $($variants:tt)+ }) => {
        $crate::__enum_from_bits! { @declare u32 [$(#[$meta])*] [$vis] $Name { $($variants)+ } }
        $crate::__enum_from_bits! { @wider u32 $Name: u64 u128 }
        #[cfg(any(target_pointer_width = "32", target_pointer_width = "64"))]
        $crate::__enum_from_bits! { @wider u32 $Name: usize }
    };
    ($(#[$meta:meta])* $vis:vis enum $Name:ident<u64> { $($variants:tt)+ }) => {
        $crate::__enum_from_bits! { @declare u64 [$(#[$meta])*] [$vis] $Name { $($variants)+ } }
        $crate::__enum_from_bits! { @wider u64 $Name: u128 }
        #[cfg(target_pointer_width = "64")]
        $crate::__enum_from_bits! { @wider u64 $Name: usize }
    };
    ($(#[$meta:meta])* $vis:vis enum $Name:ident<usize> { $($variants:tt)+ }) => {
        $crate::__enum_from_bits! { @declare usize [$(#[$meta])*] [$vis] $Name { $($variants)+ } }
        $crate::__enum_from_bits! { @wider usize $Name: u64 u128 }
        #[cfg(any(target_pointer_width = "16", target_pointer_width = "32"))]
        $crate::__enum_from_bits! { @wider usize $Name: u32 }
        #[cfg(target_pointer_width = "16")]
        $crate::__enum_from_bits! { @wider usize $Name: u16 }
    };
    (
        $(#[$meta:meta])* $vis:vis enum $Name:ident<u128> {
            $($(#[$vmeta:meta])* $Variant:ident = $value:expr),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(::core::marker::Copy, ::core::clone::Clone)]
        $vis enum $Name {
            $($(#[$vmeta])* $Variant),+
        }

        $crate::__enum_from_bits! { @impl u128 $Name { $($Variant = $value),+ } }

        // The compiler finds two equal discriminants, of which this enum has none.
        const _: () = $crate::__private::all_differ(
            &[$($value),+],
            ::core::concat!("enum `", ::core::stringify!($Name), "`: two variants have the same value"),
        );
    };
}

/// What `enum_from_bits!` expands to, word by word.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum_from_bits {
    (
        @declare $Word:ident [$($meta:tt)*] [$vis:vis] $Name:ident {
            $($(#[$vmeta:meta])* $Variant:ident = $value:expr),+ $(,)?
        }
    ) => {
        $($meta)*
        #[derive(::core::marker::Copy, ::core::clone::Clone)]
        #[repr($Word)]
        $vis enum $Name {
            $($(#[$vmeta])* $Variant = $value),+
        }

        $crate::__enum_from_bits! { @impl $Word $Name { $($Variant = $value),+ } }
    };

    // The enum's own word: here alone the patterns are listed.
    (@impl $Word:ident $Name:ident { $($Variant:ident = $value:expr),+ }) => {
        #[allow(dead_code, deprecated)]
        impl $Name {
            const VARIANTS: &'static [Self] = &[$(Self::$Variant),+];

            const MAX_VARIANT: Self = {
                let (mut max, mut i) = (0, 1);
                while i < Self::__VALUES.len() {
                    if Self::__VALUES[i] > Self::__VALUES[max] {
                        max = i;
                    }
                    i += 1;
                }
                Self::VARIANTS[max]
            };

            const MIN_VARIANT: Self = {
                let (mut min, mut i) = (0, 1);
                while i < Self::__VALUES.len() {
                    if Self::__VALUES[i] < Self::__VALUES[min] {
                        min = i;
                    }
                    i += 1;
                }
                Self::VARIANTS[min]
            };

            const NEEDED_BITS: u32 = {
                let max: $Word =
                    <<Self as $crate::ConstFromBits<$Word>>::Functions>::into_bits(Self::MAX_VARIANT);
                <$Word>::BITS - max.leading_zeros()
            };

            // Of each variant, in the same order.
            const __VALUES: &'static [$Word] = &[$($value),+];

            const ERROR: &'static str = Self::__ERROR;

            // The name that is used here: a variant may be called `ERROR`.
            const __ERROR: &'static str = $crate::__enum_from_bits!(@error $Name $($value,)+);
        }

        $crate::__enum_from_bits! {
            @traits $Word $Name
            |bits| {
                // A `match` would need a constant per variant, as an expression is no pattern: it
                // could have the variant's name only, and hide what the values name outside.
                $(if bits == $value {
                    return ::core::result::Result::Ok($Name::$Variant);
                })+
            }
            |value| match value {
                $($Name::$Variant => $value),+
            }
        }
    };

    // Wider words: what is too much for the enum's own word is no variant.
    (@wider $Word:ident $Name:ident: $($Wider:ident)+) => {$(
        $crate::__enum_from_bits! {
            @traits $Wider $Name
            |bits| {
                let narrow = bits as $Word;
                if narrow as $Wider == bits {
                    if let ::core::result::Result::Ok(value) =
                        <<$Name as $crate::ConstFromBits<$Word>>::Functions>::try_from_bits(narrow)
                    {
                        return ::core::result::Result::Ok(value);
                    }
                }
            }
            |value| <<$Name as $crate::ConstFromBits<$Word>>::Functions>::into_bits(value) as $Wider
        }
    )+};

    // One word's traits, of a block that returns the value if the bits are one, and of its bits.
    (@traits $Word:ident $Name:ident |$bits:ident| $from:block |$value:ident| $into:expr) => {
        // Whom a deprecated variant is to warn is who uses it.
        #[allow(deprecated)]
        const _: () = {
            /// The functions of `FromBits`, as constants can call them.
            pub enum __PintleFunctions {}

            impl __PintleFunctions {
                #[inline]
                pub const fn try_from_bits(
                    $bits: $Word,
                ) -> ::core::result::Result<$Name, $crate::InvalidBits<$Word>> {
                    $from
                    ::core::result::Result::Err($crate::InvalidBits::new($bits, $Name::__ERROR))
                }

                #[inline]
                pub const fn into_bits($value: $Name) -> $Word {
                    $into
                }
            }

            impl $crate::ConstFromBits<$Word> for $Name {
                type Functions = __PintleFunctions;
            }

            impl $crate::FromBits<$Word> for $Name {
                type Error = $crate::InvalidBits<$Word>;
                const BITS: u32 = Self::NEEDED_BITS;

                #[inline]
                fn try_from_bits(
                    bits: $Word,
                ) -> ::core::result::Result<Self, $crate::InvalidBits<$Word>> {
                    __PintleFunctions::try_from_bits(bits)
                }

                #[inline]
                fn into_bits(self) -> $Word {
                    __PintleFunctions::into_bits(self)
                }
            }

            impl ::core::convert::TryFrom<$Word> for $Name {
                type Error = &'static str;

                #[inline]
                fn try_from(bits: $Word) -> ::core::result::Result<Self, &'static str> {
                    __PintleFunctions::try_from_bits(bits).map_err(|_| Self::__ERROR)
                }
            }
        };
    };

    (@error $Name:ident $first:expr, $($value:expr,)*) => {
        ::core::concat!(
            "invalid value for ", ::core::stringify!($Name), ": expected one of [",
            ::core::stringify!($first), $(", ", ::core::stringify!($value),)* "]",
        )
    };
}

/// Checks that no two of `values` are equal.
///
/// # Panics
///
/// With `message` if two are: called by constants only, so that is an error of the compiler.
#[track_caller]
pub const fn all_differ(values: &[u128], message: &'static str) {
    let mut i = 1;
    while i < values.len() {
        let mut k = 0;
        while k < i {
            if values[i] == values[k] {
                panic!("{}", message);
            }
            k += 1;
        }
        i += 1;
    }
}
