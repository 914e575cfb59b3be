//! What [`bitfield!`](crate::bitfield) makes of the parts of one field's declaration.

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
