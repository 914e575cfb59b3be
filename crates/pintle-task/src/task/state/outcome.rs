//! What the transitions of the state word say to who made them.

#[cfg(doc)]
use super::StateCell;

/// What [`StateCell::start_poll`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartPoll {
    /// The future is to be polled.
    Poll,
    /// The task was cancelled: its future is to be dropped.
    Cancel,
    /// The future is gone, or going: the task is local and was shut down. The ticket is a reference
    /// like others, and still to be dropped.
    Gone,
}

/// What [`StateCell::unusual_turn`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnusualTurn {
    /// The task was cancelled: its future is to be dropped.
    Cancel,
    /// The task is complete: it was woken by its last poll.
    Gone,
}

/// What is left to do after [`StateCell::end_poll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndPoll {
    /// Nothing; the task is not the runner's any more.
    Idle,
    /// Nothing but to free the task: nothing keeps it but the runner.
    Free,
    /// The task was woken while it was polled: the runner has a ticket again.
    Reschedule,
    /// The task was cancelled while it was polled, or is local and nobody can wake it: the runner
    /// still owns the stage, whose future is to be dropped.
    Cancel,
}

/// What a wake-up has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// A ticket was made, and is to be scheduled.
    Schedule,
    /// Nothing.
    Nothing,
}

/// What [`StateCell::cancel`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// The task had been cancelled before.
    Already,
    /// The task is marked; whoever runs it, or joins it, will see the mark.
    Marked,
    /// As `Marked`, and a ticket was made, and is to be scheduled.
    Schedule,
}

/// Who has to be told that a task is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Complete {
    /// Nobody: there is no handle, so the runner drops what the task left, and then
    /// [completes it](StateCell::complete_detached).
    Detached,
    /// Nobody yet: the handle will find out when it is polled.
    Joinable,
    /// The join waker, which the runner now owns, as well as a reference.
    WakeJoiner,
}

/// Who has to be told that a resident task is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CompleteResident {
    /// Nobody: there is no handle, and what the task left is the runner's to drop.
    Detached,
    /// Nobody yet: the handle will find out when it is polled.
    Joinable,
    /// The join waker, which the runner now owns.
    WakeJoiner,
}

/// Whether a joiner may go on to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// Not complete.
    Pending,
    /// Complete: the handle owns the stage.
    Ready,
}

/// What [`StateCell::drop_join_handle`] leaves to the handle to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detach {
    /// Nothing.
    Nothing,
    /// Its waker, of whose slot it is the owner again.
    Waker,
    /// What the task left in its stage.
    Stage,
}

/// What [`StateCell::shut_down`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShutDown {
    /// The task was complete already.
    Complete,
    /// The task is being polled, by a caller of the caller: that one will see the mark.
    Marked,
    /// The caller owns the stage, whose future is to be dropped.
    Clear,
}

/// What is left to be done by who has given up something that keeps a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DropRef {
    /// Nothing.
    Nothing,
    /// To free the task.
    Free,
    /// To schedule the ticket of a local task, into which what was given up has turned. The caller
    /// has a reference besides it.
    Schedule,
    /// Nothing: the scheduler of the local task does not want the ticket, and the task stays as it is.
    Leak,
}
