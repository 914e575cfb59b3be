use super::Immediate;

/// What [`wake_op`](super::super::Futex::wake_op) asks of the target's **old** value, as a signed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `old == number`.
    Equal(Immediate),
    /// `old != number`.
    NotEqual(Immediate),
    /// `old < number`.
    Less(Immediate),
    /// `old <= number`.
    LessOrEqual(Immediate),
    /// `old > number`.
    Greater(Immediate),
    /// `old >= number`.
    GreaterOrEqual(Immediate),
}

// === impl Comparison ===

impl Comparison {
    /// Whether it holds for a word that held `old`.
    #[must_use]
    pub const fn holds(self, old: u32) -> bool {
        let old = old as i32;
        match self {
            Self::Equal(Immediate(number)) => old == number as i32,
            Self::NotEqual(Immediate(number)) => old != number as i32,
            Self::Less(Immediate(number)) => old < number as i32,
            Self::LessOrEqual(Immediate(number)) => old <= number as i32,
            Self::Greater(Immediate(number)) => old > number as i32,
            Self::GreaterOrEqual(Immediate(number)) => old >= number as i32,
        }
    }

    pub(super) const fn encoded(self) -> u32 {
        let (code, number) = match self {
            Self::Equal(number) => (0, number),
            Self::NotEqual(number) => (1, number),
            Self::Less(number) => (2, number),
            Self::LessOrEqual(number) => (3, number),
            Self::Greater(number) => (4, number),
            Self::GreaterOrEqual(number) => (5, number),
        };
        code << 24 | number.encoded()
    }
}
