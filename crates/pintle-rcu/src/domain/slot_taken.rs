use core::fmt;

/// The slot belongs to another reader or another domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlotTaken;

impl fmt::Display for SlotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the slot belongs to another reader or another domain")
    }
}

impl core::error::Error for SlotTaken {}
