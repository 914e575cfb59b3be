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
