//! Model checking: one test body for the checker and for the machine.
//!
//! ```
//! use pintle_core::atomic::{AtomicUsize, Ordering::*};
//! use pintle_core::{model, thread};
//! use std::sync::Arc;
//!
//! model::check(|| {
//!     let hits = Arc::new(AtomicUsize::new(0));
//!     let other = thread::spawn({
//!         let hits = hits.clone();
//!         move || hits.fetch_add(1, Relaxed)
//!     });
//!     hits.fetch_add(1, Relaxed);
//!     other.join().unwrap();
//!     assert_eq!(hits.load(Relaxed), 2);
//! });
//! ```
//!
//! Compiled with `--cfg loom` the closure is run for every interleaving that needs at most
//! [`PREEMPTIONS`] forced switches; otherwise it runs once, natively.

/// loom's own mutex, for the one lock that most models contain.
///
/// It blocks its waiters, so a model that uses it explores its own races and not the lock's: a
/// lock that spins multiplies the interleavings of everything above it.
#[cfg(loom)]
pub use loom::sync::Mutex;

/// The bound on forced context switches for a named race.
///
/// Two are not enough: a reader-writer lock whose unlock overwrote optimistic readers passed
/// loom with two and failed with three. The environment variable `LOOM_MAX_PREEMPTIONS`
/// overrides it.
pub const PREEMPTIONS: usize = 3;

/// Runs `f` under loom with at most [`PREEMPTIONS`] preemptions, or once natively.
///
/// # Panics
///
/// If `f` panics in any interleaving; under loom also for a deadlock, a leak of loom's `Arc`,
/// or a data race on a [`cell::UnsafeCell`](crate::cell::UnsafeCell).
pub fn check(f: impl Fn() + Send + Sync + 'static) {
    check_bounded(PREEMPTIONS, f);
}

/// Runs `f` as [`check`] does, with a bound of its own, for models too large for three.
///
/// # Panics
///
/// As [`check`].
#[cfg(loom)]
pub fn check_bounded(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    // `Builder::new` has read LOOM_MAX_PREEMPTIONS, and the operator's word goes first.
    builder.preemption_bound.get_or_insert(preemptions);
    builder.max_branches = builder.max_branches.max(100_000);
    builder.check(f);
}

/// Runs `f` as [`check`] does, with a bound of its own, for models too large for three.
///
/// # Panics
///
/// As [`check`].
#[cfg(not(loom))]
pub fn check_bounded(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let _ = preemptions;
    f();
}

/// Whether the long form of the proofs was asked for, by the environment variable `PINTLE_FULL`.
///
/// Stress and soak tests and the larger models have a quick form for every day and a full form
/// for a release (`cargo xtask test --full`).
#[must_use]
pub fn full() -> bool {
    std::env::var_os("PINTLE_FULL").is_some_and(|value| !value.is_empty() && value != "0")
}
