//! What a task consists of at the moment: its future, or what that has left.

use super::{
    panic::{self, Payload},
    trace::{Traced, traced},
};
use core::{
    future::Future,
    hint, mem,
    pin::Pin,
    ptr,
    task::{Context, Poll},
};

/// The part of a task that is polled, and then holds the result.
///
/// Who may touch it is decided by the state word: the runner while `POLLING` is set, then the
/// `JoinHandle`, or the runner again if there is none.
pub(super) enum Stage<F: Future> {
    /// The future, pinned.
    Future(Traced<F>),
    /// What the future returned.
    Output(F::Output),
    /// The future panicked, in a poll or while it was dropped.
    Panicked(Payload),
    /// The future was dropped before it was done.
    Canceled,
    /// The handle has taken what there was.
    Taken,
}

/// What a task left that has no output.
pub(super) enum Left {
    Panicked(Payload),
    Canceled,
    /// It had been taken before.
    Nothing,
}

/// Leaves a stage that says "panicked" when the code that works on it unwinds.
struct FailOnUnwind<F: Future> {
    stage: *mut Stage<F>,
    /// Whether the stage still holds something to be dropped.
    is_full: bool,
}

// === impl Stage ===

impl<F: Future> Stage<F> {
    pub(super) const fn new(future: F) -> Self {
        Self::Future(traced(future))
    }

    /// Gives the future its span, before it is polled for the first time.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[cfg(feature = "tracing-01")]
    pub(super) unsafe fn set_span(stage: *mut Self, span: tracing::Span) {
        // SAFETY: the caller owns the stage.
        if let Self::Future(future) = unsafe { &mut *stage } {
            future.set_span(span);
        }
    }

    /// Polls the future. `Ready` means that what it leaves has taken its place.
    ///
    /// # Panics
    ///
    /// Without `std`, if the future does; the stage then says so.
    ///
    /// # Safety
    ///
    /// The caller owns the stage, which has not moved since the future was first polled, and in
    /// which no reference points except from within the future. That is there.
    // Into the one function that runs such a task.
    #[inline(always)]
    pub(super) unsafe fn poll(stage: *mut Self, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: the contract is the same.
        match panic::catch(|| unsafe { Self::poll_in_place(stage, cx) }) {
            Ok(poll) => poll,
            Err(payload) => {
                // SAFETY: the caller owns the stage.
                unsafe { Self::fail(stage, payload) };
                Poll::Ready(())
            }
        }
    }

    /// As `poll`, but a panic always unwinds.
    ///
    /// # Safety
    ///
    /// As for `poll`.
    #[inline(always)]
    unsafe fn poll_in_place(stage: *mut Self, cx: &mut Context<'_>) -> Poll<()> {
        let guard = FailOnUnwind {
            stage,
            is_full: true,
        };
        // SAFETY: the caller owns the stage; nothing else borrows it.
        let Self::Future(future) = (unsafe { &mut *stage }) else {
            debug_assert!(false, "a task that is to be polled has a future");
            // SAFETY: a task is polled until it is complete, and its future is replaced by who completes it.
            unsafe { hint::unreachable_unchecked() };
        };
        let future: *mut Traced<F> = future;
        // SAFETY: as above.
        let pinned = unsafe { &mut *future };
        // SAFETY: the future is never moved: it is dropped in place.
        let poll = unsafe { Pin::new_unchecked(pinned) }.poll(cx);
        mem::forget(guard);
        poll.map(|output| {
            // SAFETY: the caller owns the stage, and overwrites what is in it, which is the future.
            unsafe { Self::drop_in(stage, future) };
            // Each variant is written by itself, here and below, so that no more than that is moved.
            // SAFETY: the old contents were dropped.
            unsafe { ptr::write(stage, Self::Output(output)) };
        })
    }

    /// Drops the contents, and leaves the mark of a cancelled task if that was its future.
    ///
    /// # Panics
    ///
    /// Without `std`, if the drop does; the stage then says so.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[inline]
    pub(super) unsafe fn clear(stage: *mut Self) {
        // SAFETY: the caller owns the stage.
        if !unsafe { Self::is_empty(stage) } {
            // SAFETY: the contract is the same.
            unsafe { Self::clear_full(stage) };
        }
    }

