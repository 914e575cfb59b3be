//! Every futex operation of the kernel, typed.
//!
//! A futex is a 32-bit word that user space changes by itself as long as nobody has to wait;
//! the kernel knows it only while threads sleep on it. [`Futex`] is such a word.
//!
//! | operation | here | since Linux | clock and kind of timeout | errors |
//! |---|---|---|---|---|
//! | `FUTEX_WAIT` | [`Futex::wait`], [`wait_timeout`](Futex::wait_timeout) | 2.6.0 | monotonic, relative | [`WaitError`] |
//! | `FUTEX_WAIT_BITSET` | [`Futex::wait_bitset`] | 2.6.25 | either, absolute | [`WaitError`] |
//! | `FUTEX_WAKE` | [`Futex::wake`] | 2.6.0 | – | [`WakeError`] |
//! | `FUTEX_WAKE_BITSET` | [`Futex::wake_bitset`] | 2.6.25 | – | [`WakeError`] |
//!
//! `FUTEX_FD` is gone from the kernel since 2.6.26. Private futexes are there since 2.6.22.
//!
//! # Time
//!
//! - Timeouts are types: a [`Duration`](core::time::Duration) where the kernel counts from now, a
//!   [`Deadline`](crate::Deadline) (monotonic), a [`RealtimeDeadline`], or a [`Timeout`], which is
//!   either, where it takes an absolute time. So what the kernel refuses (real time for
//!   `FUTEX_WAIT`, `FUTEX_WAKE` and `FUTEX_LOCK_PI` is `ENOSYS`) cannot be written, and no time is
//!   negative.
//! - No wait times out early. Zero, or a time that has passed, compares and returns. What the
//!   kernel's seconds cannot hold is no timeout.
//! - **Signals**: a handler that runs during a wait does not end it (`EINTR` is not reported). The
//!   wait goes on with the time that is left.
//!
//! # Errors
//!
//! Each operation has an enum of the errors that are documented for it; any other errno comes as
//! `Other`, never as a panic. Wakes without a word to wake (a pointer that dangles) are an error
//! or a zero, no undefined behaviour.
//!
//! # Source
//!
//! [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); the kernel's
//! [documentation](https://docs.kernel.org/userspace-api/futex2.html); Mara Bos, *Rust Atomics and
//! Locks*, chapter 8; Ulrich Drepper, *Futexes Are Tricky* (2011).

mod error;
mod realtime;
mod scope;
mod timeout;
mod wait;
mod wake;
mod word;

pub use self::realtime::RealtimeDeadline;
pub use self::scope::{Private, Scope, Shared};
pub use self::timeout::Timeout;
pub use self::wait::WaitError;
pub use self::wake::WakeError;
pub use self::word::Futex;
