//! The ground floor of pintle: the one place that chooses between `core`, `portable-atomic`
//! and `loom`.
//!
//! Every other crate of the kit writes its algorithms against this one, so the same source runs
//! on a server, on a core without compare-and-swap, and inside the [loom] model checker:
//!
//! ```text
//!                 the target has pointer        it has not            --cfg loom
//!                 compare-and-swap              (thumbv6m, msp430 …)  (model checking)
//!               ┌──────────────────────┬───────────────────────────┬──────────────────────┐
//!   atomic      │ core::sync::atomic   │ portable_atomic           │ loom::sync::atomic   │
//!   cell        │ core::cell, zero cost                            │ loom::cell           │
//!   hint        │ core::hint                                       │ loom::hint           │
//!   thread      │ std::thread (feature `std`), else `yield_now`    │ loom::thread         │
//!   model       │ runs the closure once (feature `std`)            │ loom::model          │
//!   const_fn!   │ const fn                                         │ fn                   │
//!   not_loom!   │ its items                                        │ nothing              │
//!   only_loom!  │ nothing                                          │ its items            │
//!               └──────────────────────────────────────────────────┴──────────────────────┘
//! ```
//!
//! - [`atomic`]: the atomic types, each *identical* to `core`'s where the target has it.
//! - [`cell`]: [`UnsafeCell`](cell::UnsafeCell) with closures, so that loom sees each access.
//! - [`hint`] and [`thread`]: spinning and yielding, which a model must see too.
//! - `model` (feature `std`): `check`, which runs a closure under loom, or once natively.
//! - [`const_fn!`], [`not_loom!`] and [`only_loom!`]: say what loom cannot do, where it cannot.
//! - [`CachePadded`] and [`Backoff`]: what contended words and spin loops need.
//!
//! # Choosing a backend for atomics
//!
//! A core without compare-and-swap needs to be told how to make an operation atomic, and only
//! the application knows: it may have one core, or a critical section of its own. So no crate of
//! the kit chooses. The application depends on `portable-atomic` with the feature
//! `critical-section` or `unsafe-assume-single-core`, or turns on this crate's
//! `critical-section` (which the umbrella crate forwards). If it forgets, the build ends with
//! one error, by `portable-atomic`'s feature `require-cas`, that says so.
//!
//! # Features
//!
//! - `std`: [`thread`] and `model` for builds with an operating system.
//! - `no-cache-pad`: [`CachePadded`] adds no padding, for cores without a cache.
//! - `critical-section`: forwarded to `portable-atomic`; for applications only.
//!
//! [loom]: https://docs.rs/loom
#![no_std]

#[cfg(any(loom, feature = "std"))]
extern crate std;

pub mod atomic;
pub mod cell;
pub mod hint;
#[cfg(any(loom, feature = "std"))]
pub mod model;
pub mod thread;

mod backoff;
mod cache_padded;
mod macros;

pub use self::backoff::Backoff;
pub use self::cache_padded::CachePadded;
