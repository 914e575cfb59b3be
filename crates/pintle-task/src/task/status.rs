use super::state::State;
use core::fmt;

/// What a task was doing when [`TaskRef::status`](super::TaskRef::status) looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskStatus {
    /// It waits for its turn: it has been spawned or woken, and its scheduler has not come to it.
    Queued,
    /// It is being polled, or its future is being dropped.
    Running,
    /// It waits to be woken.
    Idle,
    /// Its future is gone: it has returned, panicked, or been dropped after it was cancelled.
    Complete,
}

// === impl TaskStatus ===

impl TaskStatus {
    pub(super) fn of(state: State) -> Self {
        if state.get(State::COMPLETED) {
            Self::Complete
        } else if state.get(State::POLLING) {
            Self::Running
        } else if state.get(State::WOKEN) {
            Self::Queued
        } else {
            Self::Idle
        }
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Idle => "idle",
            Self::Complete => "complete",
        })
    }
}
