//! How an operating system lets a thread wait, behind one portable face.
//!
//! - [`wait`], [`wake_one`], [`wake_all`]: sleep while a 32-bit word holds a value, as `atomic-wait`
//!   has them; [`wait_timeout`], [`wait_until`] and [`wake`] beside them, with typed outcomes.
//! - [`Parker`] and [`Unparker`]: one thread sleeps until it is handed a token. An `Unparker` is a
//!   [`Waker`](core::task::Waker).
//! - [`Deadline`]: a point on the clock these waits are measured by, without `std`.
//! - [`barrier`]: a memory barrier that costs its frequent side nothing, because the rare side
//!   makes the operating system put a barrier into every running thread of the process.
//! - [`linux`](crate::linux): on Linux and Android, every futex operation, with typed errors.
//!
//! # What is there on which platform
//!
//! | platform | `wait` and what is built on it | `barrier` |
//! |---|---|---|
//! | Linux | futex | membarrier, else fences |
//! | Android | futex | fences |
//! | another one, with feature `std` | a table over `std`'s `Mutex` and `Condvar` | fences |
//! | another one, without it (bare metal) | absent: there is no thread to put to sleep | fences |
//! | a loom model (`--cfg loom`) | a futex modelled over loom | fences |
//!
//! The table of platforms is in `src/sys`, one file each with the same functions.
//!
//! # Features
//!
//! None is on by default; the crate is `no_std` and allocates nothing.
//!
//! - `alloc`: [`Parker::new`], whose token lives in an `Arc`. Without it a `Parker` borrows a
//!   [`Token`], in a `static` say.
//! - `std`: turns on `alloc`; conversions from `std::time::Instant`; the back end for operating
//!   systems that have none of their own here yet.
//!
//! # Source
//!
//! Mara Bos, *Rust Atomics and Locks*, chapter 8 (operating system primitives).
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod barrier;
#[cfg(all(not(loom), any(target_os = "linux", target_os = "android")))]
pub mod linux;
mod sys;

// What needs a thread that can be put to sleep. A model runs on a host that has them.
#[cfg(any(target_os = "linux", target_os = "android", feature = "std"))]
mod face;
#[cfg(any(target_os = "linux", target_os = "android", feature = "std"))]
pub use self::face::{
    AlreadyClaimed, Deadline, ParkOutcome, Parker, Token, Unparker, WaitOutcome, WakeOutcome, wait,
    wait_timeout, wait_until, wake, wake_all, wake_one,
};
