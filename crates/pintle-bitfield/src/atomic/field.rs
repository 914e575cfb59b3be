use crate::{Bitfield, Pack8, Pack16, Pack32, PackUsize};

/// A field of the bitfield `T`, whatever type it holds: `State::WOKEN`, for one.
///
/// It keeps the fields of one word from being used on another. The packing specs implement it, and
/// nothing else can.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no field of `{T}`",
    label = "a field of another word"
)]
pub trait Field<T: Bitfield>: sealed::Sealed {
    /// Returns the field's bits, all of them set.
    #[doc(hidden)]
    fn mask(self) -> T::Bits;
}

mod sealed {
    /// Nobody else's types are fields.
    pub trait Sealed {}
}

macro_rules! fields {
    ($($Word:ident: $Pack:ident),+) => {$(
        impl<V, F> sealed::Sealed for $Pack<V, F> {}

        impl<V, T: Bitfield<Bits = $Word>> Field<T> for $Pack<V, T> {
            #[inline]
            fn mask(self) -> $Word {
                self.raw_mask()
            }
        }
    )+};
}

fields!(u8: Pack8, u16: Pack16, u32: Pack32, usize: PackUsize);
