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
    pub(super) unsafe fn poll(stage: *mut Self, cx: &mut Context<'_>) -> Poll<()> {
        let guard = FailOnUnwind {
            stage,
            is_full: true,
        };
        let poll = panic::catch(|| {
            // SAFETY: the caller owns the stage; nothing else borrows it.
            let Self::Future(future) = (unsafe { &mut *stage }) else {
                unreachable!("a task that is to be polled has a future");
            };
            // SAFETY: the future is never moved: it is dropped in place.
            unsafe { Pin::new_unchecked(future) }.poll(cx)
        });
        mem::forget(guard);
        let next = match poll {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Self::Output(output),
            Err(payload) => Self::Panicked(payload),
        };
        // SAFETY: the caller owns the stage.
        unsafe { Self::replace(stage, next) };
        Poll::Ready(())
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
    pub(super) unsafe fn clear(stage: *mut Self) {
        // SAFETY: the caller owns the stage. The borrow ends with the match.
        let next = match unsafe { &*stage } {
            Self::Future(_) => Self::Canceled,
            _ => Self::Taken,
        };
        // SAFETY: the caller owns the stage.
        unsafe { Self::replace(stage, next) };
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
    /// # Safety
    ///
    /// The caller owns the stage.
    unsafe fn replace(stage: *mut Self, next: Self) {
        let guard = FailOnUnwind {
            stage,
            is_full: false,
        };
        // SAFETY: the caller owns the stage, and it is overwritten below, or by the guard.
        let dropped = panic::catch(|| unsafe { ptr::drop_in_place(stage) });
        mem::forget(guard);
        let next = match dropped {
            Ok(()) => next,
            Err(payload) => {
                panic::discard(next);
                Self::Panicked(payload)
            }
        };
        // SAFETY: the old contents were dropped.
        unsafe { ptr::write(stage, next) };
    }
}

// === impl FailOnUnwind ===

impl<F: Future> Drop for FailOnUnwind<F> {
    fn drop(&mut self) {
        let failed = Stage::Panicked(Payload::of_unwinding());
        match self.is_full {
            // SAFETY: who made the guard owns the stage.
            true => unsafe { Stage::replace(self.stage, failed) },
            // SAFETY: who made the guard owns the stage, and its contents were being dropped when
            // the panic came: they must not be dropped again.
            false => unsafe { ptr::write(self.stage, failed) },
        }
    }
}
