//! A value that is made once, by whoever comes first: the one machine behind
//! [`spin::InitOnce`](crate::spin::InitOnce), [`spin::Lazy`](crate::spin::Lazy),
//! [`blocking::OnceLock`](crate::blocking::OnceLock) and
//! [`blocking::LazyLock`](crate::blocking::LazyLock).
//!
//! [`Once`] is a slot for the value and a state word ([`state`]); what its waiters do is its type
//! parameter ([`waiting`]). The four are faces of it, which say what their references' say.
//!
//! ```text
//!                 begin                          finish
//!   ┌───────┐ ──────────────► ┌─────────┐ ─────────────────────► ┌──────┐
//!   │ Empty │                 │ Filling │                        │ Full │
//!   └───────┘ ◄────────────── └─────────┘                        └──────┘
//!       ▲          abandon: a panic, an error                        │
//!       └────────────────────────────────────────────────────────────┘
//!                          take: by `&mut`
//! ```
//!
//! `Empty` and `Filling` have a flag beside them, `AWAITED`: a waiter sets it before it sleeps, and
//! `finish` and `abandon` take it away and wake all of them. Those that find `Empty` begin anew.
//!
//! | state | who may touch the slot |
//! |---|---|
//! | Empty | nobody: there is nothing in it |
//! | Filling | the thread that made it so, by its [`Filling`](cell::Filling) |
//! | Full | everybody, to read |
//!
//! A thread that waits for the one that fills and is that one waits for ever: so does an initialiser
//! that asks for its own value.

mod cell;
mod state;
#[cfg(test)]
mod tests;
mod waiting;

pub(crate) use self::cell::Once;
pub(crate) use self::state::{Begin, Phase};
#[cfg(feature = "os")]
pub(crate) use self::waiting::Sleep as Block;
pub(crate) use self::waiting::Spin;
#[cfg(not(feature = "os"))]
pub(crate) use self::waiting::Spin as Block;
