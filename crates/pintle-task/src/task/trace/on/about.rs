use crate::task::TaskId;
use core::panic::Location;
use tracing::{Span, trace_span};

/// What is known of a task when it is spawned.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    name: Option<&'a str>,
    kind: Option<&'static str>,
    location: Location<'a>,
}

// === impl About ===

impl<'a> About<'a> {
    /// Where it is spawned, and no more.
    #[track_caller]
    pub(crate) fn here() -> Self {
        Self::new(None, None, None)
    }

    #[track_caller]
    pub(crate) fn new(
        name: Option<&'a str>,
        kind: Option<&'static str>,
        location: Option<Location<'a>>,
    ) -> Self {
        Self {
            name,
            kind,
            location: location.unwrap_or(*Location::caller()),
        }
    }

    /// It is a local task.
    pub(crate) fn local(self) -> Self {
        Self {
            kind: self.kind.or(Some("local")),
            ..self
        }
    }

    /// Begins the task's span.
    pub(crate) fn span(&self, id: TaskId, size: usize) -> Span {
        // The names are those by which tokio-console knows a task. No span is its parent: it outlives the
        // one in which it is spawned.
        trace_span!(
            target: "tokio::task",
            parent: None,
            "runtime.spawn",
            kind = self.kind.unwrap_or("task"),
            task.name = self.name,
            task.id = id.to_u64(),
            size.bytes = size as u64,
            loc.file = self.location.file(),
            loc.line = self.location.line(),
            loc.col = self.location.column(),
        )
    }
}
