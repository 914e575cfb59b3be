use super::{TaskId, panic::Payload};
use core::{error, fmt};
#[cfg(feature = "std")]
use std::{any::Any, boxed::Box};

/// Why a [`JoinHandle`](super::JoinHandle) has no output to give: the task was cancelled, or it
/// panicked.
///
/// A task that was cancelled after it had completed leaves its output here.
pub struct JoinError<T> {
    id: TaskId,
    kind: Kind,
    output: Option<T>,
}

#[derive(Debug)]
enum Kind {
    Canceled,
    Panicked(Payload),
}

// === impl JoinError ===

impl<T> JoinError<T> {
    pub(super) fn canceled(id: TaskId, output: Option<T>) -> Self {
        Self {
            id,
            kind: Kind::Canceled,
            output,
        }
    }

    pub(super) fn panicked(id: TaskId, payload: Payload) -> Self {
        Self {
            id,
            kind: Kind::Panicked(payload),
            output: None,
        }
    }

    /// Returns true if the task was cancelled, by somebody or because its scheduler was closed.
    #[must_use]
    pub fn is_canceled(&self) -> bool {
        matches!(self.kind, Kind::Canceled)
    }

    /// Returns true if the task had run to its end when it was cancelled: then
    /// [`output`](Self::output) has what it returned.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.output.is_some()
    }

    /// Returns true if the task panicked, in a poll or while its future was dropped.
    #[must_use]
    pub fn is_panic(&self) -> bool {
        matches!(self.kind, Kind::Panicked(_))
    }

    /// Returns the id of the task.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// Returns the output of a task that was cancelled after it had completed.
    #[must_use]
    pub fn output(self) -> Option<T> {
        self.output
    }

    /// Returns what the task panicked with, fit for [`resume_unwind`](std::panic::resume_unwind).
    ///
    /// # Panics
    ///
    /// If the task did not panic.
    #[cfg(feature = "std")]
    #[must_use]
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send> {
        match self.try_into_panic() {
            Ok(payload) => payload,
            Err(error) => panic!("{error}, it did not panic"),
        }
    }

    /// Returns what the task panicked with.
    ///
    /// # Errors
    ///
    /// With this error itself, if the task did not panic.
    #[cfg(feature = "std")]
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send>, Self> {
        match self.kind {
            Kind::Panicked(payload) => Ok(payload.into_inner()),
            Kind::Canceled => Err(self),
        }
    }
}

impl<T: PartialEq> PartialEq for JoinError<T> {
    /// Compares the tasks, what happened to them, and their outputs; not what they panicked with.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.is_panic() == other.is_panic() && self.output == other.output
    }
}

impl<T: Eq> Eq for JoinError<T> {}

impl<T> fmt::Debug for JoinError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinError")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("is_completed", &self.is_completed())
            .finish()
    }
}

impl<T> fmt::Display for JoinError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id;
        match &self.kind {
            Kind::Canceled if self.is_completed() => {
                write!(f, "task {id} was canceled after it had completed")
            }
            Kind::Canceled => write!(f, "task {id} was canceled"),
            Kind::Panicked(payload) => match payload.message() {
                Some(message) => write!(f, "task {id} panicked: {message}"),
                None => write!(f, "task {id} panicked"),
            },
        }
    }
}

impl<T> error::Error for JoinError<T> {}
