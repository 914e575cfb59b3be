//! What stands in the brackets of a placed field.

use core::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use super::Asks;

/// The bits of a field that says where it lies: a range, or the index of one bit.
///
/// There is a function `asks` per type of range instead of a trait, whose functions would not be
/// `const`.
#[derive(Debug)]
pub struct Place<R>(pub R);

macro_rules! place {
    ($($Range:ty: |$range:ident, $bits:ident| $start:expr, $end:expr;)+) => {$(
        impl Place<$Range> {
            /// What it asks for in a word of as many bits.
            #[must_use]
            pub const fn asks(self, $bits: u32) -> Asks {
                let _ = $bits;
                let $range = self.0;
                Asks::At { start: $start, end: $end }
            }
        }
    )+};
}

// Saturating, for no word is that long: the field is then outside of its word in any case.
place! {
    u32: |bit, bits| bit, bit.saturating_add(1);
    Range<u32>: |range, bits| range.start, range.end;
    RangeInclusive<u32>: |range, bits| *range.start(), range.end().saturating_add(1);
    RangeFrom<u32>: |range, bits| range.start, bits;
    RangeTo<u32>: |range, bits| 0, range.end;
    RangeToInclusive<u32>: |range, bits| 0, range.end.saturating_add(1);
    RangeFull: |_range, bits| 0, bits;
}
