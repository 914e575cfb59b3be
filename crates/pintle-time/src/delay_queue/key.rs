//! [`Key`].

use super::wheel::Index;

/// The name of a value in a [`DelayQueue`](super::DelayQueue). 8 bytes.
///
/// Another queue may have the same key for a value of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    index: Index,
    /// How often the slot had been vacated before.
    generation: u32,
}

// === impl Key ===

impl Key {
    pub(super) const fn new(index: Index, generation: u32) -> Self {
        Self { index, generation }
    }

    pub(super) const fn parts(self) -> (Index, u32) {
        (self.index, self.generation)
    }
}
