//! The stage of a task whose future's type is not known: what the task's handle sees of it.

use crate::task::{header::Header, panic::Payload};
use core::ptr::{self, NonNull};

/// What is in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::task) enum Tag {
    /// The future, pinned.
    Future,
    /// What the future returned.
    Output,
    /// A payload: the future panicked, in a poll or while it was dropped.
    Panicked,
    /// Nothing: the future was dropped before it was done.
    Canceled,
    /// Nothing: the handle has taken what there was.
    Taken,
}

/// What a task left that has no output.
pub(in crate::task) enum Left {
    Panicked(Payload),
    Canceled,
    /// It had been taken before.
    Nothing,
}

/// How far behind its header a task's stage is. In its vtable, for those who do not know the future's type.
#[derive(Clone, Copy)]
pub(crate) struct Offsets {
    pub(super) tag: usize,
    pub(super) contents: usize,
}

/// A stage of any future.
///
/// # Invariants
///
/// `tag` is to the stage's tag, and `contents` to what that says is there.
#[derive(Clone, Copy)]
pub(in crate::task) struct Place {
    pub(super) tag: *mut Tag,
    pub(super) contents: *mut (),
}

// === impl Offsets ===

impl Offsets {
    /// Those of what has no stage: a queue's stub.
    pub(crate) const NONE: Self = Self {
        tag: 0,
        contents: 0,
    };
}

// === impl Place ===

impl Place {
    /// Calls `f` with a task's stage.
    ///
    /// # Safety
    ///
    /// The header is that of a spawned task, whose stage the caller owns.
    #[inline(always)]
    pub(in crate::task) unsafe fn with<R>(task: NonNull<Header>, f: impl FnOnce(Self) -> R) -> R {
        // SAFETY: the task is live.
        let header = unsafe { task.as_ref() };
        let Offsets { tag, contents } = header.vtable.stage;
        let task = task.as_ptr();
        header.stage.with_mut(|_| {
            f(Self {
                tag: task.wrapping_byte_add(tag).cast(),
                contents: task.wrapping_byte_add(contents).cast(),
            })
        })
    }

    /// Takes the output, if the task left one.
    ///
    /// # Safety
    ///
    /// The caller owns the stage, whose output is a `T`.
    #[inline(always)]
    pub(in crate::task) unsafe fn take_output<T>(self) -> Option<T> {
        // SAFETY: the caller owns the stage.
        if unsafe { *self.tag } != Tag::Output {
            return None;
        }
        // SAFETY: as above. It is moved out: the tag says so below.
        let output = unsafe { ptr::read(self.contents.cast::<T>()) };
        // SAFETY: as above.
        unsafe { *self.tag = Tag::Taken };
        Some(output)
    }

    /// Takes what the task left in place of an output.
    ///
    /// # Safety
    ///
    /// The caller owns the stage, which holds neither the future nor an output.
    pub(in crate::task) unsafe fn take(self) -> Left {
        // SAFETY: the caller owns the stage.
        let tag = unsafe { *self.tag };
        debug_assert!(
            !matches!(tag, Tag::Future | Tag::Output),
            "nothing is leaked"
        );
        let left = match tag {
            // SAFETY: the payload is moved out: the tag says so below.
            Tag::Panicked => Left::Panicked(unsafe { ptr::read(self.contents.cast::<Payload>()) }),
            Tag::Canceled => Left::Canceled,
            Tag::Future | Tag::Output | Tag::Taken => Left::Nothing,
        };
        // SAFETY: as above.
        unsafe { *self.tag = Tag::Taken };
        left
    }
}

/// Drops what is in the stage of a task whose future and output need no drop: what its vtable has as `clear`.
///
/// # Safety
///
/// As for [`Vtable::clear`](crate::task::header::Vtable::clear).
pub(in crate::task) unsafe fn clear(task: NonNull<Header>) {
    let clear = |stage: Place| {
        // SAFETY: the caller owns the stage.
        let tag = unsafe { &mut *stage.tag };
        match *tag {
            Tag::Future => *tag = Tag::Canceled,
            Tag::Output => *tag = Tag::Taken,
            Tag::Canceled | Tag::Taken => {}
            // SAFETY: the caller owns the stage.
            Tag::Panicked => match unsafe { stage.take() } {
                Left::Panicked(payload) => payload.discard(),
                Left::Canceled | Left::Nothing => {}
            },
        }
    };
    // SAFETY: the contract is the same.
    unsafe { Place::with(task, clear) };
}
