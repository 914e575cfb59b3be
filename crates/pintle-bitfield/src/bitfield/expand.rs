//! What [`bitfield!`](crate::bitfield) expands to.

/// What `bitfield!` expands to, once it knows the word's packing spec.
///
/// The names of the fields go into an enum, so that each constant finds its place in the layout by
/// its own name: no recursion, hence no limit on how many fields there are. They are matched as `tt`,
/// for those of the compiler's errors that point at a name point at its declaration only then.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield {
    (
        $Word:ident $Pack:ident [$($meta:tt)*] [$vis:vis] $Name:ident {
            $(
                $(#[$fmeta:meta])*
                $fvis:vis const $Field:tt $(: $Type:ty)? $(= $width:tt)?
                    $(=> $get:ident $(, $with:ident $(, $set:ident)?)?)?;
            )+
        }
    ) => {
        $($meta)*
        #[derive(::core::marker::Copy, ::core::clone::Clone)]
        #[repr(transparent)]
        $vis struct $Name($Word);

        // Whom a deprecated field or word is to warn is who uses it.
        #[allow(deprecated)]
        const _: () = {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, clippy::enum_variant_names, dead_code)]
            enum __PintleIndex { $($Field),+ }

            const __PINTLE_COUNT: usize = [$(::core::stringify!($Field)),+].len();

            const __PINTLE_FIELDS: [$crate::__private::Field; __PINTLE_COUNT] = [$(
                $crate::__private::Field {
                    name: ::core::stringify!($Field),
                    asks: $crate::__bitfield_asks!($Word; $(: $Type)? $(= $width)?),
                    widest: $crate::__bitfield_widest!($Word; $(: $Type)?),
                }
            ),+];

            const __PINTLE_LAYOUT: [$crate::__private::Span; __PINTLE_COUNT] =
                $crate::__private::layout(&__PINTLE_FIELDS, <$Word>::BITS);

            const __PINTLE_FAULT: ::core::option::Option<$crate::__private::Fault> =
                $crate::__private::first_fault(&__PINTLE_FIELDS, <$Word>::BITS);

            // One constant per field, so that an error points at it.
            const _: () = {
                $(
                    #[allow(non_upper_case_globals)]
                    const $Field: () = $crate::__private::check(
                        ::core::stringify!($Name),
                        ::core::stringify!($Word),
                        <$Word>::BITS,
                        &__PINTLE_FIELDS,
                        __PINTLE_FAULT,
                        __PintleIndex::$Field as usize,
                    );
                )+
                let _ = [$($Field),+];
            };

            #[allow(dead_code, clippy::wrong_self_convention)]
            impl $Name {
                $(
                    $(#[$fmeta])*
                    $fvis const $Field: $crate::$Pack<$crate::__bitfield_value!($Word; $(: $Type)?), Self> =
                        $crate::$Pack::__field(__PINTLE_LAYOUT[__PintleIndex::$Field as usize]);
                )+

                $(
                    $crate::__bitfield_accessors! {
                        $Word $Name $Field [$(: $Type)?] [$(#[$fmeta])*] [$fvis]
                        $(=> $get $(, $with $(, $set)?)?)?
                    }
                )+

                const FIELDS: &'static [(&'static str, $crate::$Pack<$Word, Self>)] =
                    &[$((::core::stringify!($Field), Self::$Field.typed())),+];

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

                $crate::__bitfield_atomic! { $Word $vis }

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

                /// Returns a copy in which `field` is `value`.
                ///
                /// # Errors
                ///
                /// If `value` does not fit into the field.
                #[inline]
                $vis fn try_with<T>(
                    self,
                    field: $crate::$Pack<T, Self>,
                    value: T,
                ) -> ::core::result::Result<Self, $crate::DoesNotFit<$Word>>
                where
                    T: $crate::FromBits<$Word>,
                {
                    field.try_pack(value, self.0).map(Self)
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

                /// Sets `field` to `value`, or changes nothing.
                ///
                /// # Errors
                ///
                /// If `value` does not fit into the field.
                #[inline]
                $vis fn try_set<T>(
                    &mut self,
                    field: $crate::$Pack<T, Self>,
                    value: T,
                ) -> ::core::result::Result<&mut Self, $crate::DoesNotFit<$Word>>
                where
                    T: $crate::FromBits<$Word>,
                {
                    self.0 = field.try_pack(value, self.0)?;
                    ::core::result::Result::Ok(self)
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
                    show: impl ::core::ops::FnOnce($crate::__private::Shown<'_>) -> R,
                ) -> R {
                    show($crate::__private::Shown {
                        name: ::core::stringify!($Name),
                        bits: self.0 as u128,
                        width: <$Word>::BITS,
                        fields: &[$(
                            $crate::__private::ShownField {
                                name: ::core::stringify!($Field),
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
                    $crate::__private::named(f, ::core::stringify!($Name), |f| ::core::fmt::Binary::fmt(&self.0, f))
                }
            }

            impl ::core::fmt::LowerHex for $Name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    $crate::__private::named(f, ::core::stringify!($Name), |f| ::core::fmt::LowerHex::fmt(&self.0, f))
                }
            }

            impl ::core::fmt::UpperHex for $Name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    $crate::__private::named(f, ::core::stringify!($Name), |f| ::core::fmt::UpperHex::fmt(&self.0, f))
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
