//! [`DoesNotFit`]: why a value was not packed.

use core::{error::Error, fmt};

use crate::message::Message;

/// A value that its field is too narrow for.
///
/// The error of `try_pack`, [`try_pack_bits`](super::Pack64::try_pack_bits), `try_with` and `try_set`.
/// It gives back the value as its [bits](crate::FromBits::into_bits).
///
/// ```
/// use pintle_bitfield::bitfield;
///
/// bitfield! {
///     struct Link<u32> {
///         const LANES = 5;
///     }
/// }
///
/// let error = Link::new().try_with(Link::LANES, 40).unwrap_err();
/// assert_eq!((error.bits(), error.width()), (40, 5));
/// assert_eq!(error.to_string(), "value 0x28 does not fit into a field of 5 bits");
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct DoesNotFit<B> {
    bits: B,
    width: u32,
}

// === impl DoesNotFit ===

impl<B: Copy> DoesNotFit<B> {
    #[cold]
    pub(super) const fn new(bits: B, width: u32) -> Self {
        Self { bits, width }
    }

    /// Returns the value's bits, right-aligned; of a negative value the whole word's.
    #[must_use]
    pub const fn bits(&self) -> B {
        self.bits
    }

    /// Returns how many bits the field has.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }
}

impl<B: fmt::LowerHex> fmt::Display for DoesNotFit<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bits, width } = self;
        let unit = if *width == 1 { "bit" } else { "bits" };
        write!(
            f,
            "value {bits:#x} does not fit into a field of {width} {unit}"
        )
    }
}

impl<B: fmt::LowerHex + fmt::Debug> Error for DoesNotFit<B> {}

/// What [`pack`](super::Pack64::pack) does when it cannot go on: out of line, so that it stays small,
/// and `const`.
#[cold]
#[track_caller]
pub(super) const fn does_not_fit(bits: u128, width: u32) -> ! {
    Message::new()
        .text("value ")
        .hex(bits)
        .text(" does not fit into a field of ")
        .count(width, "bit")
        .panic()
}
