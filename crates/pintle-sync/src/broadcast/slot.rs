/// A place for one value. The [module](super) has its states and transitions.
#[derive(Debug)]
pub(super) enum Slot<T> {
    /// Nothing is in it: nothing has been yet, or all have had it.
    Empty,
    /// A value, for so many receivers. They are one at least.
    Full { value: T, left: usize },
    /// A receiver has taken the value out to clone it.
    Lent {
        /// For how many others it is; none, if they have gone meanwhile.
        left: usize,
        /// Somebody waits for it to come back.
        awaited: bool,
    },
}

// === impl Slot ===

impl<T> Slot<T> {
    /// For how many receivers it still is.
    pub(super) fn left(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::Full { left, .. } | Self::Lent { left, .. } => *left,
        }
    }

    pub(super) fn into_value(self) -> Option<T> {
        match self {
            Self::Full { value, .. } => Some(value),
            Self::Empty | Self::Lent { .. } => None,
        }
    }
}
