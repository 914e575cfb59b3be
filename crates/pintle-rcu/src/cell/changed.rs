use core::fmt;

/// The cell has another value by now; the one that was to replace it comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Changed<T>(pub T);

impl<T> fmt::Debug for Changed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changed(..)")
    }
}

impl<T> fmt::Display for Changed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cell has another value by now")
    }
}

impl<T> core::error::Error for Changed<T> {}
