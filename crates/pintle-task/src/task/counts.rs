/// How often a task was polled and woken so far, as [`TaskRef::counts`](super::TaskRef::counts) tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TaskCounts {
    /// Polls that have begun.
    pub polls: usize,
    /// Calls of `wake` and `wake_by_ref` of its wakers, those that changed nothing too.
    pub wakes: usize,
}
