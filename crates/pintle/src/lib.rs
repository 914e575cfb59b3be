//! An async runtime construction kit for kernels, firmware, hypervisors and custom runtimes.
//!
//! This is the umbrella: every crate of the kit under one name. Take it whole, or take the crates
//! one by one; they are the same types.
//!
//! # Table of contents
//!
//! What a runtime is built from:
//!
//! - [`task`]: [`Task`](task::Task), its [`JoinHandle`](task::JoinHandle), and where tasks live
//!   ([`Storage`](task::Storage)).
//! - [`scheduler`]: run queues to tick. [`StaticScheduler`](scheduler::StaticScheduler) needs no
//!   heap; [`Schedule`](scheduler::Schedule) is the contract for schedulers of your own.
//! - [`time`]: the [`Timer`](time::Timer) wheel and what waits on it,
//!   [`Sleep`](time::Sleep) and [`Timeout`](time::Timeout).
//! - [`sync`]: how tasks wait for each other and for interrupts, [`WaitCell`](sync::WaitCell) and
//!   [`WaitQueue`](sync::WaitQueue).
//! - [`mod@future`] has [`yield_now`](future::yield_now).
//!
//! What those are built from:
//!
//! - [`lock`]: blocking locks over any raw lock.
//! - [`intrusive`]: collections that never allocate.
//! - [`bitfield`]: words made of fields.
//! - [`base`]: the switch between `core`, `portable-atomic` and `loom`.
//!
//! And, by feature, what an operating system offers: `park`, futexes, parkers and process-wide
//! barriers; and `rcu`, read-copy-update.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `alloc` (default) | boxed tasks, the reference-counted `Scheduler`, owned futures |
//! | `std` | locks and waits by the operating system, a clock over `std::time`, panics caught in the scheduler |
//! | `park` | the module `park` |
//! | `rcu` | the module `rcu` |
//! | `stream` | channels, intervals and delay queues are `Stream`s |
//! | `embedded-hal-async` | `time::Delay`, a timer as the `DelayNs` of drivers |
//! | `critical-section` | default locks enter a critical section; so do atomics on cores without compare-and-swap |
//! | `no-cache-pad` | no padding to cache lines, for cores without a cache |
//! | `tracing-01` | [spans of tasks](task#tracing), as tokio-console shows them, and events of `sync`, by `tracing` 0.1 |
//! | `core-error`, `tracing-02` | nothing; kept for programs that ask for them |
#![no_std]

pub use pintle_task::{future, new_static_scheduler, scheduler, task};

/// Clocks, the timer wheel, and what waits on it.
pub use pintle_time as time;

/// How tasks wait for each other.
pub use pintle_sync as sync;

/// Blocking locks over any raw lock.
pub use pintle_lock as lock;

/// Collections that never allocate.
pub use pintle_intrusive as intrusive;

/// Words made of fields.
pub use pintle_bitfield as bitfield;

/// The switch between `core`, `portable-atomic` and `loom`.
pub use pintle_core as base;

/// How an operating system lets a thread wait.
#[cfg(feature = "park")]
pub use pintle_park as park;

/// Read-copy-update.
#[cfg(feature = "rcu")]
pub use pintle_rcu as rcu;

/// The README's example, run as a test.
#[cfg(all(doctest, feature = "alloc"))]
#[doc = include_str!("../README.md")]
struct Readme;
