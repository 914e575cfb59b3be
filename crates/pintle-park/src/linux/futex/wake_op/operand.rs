use super::Immediate;

/// The right side of an [`Operation`](super::Operation): a small number, or a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operand {
    /// As the kernel reads it: twelve bits.
    pub(super) bits: u16,
    /// Whether they are the position of a bit.
    pub(super) shift: bool,
}

// === impl Operand ===

impl Operand {
    /// A number of -2048 to 2047, which the kernel extends to 32 bits with its sign; `None` for
    /// any other.
    #[must_use]
    pub const fn number(value: i16) -> Option<Self> {
        match Immediate::new(value) {
            Some(value) => Some(Self {
                bits: value.encoded() as u16,
                shift: false,
            }),
            None => None,
        }
    }

    /// The bit `1 << position`; `None` from 32 on.
    #[must_use]
    pub const fn bit(position: u32) -> Option<Self> {
        if position >= u32::BITS {
            return None;
        }
        Some(Self {
            bits: position as u16,
            shift: true,
        })
    }

    /// The 32 bits that the operation works with.
    #[must_use]
    pub const fn value(self) -> u32 {
        if self.shift {
            1 << self.bits
        } else {
            // Extends the twelve bits with their sign.
            (((self.bits << 4) as i16) >> 4) as u32
        }
    }
}
