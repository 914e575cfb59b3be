//! What becomes of a panic in code that is not ours: caught with `std`, let through without it.

use core::fmt;
#[cfg(feature = "std")]
use std::{any::Any, boxed::Box, panic, string::String};

/// What a task panicked with. Without `std` there is nothing to keep.
///
/// One word, as every task has the room for it: a panic can afford an allocation more. `None` stands
/// for a panic that unwinds still.
#[cfg(feature = "std")]
pub(crate) struct Payload(Option<Box<Box<dyn Any + Send>>>);

/// What a task panicked with. Without `std` there is nothing to keep.
#[cfg(not(feature = "std"))]
pub(crate) struct Payload;

/// Calls `f`. With `std` a panic comes back as an error; without it, this unwinds.
///
/// So a caller needs a drop guard besides, for what must be done in any case. A panic says nothing
/// about the state of what `f` borrows: to leave that in order is the guards' business too.
#[cfg(feature = "std")]
#[inline(always)]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    panic::catch_unwind(panic::AssertUnwindSafe(f)).map_err(Payload::new)
}

/// Calls `f`. With `std` a panic comes back as an error; without it, this unwinds.
#[cfg(not(feature = "std"))]
#[inline(always)]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    Ok(f())
}

// === impl Payload ===

impl Payload {
    #[cfg(feature = "std")]
    #[cold]
    #[inline(never)]
    fn new(payload: Box<dyn Any + Send>) -> Self {
        Self(Some(Box::new(payload)))
    }

    /// Stands for a panic that unwinds still. It needs no drop.
    pub(crate) fn of_unwinding() -> Self {
        #[cfg(feature = "std")]
        {
            Self(None)
        }
        #[cfg(not(feature = "std"))]
        {
            Self
        }
    }

    /// Drops it, whatever that does.
    pub(crate) fn discard(self) {
        #[cfg(feature = "std")]
        if let Err(another) = catch(|| drop(self)) {
            // Who panics when he is dropped for having panicked may do so for ever.
            core::mem::forget(another);
        }
    }

    #[cfg(feature = "std")]
    pub(crate) fn into_inner(self) -> Box<dyn Any + Send> {
        match self.0 {
            Some(payload) => *payload,
            None => Box::new("the task panicked"),
        }
    }

    /// The message, if it is one.
    #[cfg(feature = "std")]
    pub(crate) fn message(&self) -> Option<&str> {
        let payload: &dyn Any = self.0.as_deref()?.as_ref();
        let message = payload.downcast_ref::<&'static str>().copied();
        message.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
    }

    /// The message, if it is one.
    #[cfg(not(feature = "std"))]
    pub(crate) fn message(&self) -> Option<&str> {
        None
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => message.fmt(f),
            None => f.write_str("_"),
        }
    }
}

// SAFETY: `message` looks at the payload through a shared reference only to compare its type, and
// then at nothing but a `&'static str` or a `String`, which are `Sync`.
#[cfg(feature = "std")]
unsafe impl Sync for Payload {}
