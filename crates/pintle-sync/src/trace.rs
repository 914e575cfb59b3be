//! Events of the crate `tracing`, version 0.1, by the feature `tracing`; nothing at all without it.
//!
//! Each is of level `TRACE`, has the module of the primitive as its target (`permits` for those that are made of
//! permits), what happened as its message, and an address in the primitive, always the same, in the field `at`:
//! so one primitive's waits and wakes can be followed.
//!
//! | message | said |
//! |---|---|
//! | `wait` | when a task has begun to wait |
//! | `leave` | when a task has given up waiting |
//! | `wake`, `wake_many`, `wake_all` | before the waking |
//! | `wake`, of permits | after permits that were given have woken somebody |
//! | `close`, `cancel` | before the closing, the cancelling |
//!
//! Who subscribes is user code, as a waker is: no event is emitted under a lock, nor where a panic would
//! lose something.

/// `event!(self, "wake")`, `event!(self, "wake_many", n = n)`: what happened to a primitive.
#[cfg(feature = "tracing")]
macro_rules! event {
    ($primitive:expr, $what:literal $(, $field:ident = $value:expr)*) => {
        ::tracing::trace!(at = ?::core::ptr::from_ref($primitive), $($field = $value,)* $what)
    };
}

#[cfg(not(feature = "tracing"))]
macro_rules! event {
    ($($nothing:tt)*) => {};
}

pub(crate) use event;
