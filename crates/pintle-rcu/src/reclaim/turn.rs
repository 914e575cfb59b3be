/// What a [turn](super::Reclaimer::turn) has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Turn {
    /// Nothing is deferred.
    Idle,
    /// The grace period of what is deferred is not over.
    Waiting,
    /// So many callbacks were called. There may be more.
    Reclaimed(usize),
    /// Somebody else takes a turn, or the caller is in a callback.
    Busy,
}
