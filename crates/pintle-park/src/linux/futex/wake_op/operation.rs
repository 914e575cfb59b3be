use super::Operand;

/// How [`wake_op`](super::super::Futex::wake_op) changes the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `word = operand`.
    Set(Operand),
    /// `word += operand`, wrapping.
    Add(Operand),
    /// `word |= operand`.
    Or(Operand),
    /// `word &= !operand`.
    AndNot(Operand),
    /// `word ^= operand`.
    Xor(Operand),
}

// === impl Operation ===

impl Operation {
    /// What a word that holds `old` holds afterwards.
    #[must_use]
    pub const fn apply(self, old: u32) -> u32 {
        match self {
            Self::Set(operand) => operand.value(),
            Self::Add(operand) => old.wrapping_add(operand.value()),
            Self::Or(operand) => old | operand.value(),
            Self::AndNot(operand) => old & !operand.value(),
            Self::Xor(operand) => old ^ operand.value(),
        }
    }

    pub(super) const fn encoded(self) -> u32 {
        const SHIFT: u32 = 8;
        let (code, operand) = match self {
            Self::Set(operand) => (0, operand),
            Self::Add(operand) => (1, operand),
            Self::Or(operand) => (2, operand),
            Self::AndNot(operand) => (3, operand),
            Self::Xor(operand) => (4, operand),
        };
        let code = if operand.shift { code | SHIFT } else { code };
        code << 28 | (operand.bits as u32) << 12
    }
}
