//! What a task consists of at the moment: its future, or what that has left.

use super::panic::{self, Payload};
use core::{
    future::Future,
    mem,
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
    Future(F),
    /// What the future returned.
    Output(F::Output),
    /// The future panicked, in a poll or while it was dropped.
    Panicked(Payload),
    /// The future was dropped before it was done.
    Canceled,
    /// The handle has taken what there was.
    Taken,
}

/// Leaves a stage that says "panicked" when the code that works on it unwinds.
struct FailOnUnwind<F: Future> {
    stage: *mut Stage<F>,
    /// Whether the stage still holds something to be dropped.
    is_full: bool,
}

// === impl Stage ===

impl<F: Future> Stage<F> {
    /// Polls the future. `Ready` means that what it leaves has taken its place.
    ///
    /// # Panics
    ///
    /// Without `std`, if the future does; the stage then says so.
    ///
    /// # Safety
    ///
    /// The caller owns the stage, which has not moved since the future was first polled, and in
    /// which no reference points except from within the future.
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
            unreachable!("a task that is to be polled has a future");
        };
        // SAFETY: the future is never moved: it is dropped in place.
        let poll = unsafe { Pin::new_unchecked(future) }.poll(cx);
        mem::forget(guard);
        poll.map(|output| {
            // SAFETY: the caller owns the stage.
            unsafe { Self::replace(stage, Self::Output(output)) };
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
        // The place, not a reference to it: that would claim to read all of the future, which may
        // have exclusive borrows of its own parts.
        // SAFETY: the caller owns the stage.
        let next = unsafe {
            match *stage {
                Self::Canceled | Self::Taken => return,
                Self::Future(_) => Self::Canceled,
                Self::Output(_) | Self::Panicked(_) => Self::Taken,
            }
        };
        // SAFETY: the contract is the same.
        unsafe { Self::drop_for(stage, next) };
    }

    /// Drops what is in the stage and puts `next` there.
    ///
    /// # Panics
    ///
    /// As `clear`.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[inline(never)]
    unsafe fn drop_for(stage: *mut Self, next: Self) {
        // SAFETY: the caller owns the stage.
        if let Err(payload) = panic::catch(|| unsafe { Self::replace(stage, next) }) {
            // SAFETY: the caller owns the stage.
            unsafe { Self::fail(stage, payload) };
        }
    }

    /// Takes what the task left.
    ///
    /// # Safety
    ///
    /// The caller owns the stage, and it does not hold the future.
    pub(super) unsafe fn take(stage: *mut Self) -> Self {
        // SAFETY: the caller owns the stage, and what is moved is not pinned.
        unsafe { ptr::replace(stage, Self::Taken) }
    }

    /// Drops the contents in place and puts `next` there.
    ///
    /// # Panics
    ///
    /// If the drop does; the stage then says so.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[inline]
    unsafe fn replace(stage: *mut Self, next: Self) {
        let guard = FailOnUnwind {
            stage,
            is_full: false,
        };
        // SAFETY: the caller owns the stage, and it is overwritten below, or by the guard.
        unsafe { ptr::drop_in_place(stage) };
        mem::forget(guard);
        // SAFETY: the old contents were dropped.
        unsafe { ptr::write(stage, next) };
    }

    /// Drops what a caught panic has left, and keeps its payload.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[cold]
    unsafe fn fail(stage: *mut Self, payload: Payload) {
        let mark = Self::Panicked(Payload::of_unwinding());
        // SAFETY: the caller owns the stage.
        if let Err(second) = panic::catch(|| unsafe { Self::replace(stage, mark) }) {
            second.discard();
        }
        // SAFETY: the caller owns the stage. The mark that is in it needs no drop.
        unsafe { ptr::write(stage, Self::Panicked(payload)) };
    }
}

// === impl FailOnUnwind ===

impl<F: Future> Drop for FailOnUnwind<F> {
    fn drop(&mut self) {
        let failed = Stage::Panicked(Payload::of_unwinding());
        match self.is_full {
            // Left to `fail`: while it unwinds, a second panic would abort.
            true if cfg!(feature = "std") => {}
            // SAFETY: who made the guard owns the stage.
            true => unsafe { Stage::replace(self.stage, failed) },
            // SAFETY: who made the guard owns the stage, and its contents were being dropped when
            // the panic came: they must not be dropped again.
            false => unsafe { ptr::write(self.stage, failed) },
        }
    }
}

#[cfg(test)]
mod tests;
