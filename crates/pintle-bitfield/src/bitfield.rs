//! The [`bitfield!`](crate::bitfield) macro.

/// Declares a word that is made of fields.
///
/// ```
/// use pintle_bitfield::{bitfield, enum_from_bits};
///
/// enum_from_bits! {
///     /// What a link is doing.
///     #[derive(Debug, PartialEq, Eq)]
///     pub enum Phase<u8> {
///         Down = 0,
///         Training = 1,
///         Up = 2,
///     }
/// }
///
/// bitfield! {
///     /// The state of a link.
///     #[derive(PartialEq, Eq)]
///     pub struct Link<u32> {
///         /// Somebody waits for a change. (`bool` takes one bit.)
///         pub const WAITED_FOR: bool;
///         /// An enum takes as many bits as its greatest variant needs.
///         pub const PHASE: Phase;
///         /// Reserved: skipped by `Debug` and `Display`, for its name starts with `_`.
///         const _RESERVED = 1;
///         /// Twelve bits, as a `u32`.
///         pub const LANES = 12;
///         /// All bits that are left.
///         pub const ERRORS = ..;
///     }
/// }
///
/// const INITIAL: Link = Link::new();
///
/// let mut link = INITIAL.with(Link::PHASE, Phase::Training).with(Link::LANES, 16);
/// link.set(Link::WAITED_FOR, true);
/// assert_eq!(link.get(Link::PHASE), Phase::Training);
/// assert_eq!(link.bits(), 16 << 4 | 1 << 1 | 1);
/// assert_eq!(Link::ERRORS.raw_mask(), 0xFFFF_0000);
///
/// // Three is no phase:
/// assert!(Link::from_bits(0b110).try_get(Link::PHASE).is_err());
/// ```
///
/// # Grammar
///
/// A struct named `Name<uN>`, where `uN` is the word: `u8`, `u16`, `u32`, `u64`, `u128` or `usize`.
/// In it, one constant per field, packed from the **least** significant bit upwards, without gaps,
/// in the order they are written:
///
/// | declaration | width | holds |
/// |---|---|---|
/// | `const A: Type;` | [`Type::BITS`](crate::FromBits::BITS) | `Type`, which implements [`FromBits<uN>`](crate::FromBits) |
/// | `const A = 5;` | 5 bits | `uN` |
/// | `const A: Type = 5;` | 5 bits | `Type`; the values that fit, a signed one with its sign |
/// | `const A = ..;` | all that are left (last field only) | `uN` |
/// | `const A: Type = ..;` | all that are left (last field only) | `Type` |
///
/// Instead of a number a width may be a constant expression in braces, as `const A = { usize::BITS /
/// 2 };`. Fields and the struct may have attributes and their own visibility. Bits that no field
/// claims keep what [`from_bits`](#what-it-makes) put there.
///
/// Fields cannot overlap, because each starts where the one before ends. One that does not fit is
/// rejected by the compiler:
///
/// ```compile_fail
/// pintle_bitfield::bitfield! {
///     struct TooMuch<u8> {
///         const LOW = 6;
///         const HIGH = 3; // error: bitfield `TooMuch`: field `HIGH` does not fit into the bits left of the u8
///     }
/// }
/// ```
///
/// # What it makes
///
/// `#[repr(transparent)] struct Name(uN)`, `Copy`; other traits are derived by attribute. With the
/// struct's visibility:
///
/// - `Name::FIELD: PackN<Type, Name>` per field: its [packing spec](crate::pack). That gives the
///   constants a state machine needs: `Name::FIELD.raw_mask()`, `first_bit()`, `max_value()`,
///   `contained_in_any(bits)`.
/// - `const fn new() -> Self` (all zero), `const fn from_bits(uN) -> Self`, `const fn bits(self) -> uN`.
/// - `fn get(self, field) -> T`; panics if the field's bits are no value of `T`.
///   `fn try_get(self, field) -> Result<T, T::Error>` does not.
/// - `fn with(self, field, value: T) -> Self` and `fn set(&mut self, field, value: T) -> &mut Self`;
///   they panic if the value does not fit. Types of which all values fit never panic.
/// - `fn assert_valid()`, which checks that the fields do not overlap, for tests.
/// - `fn display_ascii(&self)`, `fn display_unicode(&self)`, `fn display_set_bits(&self)`, each an `impl
///   Display`.
/// - `Debug` (like a struct), `Display` (a table: in ASCII, with `{:#}` in box drawing), `Binary`,
///   `LowerHex`, `UpperHex`, `From<uN>`, `From<Name> for uN` and [`Bitfield`](crate::Bitfield).
///
/// A field whose bits are no value of its type is *shown*, not a reason to panic. All types of fields
/// must implement `Debug`.
///
/// ```
/// # pintle_bitfield::bitfield! {
/// #     pub struct Link<u16> {
/// #         pub const WAITED_FOR: bool;
/// #         pub const PHASE = 2;
/// #         const _RESERVED = 1;
/// #         pub const LANES: u8;
/// #     }
/// # }
/// let link = Link::new().with(Link::LANES, 16).with(Link::PHASE, 2);
/// assert_eq!(format!("{link:?}"), "Link { WAITED_FOR: false, PHASE: 2, LANES: 16 }");
/// assert_eq!(format!("{link:x}"), "Link(104)");
/// assert_eq!(link.display_set_bits().to_string(), "PHASE=2 | LANES=16");
/// assert_eq!(link.to_string(), "\
/// 0000000100000100
/// ...............0 WAITED_FOR: false
/// .............10. PHASE: 2
/// ....00010000.... LANES: 16");
/// assert_eq!(format!("{link:#}"), "\
/// 0000000100000100
///     └──┬───┘ ├┘│
///        │     │ └ WAITED_FOR: false (0)
///        │     └── PHASE: 2 (10)
///        └──────── LANES: 16 (00010000)");
/// ```
#[macro_export]
macro_rules! bitfield {
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u8> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u8 Pack8 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u16> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u16 Pack16 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u32> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u32 Pack32 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u64> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u64 Pack64 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<u128> { $($fields:tt)+ }) => {
        $crate::__bitfield! { u128 Pack128 [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
    ($(#[$meta:meta])* $vis:vis struct $Name:ident<usize> { $($fields:tt)+ }) => {
        $crate::__bitfield! { usize PackUsize [$(#[$meta])*] [$vis] $Name { $($fields)+ } }
    };
}

/// What `bitfield!` expands to, once it knows the word's packing spec.
///
/// The names of the fields go into an enum, so that each constant finds its place in the layout by
/// its own name: no recursion, hence no limit on how many fields there are.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield {
    (
        $Word:ident $Pack:ident [$($meta:tt)*] [$vis:vis] $Name:ident {
            $(
                $(#[$fmeta:meta])*
                $fvis:vis const $Field:ident $(: $Type:ty)? $(= $width:tt)?;
            )+
        }
    ) => {
        $($meta)*
        #[derive(Copy, Clone)]
        #[repr(transparent)]
        $vis struct $Name($Word);

        const _: () = {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, clippy::enum_variant_names, dead_code)]
            enum __PintleIndex { $($Field),+ }

            const __PINTLE_COUNT: usize = [$(stringify!($Field)),+].len();

            const __PINTLE_FIELDS: [$crate::__private::Field; __PINTLE_COUNT] = [$(
                $crate::__private::Field {
                    width: $crate::__bitfield_width!($Word; $(: $Type)? $(= $width)?),
                    widest: $crate::__bitfield_widest!($Word; $(: $Type)?),
                    explicit: $crate::__bitfield_explicit!($(= $width)?),
                    does_not_fit: concat!(
                        "bitfield `", stringify!($Name), "`: field `", stringify!($Field),
                        "` does not fit into the bits left of the ", stringify!($Word),
                    ),
                    has_no_bits: concat!(
                        "bitfield `", stringify!($Name), "`: field `", stringify!($Field), "` has no bits",
                    ),
                    is_wider_than_its_type: concat!(
                        "bitfield `", stringify!($Name), "`: field `", stringify!($Field),
                        "` is wider than its signed type",
                    ),
                    is_not_the_last: concat!(
                        "bitfield `", stringify!($Name), "`: field `", stringify!($Field),
                        "` takes all bits that are left (`..`), so it must be the last",
                    ),
                }
            ),+];

            const __PINTLE_LAYOUT: [$crate::__private::Span; __PINTLE_COUNT] =
                $crate::__private::layout(&__PINTLE_FIELDS, <$Word>::BITS);

            const _: () = $crate::__private::check(&__PINTLE_FIELDS, <$Word>::BITS);

            #[allow(dead_code, clippy::wrong_self_convention)]
            impl $Name {
                $(
                    $(#[$fmeta])*
                    $fvis const $Field: $crate::$Pack<$crate::__bitfield_value!($Word; $(: $Type)?), Self> =
                        $crate::$Pack::__field(__PINTLE_LAYOUT[__PintleIndex::$Field as usize]);
                )+

                const FIELDS: &'static [(&'static str, $crate::$Pack<$Word, Self>)] =
                    &[$((stringify!($Field), Self::$Field.typed())),+];

                /// Makes one of `bits` as they are.
                #[inline]
                #[must_use]
                $vis const fn from_bits(bits: $Word) -> Self {
                    Self(bits)
                }

                /// Makes one of which every bit is zero.
                #[inline]
                #[must_use]
                $vis const fn new() -> Self {
                    Self(0)
                }

                /// Returns the whole word.
                #[inline]
                #[must_use]
                $vis const fn bits(self) -> $Word {
                    self.0
                }

                /// Returns a copy in which `field` is `value`.
                ///
                /// # Panics
                ///
                /// If `value` does not fit into the field.
                #[inline]
                #[must_use]
                #[track_caller]
                $vis fn with<T>(self, field: $crate::$Pack<T, Self>, value: T) -> Self
                where
                    T: $crate::FromBits<$Word>,
                {
                    Self(field.pack(value, self.0))
                }

                /// Sets `field` to `value`.
                ///
                /// # Panics
                ///
                /// If `value` does not fit into the field.
                #[inline]
                #[track_caller]
                $vis fn set<T>(&mut self, field: $crate::$Pack<T, Self>, value: T) -> &mut Self
                where
                    T: $crate::FromBits<$Word>,
                {
                    self.0 = field.pack(value, self.0);
                    self
                }

                /// Returns the value of `field`.
                ///
                /// # Panics
                ///
                /// If the field's bits are no value of type `T`.
                #[inline]
                #[must_use]
                #[track_caller]
                $vis fn get<T>(self, field: $crate::$Pack<T, Self>) -> T
                where
                    T: $crate::FromBits<$Word>,
                {
                    field.unpack(self.0)
                }

                /// Returns the value of `field`.
                ///
                /// # Errors
                ///
                /// If the field's bits are no value of type `T`.
                #[inline]
                $vis fn try_get<T>(
                    self,
                    field: $crate::$Pack<T, Self>,
                ) -> ::core::result::Result<T, T::Error>
                where
                    T: $crate::FromBits<$Word>,
                {
                    field.try_unpack(self.0)
                }

                /// Checks that no two fields share a bit, for tests.
                ///
                /// # Panics
                ///
                /// If two do.
                #[track_caller]
                $vis fn assert_valid() {
                    <$crate::$Pack<$Word, Self>>::assert_all_valid(Self::FIELDS);
                }

                /// Displays the word and a line per field, in ASCII.
                #[must_use]
                $vis fn display_ascii(&self) -> impl ::core::fmt::Display + use<> {
                    let this = *self;
                    $crate::__private::DisplayWith(move |f: &mut ::core::fmt::Formatter<'_>| {
                        this.fmt_ascii(f)
                    })
                }

                /// Displays the word and a line per field, in box drawing.
                #[must_use]
                $vis fn display_unicode(&self) -> impl ::core::fmt::Display + use<> {
                    let this = *self;
                    $crate::__private::DisplayWith(move |f: &mut ::core::fmt::Formatter<'_>| {
                        this.fmt_unicode(f)
                    })
                }

                /// Displays, in one line, the fields that are not zero.
                #[must_use]
                $vis fn display_set_bits(&self) -> impl ::core::fmt::Display + use<> {
                    let this = *self;
                    $crate::__private::DisplayWith(move |f: &mut ::core::fmt::Formatter<'_>| {
                        this.fmt_set_bits(f)
                    })
                }

                fn fmt_ascii(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    self.__with_shown_fields(|shown| shown.table_ascii(f))
                }

                fn fmt_unicode(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    self.__with_shown_fields(|shown| shown.table_unicode(f))
                }

                fn fmt_set_bits(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    self.__with_shown_fields(|shown| shown.set_bits(f))
                }

                fn __with_shown_fields<R>(
                    self,
                    show: impl FnOnce($crate::__private::Shown<'_>) -> R,
                ) -> R {
                    show($crate::__private::Shown {
                        name: stringify!($Name),
                        bits: self.0 as u128,
                        width: <$Word>::BITS,
                        fields: &[$(
                            $crate::__private::ShownField {
                                name: stringify!($Field),
                                span: __PINTLE_LAYOUT[__PintleIndex::$Field as usize],
                                value: &$crate::__private::Value {
                                    value: self.try_get(Self::$Field),
                                    bits: Self::$Field.unpack_bits(self.0),
                                },
                            }
                        ),+],
                    })
                }
            }

            impl $crate::Bitfield for $Name {
                type Bits = $Word;

                #[inline]
                fn from_bits(bits: $Word) -> Self {
                    Self(bits)
                }

                #[inline]
                fn bits(self) -> $Word {
                    self.0
                }
            }

            impl ::core::fmt::Debug for $Name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    self.__with_shown_fields(|shown| shown.debug(f))
                }
            }

            impl ::core::fmt::Display for $Name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    if f.alternate() {
                        self.fmt_unicode(f)
                    } else {
                        self.fmt_ascii(f)
                    }
                }
            }

            impl ::core::fmt::Binary for $Name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    $crate::__private::named(f, stringify!($Name), |f| ::core::fmt::Binary::fmt(&self.0, f))
                }
            }

            impl ::core::fmt::LowerHex for $Name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    $crate::__private::named(f, stringify!($Name), |f| ::core::fmt::LowerHex::fmt(&self.0, f))
                }
            }

            impl ::core::fmt::UpperHex for $Name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    $crate::__private::named(f, stringify!($Name), |f| ::core::fmt::UpperHex::fmt(&self.0, f))
                }
            }

            impl ::core::convert::From<$Word> for $Name {
                #[inline]
                fn from(bits: $Word) -> Self {
                    Self::from_bits(bits)
                }
            }

            impl ::core::convert::From<$Name> for $Word {
                #[inline]
                fn from(word: $Name) -> Self {
                    word.bits()
                }
            }
        };
    };
}

/// The width that one field's declaration asks for.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_width {
    ($Word:ident; : $Type:ty) => {
        <$Type as $crate::FromBits<$Word>>::BITS
    };
    ($Word:ident; $(: $Type:ty)? = ..) => {
        $crate::__private::Field::REST
    };
    ($Word:ident; $(: $Type:ty)? = $width:tt) => {
        $width
    };
    ($Word:ident; ) => {
        compile_error!("a field needs a type or a width")
    };
}

/// How wide one field may be: a signed one as wide as its type, others as wide as the word.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_widest {
    ($Word:ident; : $Type:ty) => {
        if <$Type as $crate::FromBits<$Word>>::SIGNED {
            <$Type as $crate::FromBits<$Word>>::BITS
        } else {
            <$Word>::BITS
        }
    };
    ($Word:ident; ) => {
        <$Word>::BITS
    };
}

/// Whether one field's declaration says its width.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_explicit {
    (= $width:tt) => {
        true
    };
    () => {
        false
    };
}

/// The type of one field's value.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_value {
    ($Word:ident; : $Type:ty) => {
        $Type
    };
    ($Word:ident; ) => {
        $Word
    };
}
