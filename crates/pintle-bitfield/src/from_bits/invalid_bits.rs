//! [`InvalidBits`]: why bits are no value.

use core::{error::Error, fmt};

/// A bit pattern that is no value of the type it was read as.
///
/// The error of [`FromBits`](crate::FromBits) for `bool`, the integers, and the enums of
/// [`enum_from_bits!`](crate::enum_from_bits).
///
/// ```
/// use pintle_bitfield::FromBits;
///
/// let error = u8::try_from_bits(0x101u32).unwrap_err();
/// assert_eq!(error.bits(), 0x101);
/// assert_eq!(error.to_string(), "expected u8, found 0x101");
/// ```
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct InvalidBits<B> {
    bits: B,
    expected: &'static str,
}

// === impl InvalidBits ===

impl<B> InvalidBits<B> {
    /// Makes one of the rejected `bits` and of what was expected, as `"expected an even number"`.
    #[cold]
    #[must_use]
    pub const fn new(bits: B, expected: &'static str) -> Self {
        Self { bits, expected }
    }
}

impl<B: Copy> InvalidBits<B> {
    /// Returns the rejected bit pattern.
    #[must_use]
    pub const fn bits(&self) -> B {
        self.bits
    }
}

impl<B: fmt::LowerHex> fmt::Display for InvalidBits<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, found {:#x}", self.expected, self.bits)
    }
}

impl<B: fmt::LowerHex + fmt::Debug> Error for InvalidBits<B> {}

/// What was expected: for functions whose error is a text, as that of an enum's `TryFrom` is.
impl<B> From<InvalidBits<B>> for &'static str {
    fn from(error: InvalidBits<B>) -> Self {
        error.expected
    }
}
