//! How long the operations took, where the set-up before them would hide it.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

thread_local! {
    static TIME: Cell<Option<Duration>> = const { Cell::new(None) };
}

/// Runs `operations`, and notes how long they took.
pub(crate) fn measured(operations: impl FnOnce()) {
    let start = Instant::now();
    operations();
    TIME.set(Some(start.elapsed()));
}

/// What was noted on this thread since this was last called.
pub(crate) fn take() -> Option<Duration> {
    TIME.take()
}
