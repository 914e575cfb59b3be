//! Tasks and schedulers, from statics on one core to a multi-threaded runtime.
//!
//! - [`task`] has [`Task`](task::Task), its handles [`TaskRef`](task::TaskRef) and
//!   [`JoinHandle`](task::JoinHandle), and how a task's memory is [stored](task::Storage). The module opens
//!   with the states of a task and the protocol.
//! - [`scheduler`] has [`StaticScheduler`](scheduler::StaticScheduler), which needs no heap, and
//!   `Scheduler`, which lives on it; and [`Schedule`](scheduler::Schedule), for a scheduler of one's own.
//! - [`mod@future`] has [`yield_now`](future::yield_now), with which a task lets others run.
//!
//! # Features
//!
//! - `alloc` (default): boxed tasks and `Scheduler`.
//! - `std`: a panicking task is caught in the scheduler and its payload handed to the joiner.
//! - `park`: `future::block_on`, that of pintle-park, which sleeps by any `Park`.
//! - `tracing-01`: tasks have [spans](task#tracing) of the crate `tracing`, version 0.1, which tokio-console shows. It
//!   needs what that crate needs: a heap, and compare-and-swap.
//! - `no-cache-pad`: no padding between the ends of a run queue, for cores without a cache.
//!
//! # Examples
//!
//! ```
//! # #[cfg(feature = "alloc")] {
//! use pintle_task::scheduler::{StaticScheduler, new_static};
//!
//! static SCHEDULER: StaticScheduler = new_static!();
//!
//! let question = SCHEDULER.spawn(async { 6 * 7 });
//! let answer = SCHEDULER.spawn(async { question.await.unwrap() });
//! while SCHEDULER.tick().has_remaining {}
//! assert!(answer.is_complete());
//! # }
//! ```
#![no_std]
// Without a heap there are no heap-allocated things to link to.
#![cfg_attr(
    not(all(feature = "alloc", target_has_atomic = "ptr")),
    allow(rustdoc::broken_intra_doc_links)
)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod future;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod join_set;
pub mod scheduler;
pub mod task;

/// The README's example, which runs as a test.
#[cfg(all(doctest, feature = "alloc"))]
#[doc = include_str!("../README.md")]
mod readme {}
