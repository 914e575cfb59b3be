//! What the feature `tracing-01` tells of tasks: see the [module docs](super#tracing). Without it nothing is
//! told, kept or done.
//!
//! A span belongs to the future that it is the span of ([`Traced`]): who owns the stage enters and leaves it,
//! and it is closed where the future is dropped. The header has its id, which does not change after the
//! spawn: wakers name it when the span is closed, too.
//!
//! # Invariants
//!
//! Who subscribes is user code, as a future and a waker are. Whatever it does (spawn, wake, cancel, panic)
//! it finds no borrow and no transition half done:
//!
//! - A span is begun when the task has its ticket and its handle, and nobody else knows it. A panic drops
//!   both, and with them the task.
//! - It is entered, left and closed by the code that polls and drops the future, within what catches the
//!   panics of that.
//! - A waker's call is told first, and then done, also if the telling panics ([`waker_vtable`]); but a clone is
//!   not made.

#[cfg(not(feature = "tracing-01"))]
mod off;
#[cfg(feature = "tracing-01")]
pub(crate) mod on;

#[cfg(not(feature = "tracing-01"))]
pub(crate) use self::off::{About, Traced, traced, waker_vtable};
#[cfg(feature = "tracing-01")]
pub(crate) use self::on::{About, Trace, Traced, traced, waker_vtable};
