/// The right side of a [`Comparison`](super::Comparison): a number of -2048 to 2047.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Immediate(pub(super) i16);

// === impl Immediate ===

impl Immediate {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// The number, `None` if twelve bits do not hold it.
    #[must_use]
    pub const fn new(value: i16) -> Option<Self> {
        if value >= -2048 && value <= 2047 {
            Some(Self(value))
        } else {
            None
        }
    }

    pub(super) const fn encoded(self) -> u32 {
        self.0 as u32 & 0xfff
    }
}
