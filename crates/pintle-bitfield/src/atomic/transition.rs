/// What a state machine makes of one state: a next state or none, and an outcome in both cases.
///
/// [`AtomicBits::transition`](super::AtomicBits::transition) carries it out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[must_use = "it describes a transition and makes none"]
pub enum Transition<T, R> {
    /// To this state, which may be the same: the word is written, and so what the caller did before
    /// is released to whoever reads it.
    To(T, R),
    /// The word stays as it is, and nothing is written.
    Stay(R),
}