    /// Whether there is nothing to drop in it.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[inline]
    pub(super) unsafe fn is_empty(stage: *const Self) -> bool {
        // The place, not a reference to it: that would claim to read all of the future, which may
        // have exclusive borrows of its own parts.
        // SAFETY: the caller owns the stage.
        unsafe { matches!(*stage, Self::Canceled | Self::Taken) }
    }

    /// As `clear`, of a stage that is not empty.
    ///
    /// # Safety
    ///
    /// As for `clear`.
    #[inline(never)]
    unsafe fn clear_full(stage: *mut Self) {
        // SAFETY: the caller owns the stage.
        let is_future = unsafe { matches!(*stage, Self::Future(_)) };
        // SAFETY: the caller owns the stage, and overwrites what is in it.
        match panic::catch(|| unsafe { Self::drop_in(stage, stage) }) {
            // SAFETY: the old contents were dropped.
            Ok(()) if is_future => unsafe { ptr::write(stage, Self::Canceled) },
            // SAFETY: as above.
            Ok(()) => unsafe { ptr::write(stage, Self::Taken) },
            // SAFETY: the caller owns the stage.
            Err(payload) => unsafe { Self::fail(stage, payload) },
        }
    }

    /// Takes the output, if the task left one.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[inline(always)]
    pub(super) unsafe fn take_output(stage: *mut Self) -> Option<F::Output> {
        // SAFETY: the caller owns the stage.
        let output = match unsafe { &*stage } {
            // SAFETY: the output is moved out, and the stage overwritten below.
            Self::Output(output) => unsafe { ptr::read(output) },
            _ => return None,
        };
        // SAFETY: the old contents were moved out.
        unsafe { ptr::write(stage, Self::Taken) };
        Some(output)
    }

    /// Takes what the task left in place of an output.
    ///
    /// # Safety
    ///
    /// The caller owns the stage, which holds neither the future nor an output.
    pub(super) unsafe fn take(stage: *mut Self) -> Left {
        // SAFETY: the caller owns the stage.
        let left = match unsafe { &*stage } {
            // SAFETY: the payload is moved out, and the stage overwritten below.
            Self::Panicked(payload) => Left::Panicked(unsafe { ptr::read(payload) }),
            Self::Canceled => Left::Canceled,
            Self::Taken => Left::Nothing,
            Self::Future(_) => unreachable!("a completed task has no future"),
            Self::Output(_) => unreachable!("the output has been asked for"),
        };
        // SAFETY: the old contents were moved out.
        unsafe { ptr::write(stage, Self::Taken) };
        left
    }

    /// Drops what is in the stage, `contents`, for the caller to write the next.
    ///
    /// # Panics
    ///
    /// If the drop does; the stage then says so.
    ///
    /// # Safety
    ///
    /// The caller owns the stage. `contents` is the stage or what is in it.
    #[inline(always)]
    unsafe fn drop_in<T>(stage: *mut Self, contents: *mut T) {
        let guard = FailOnUnwind {
            stage,
            is_full: false,
        };
        // SAFETY: the caller owns the stage, and it is overwritten by the caller, or by the guard.
        unsafe { ptr::drop_in_place(contents) };
        mem::forget(guard);
    }

    /// Drops what a caught panic has left, and keeps its payload.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[cold]
    #[inline(never)]
    unsafe fn fail(stage: *mut Self, payload: Payload) {
        // SAFETY: the caller owns the stage, and overwrites what is in it.
        if let Err(second) = panic::catch(|| unsafe { Self::drop_in(stage, stage) }) {
            second.discard();
        }
        // SAFETY: the caller owns the stage. What is in it was dropped, or is the mark of an unwinding
        // panic, which needs no drop.
        unsafe { ptr::write(stage, Self::Panicked(payload)) };
    }
}

// === impl FailOnUnwind ===

impl<F: Future> Drop for FailOnUnwind<F> {
    fn drop(&mut self) {
        match self.is_full {
            // Left to `fail`: while it unwinds, a second panic would abort.
            true if cfg!(feature = "std") => return,
            // SAFETY: who made the guard owns the stage, which is overwritten below.
            true => unsafe { Stage::drop_in(self.stage, self.stage) },
            // Its contents were being dropped when the panic came: not again.
            false => {}
        }
        // SAFETY: who made the guard owns the stage, whose contents were dropped.
        unsafe { ptr::write(self.stage, Stage::Panicked(Payload::of_unwinding())) };
    }
}

#[cfg(test)]
mod tests;
