//! What [`bitfield!`](crate::bitfield) makes of the parts of one field's declaration.

/// Which bits one field's declaration asks for.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_asks {
    ($Word:ident; : $Type:ty) => {
        $crate::__private::Asks::OfType(<$Type as $crate::FromBits<$Word>>::BITS)
    };
    ($Word:ident; $(: $Type:ty)? = ..) => {
        $crate::__private::Asks::Rest
    };
    ($Word:ident; $(: $Type:ty)? = [$place:expr]) => {
        $crate::__private::Place($place).asks(<$Word>::BITS)
    };
    ($Word:ident; $(: $Type:ty)? = $width:tt) => {
        $crate::__private::Asks::Wide($width)
    };
    ($Word:ident; ) => {
        ::core::compile_error!("a field needs a type or a width")
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

/// The accessors of one field, as many as are named: what reads it, what returns a copy in which it
/// is another one, what changes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __bitfield_accessors {
    ($Word:ident $Name:ident $Field:tt [$(: $Type:ty)?] $meta:tt [$vis:vis]) => {};
    ($Word:ident $Name:ident $Field:tt [] $($rest:tt)+) => {
        $crate::__bitfield_accessors! { $Word $Name $Field [: $Word] $($rest)+ }
    };
    (
        $Word:ident $Name:ident $Field:tt [: $Type:ty] $meta:tt [$vis:vis]
        => $get:ident $(, $with:ident $(, $set:ident)?)?
    ) => {
        $crate::__bitfield_accessors! { @get $Word $Name $Field [$Type] $meta [$vis] $get }
        $(
            $crate::__bitfield_accessors! { @with $Word $Name $Field [$Type] $meta [$vis] $with }
            $(
                $crate::__bitfield_accessors! { @set $with $Field [$Type] $meta [$vis] $set }
            )?
        )?
    };

    (
        @get $Word:ident $Name:ident $Field:tt [$Type:ty] [$($meta:tt)*] [$vis:vis] $get:ident
    ) => {
        #[doc = ::core::concat!("Returns [`", ::core::stringify!($Field), "`](Self::", ::core::stringify!($Field), ").")]
        ///
        $($meta)*
        ///
        /// # Panics
        ///
        /// If the field's bits are no value of its type.
        #[inline]
        #[must_use]
        #[track_caller]
        $vis const fn $get(self) -> $Type {
            match <<$Type as $crate::ConstFromBits<$Word>>::Functions>::try_from_bits(
                Self::$Field.__value_bits(self.0),
            ) {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(_) => $crate::__private::holds_no_value(
                    Self::$Field.unpack_bits(self.0) as u128,
                    ::core::stringify!($Type),
                    ::core::stringify!($Name),
                    ::core::stringify!($Field),
                ),
            }
        }
    };
    (
        @with $Word:ident $Name:ident $Field:tt [$Type:ty] [$($meta:tt)*] [$vis:vis] $with:ident
    ) => {
        #[doc = ::core::concat!(
            "Returns a copy in which [`", ::core::stringify!($Field), "`](Self::", ::core::stringify!($Field),
            ") is `value`.",
        )]
        ///
        $($meta)*
        ///
        /// # Panics
        ///
        /// If `value` does not fit into the field.
        #[inline]
        #[must_use]
        #[track_caller]
        $vis const fn $with(self, value: $Type) -> Self {
            match Self::$Field.try_pack_bits(
                <<$Type as $crate::ConstFromBits<$Word>>::Functions>::into_bits(value),
                self.0,
            ) {
                ::core::result::Result::Ok(bits) => Self(bits),
                ::core::result::Result::Err(error) => $crate::__private::does_not_fit_into(
                    error.bits() as u128,
                    error.width(),
                    ::core::stringify!($Name),
                    ::core::stringify!($Field),
                ),
            }
        }
    };
    (@set $with:ident $Field:tt [$Type:ty] [$($meta:tt)*] [$vis:vis] $set:ident) => {
        #[doc = ::core::concat!(
            "Sets [`", ::core::stringify!($Field), "`](Self::", ::core::stringify!($Field), ") to `value`.",
        )]
        ///
        $($meta)*
        ///
        /// # Panics
        ///
        /// If `value` does not fit into the field.
        #[inline]
        #[track_caller]
        $vis const fn $set(&mut self, value: $Type) -> &mut Self {
            *self = self.$with(value);
            self
        }
    };
}
