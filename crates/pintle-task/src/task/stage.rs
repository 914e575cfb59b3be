//! What a task consists of at the moment: its future, or what that has left.

use super::{
    panic::{self, Payload},
    trace::{Traced, traced},
};
use core::{
    future::Future,
    mem::{self, ManuallyDrop},
    pin::Pin,
    ptr,
    task::{Context, Poll},
};

mod place;

pub(crate) use self::place::Offsets;
use self::place::Tag;
pub(super) use self::place::{Left, Place, clear};

/// The part of a task that is polled, and then holds the result.
///
/// Who may touch it is decided by the state word: the runner while `POLLING` is set, then the
/// `JoinHandle`, or the runner again if there is none. The handle does not know `F`, and finds it by its
/// [place](Place).
///
/// # Invariants
///
/// `tag` says what is in `contents`.
#[repr(C)]
pub(super) struct Stage<F: Future> {
    tag: Tag,
    contents: Contents<F>,
}

/// What is in a stage. All begin at the same address.
#[repr(C)]
#[allow(dead_code, reason = "used by pointers to where they begin")]
union Contents<F: Future> {
    future: ManuallyDrop<Traced<F>>,
    output: ManuallyDrop<F::Output>,
    payload: ManuallyDrop<Payload>,
}

/// Leaves a stage that says "panicked" when the code that works on it unwinds.
struct FailOnUnwind<F: Future> {
    stage: *mut Stage<F>,
    /// Whether the stage still holds something to be dropped.
    is_full: bool,
}

// === impl Stage ===

impl<F: Future> Stage<F> {
    /// Whether what a task has in its stage, if it does not panic, is to be dropped.
    pub(super) const NEEDS_DROP: bool =
        mem::needs_drop::<Traced<F>>() || mem::needs_drop::<F::Output>();

    pub(super) const fn new(future: F) -> Self {
        Self {
            tag: Tag::Future,
            contents: Contents {
                future: ManuallyDrop::new(traced(future)),
            },
        }
    }

    /// Where it is if it stands `offset` bytes behind its task's header.
    pub(super) const fn offsets(offset: usize) -> Offsets {
        Offsets {
            tag: offset + mem::offset_of!(Self, tag),
            contents: offset + mem::offset_of!(Self, contents),
        }
    }

    /// Gives the future its span, before it is polled for the first time.
    ///
    /// # Safety
    ///
    /// The caller owns the stage.
    #[cfg(feature = "tracing-01")]
    pub(super) unsafe fn set_span(stage: *mut Self, span: tracing::Span) {
        // SAFETY: the caller owns the stage.
        debug_assert!(unsafe { (*stage).tag } == Tag::Future);
        // SAFETY: as above.
        unsafe { &mut *Self::contents::<Traced<F>>(stage) }.set_span(span);
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
        // SAFETY: the caller owns the stage. A task is polled until it is complete, and its future is replaced by
        // who completes it.
        debug_assert!(unsafe { (*stage).tag } == Tag::Future);
        let future = Self::contents::<Traced<F>>(stage);
        // SAFETY: as above; nothing else borrows it.
        let pinned = unsafe { &mut *future };
        // SAFETY: the future is never moved: it is dropped in place.
        let poll = unsafe { Pin::new_unchecked(pinned) }.poll(cx);
        mem::forget(guard);
        poll.map(|output| {
            // SAFETY: the caller owns the stage, and overwrites what is in it, which is the future.
            unsafe { Self::drop_in(stage, future) };
            // SAFETY: as above. The old contents were dropped.
            unsafe { Self::write_output(stage, output) };
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
        // SAFETY: the caller owns the stage.
        unsafe { matches!((*stage).tag, Tag::Canceled | Tag::Taken) }
    }

    /// As `clear`, of a stage that is not empty.
    ///
    /// # Safety
    ///
    /// As for `clear`.
    #[inline(never)]
    unsafe fn clear_full(stage: *mut Self) {
        // SAFETY: the caller owns the stage.
        let is_future = unsafe { (*stage).tag } == Tag::Future;
        // SAFETY: the caller owns the stage, and overwrites what is in it.
        match panic::catch(|| unsafe { Self::drop_in(stage, stage) }) {
            // SAFETY: the old contents were dropped.
            Ok(()) if is_future => unsafe { (*stage).tag = Tag::Canceled },
            // SAFETY: as above.
            Ok(()) => unsafe { (*stage).tag = Tag::Taken },
            // SAFETY: the caller owns the stage.
            Err(payload) => unsafe { Self::fail(stage, payload) },
        }
    }

    /// Points to what is in the stage: a future, output or payload, all of which begin there.
    #[inline(always)]
    fn contents<T>(stage: *mut Self) -> *mut T {
        let contents = stage.wrapping_byte_add(mem::offset_of!(Self, contents));
        contents.cast()
    }

    /// Puts an output in the place of what has been dropped.
    ///
    /// # Safety
    ///
    /// The caller owns the stage, in which nothing needs a drop.
    #[inline(always)]
    unsafe fn write_output(stage: *mut Self, output: F::Output) {
        // SAFETY: the caller owns the stage. The output alone is written, not as much as a future takes.
        unsafe { Self::contents::<F::Output>(stage).write(output) };
        // SAFETY: as above.
        unsafe { (*stage).tag = Tag::Output };
    }

    /// Puts a payload in the place of what has been dropped.
    ///
    /// # Safety
    ///
    /// As for `write_output`.
    unsafe fn write_payload(stage: *mut Self, payload: Payload) {
        // SAFETY: the caller owns the stage.
        unsafe { Self::contents::<Payload>(stage).write(payload) };
        // SAFETY: as above.
        unsafe { (*stage).tag = Tag::Panicked };
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
        unsafe { Self::write_payload(stage, payload) };
    }
}

impl<F: Future> Drop for Stage<F> {
    /// Drops what is there. What takes its place is the owner's business, if there is one.
    fn drop(&mut self) {
        let stage = &raw mut *self;
        match self.tag {
            // SAFETY: the tag says that there is one, which goes with the stage, or is overwritten.
            Tag::Future => unsafe { Self::contents::<Traced<F>>(stage).drop_in_place() },
            // SAFETY: as above.
            Tag::Output => unsafe { Self::contents::<F::Output>(stage).drop_in_place() },
            // SAFETY: as above.
            Tag::Panicked => unsafe { Self::contents::<Payload>(stage).drop_in_place() },
            Tag::Canceled | Tag::Taken => {}
        }
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
        unsafe { Stage::write_payload(self.stage, Payload::of_unwinding()) };
    }
}

#[cfg(test)]
mod tests;
