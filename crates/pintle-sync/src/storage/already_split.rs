use core::fmt;

/// A channel in a `static` has ends already: it can be split again when all of them are gone.
#[derive(Copy, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadySplit;

impl fmt::Debug for AlreadySplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlreadySplit")
    }
}

impl fmt::Display for AlreadySplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the channel has ends already")
    }
}

impl core::error::Error for AlreadySplit {}
