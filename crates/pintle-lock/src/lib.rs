//! Blocking locks over [`mutex-traits`](mutex_traits), from one byte on bare metal upwards.
//!
//! - [`blocking::Mutex`]: a value behind a lock of your choice; closures over every lock, guards
//!   where the lock allows them.
//! - [`blocking::DefaultMutex`]: the lock that fits the build: parked by the operating system
//!   with feature `std`, interrupt-safe with feature `critical-section`, else spinning.
//! - [`blocking::RwLock`]: a value that many read at a time, or one writes; upgradable guards.
//! - [`spin::Spinlock`]: one byte, for bare metal. [`spin::RwSpinlock`]: one word, for readers and writers.
//! - `os::FutexLock` (feature `std`): four bytes; waiters sleep. `os::FutexRwLock`: eight bytes, for readers
//!   and writers.
//! - [`blocking::OnceLock`] and [`blocking::LazyLock`], [`spin::InitOnce`] and [`spin::Lazy`]: values
//!   that are made once.
//! - `os::PiLock` (feature `std`, Linux): whose owner runs as urgently as its waiters.
//! - `os::SharedLock` (feature `std`, Unix): between processes, and tells of its owner's death.
//! - `os::Condvar` (feature `std`): waits for what another thread does under a mutex; `os::Barrier`:
//!   for a number of threads.
//! - [`ConstInit`], [`RawMutex`], [`ScopedRawMutex`]: the traits of the `mutex-traits` crate,
//!   re-exported, so that locks of others work here and these work there.
//! - `RawMutexTimed` (feature `std`): what a lock implements whose waiters can give up, at a
//!   `Deadline`, which is pintle-park's.
//!
//! # Which lock?
//!
//! | you have | take | size |
//! |---|---|---|
//! | no wish to choose, or a library | [`blocking::DefaultMutex`] | 1 byte, or 4 with `std` |
//! | bare metal, several cores, no interrupt handler takes the lock | [`spin::Spinlock`] | 1 byte |
//! | an interrupt handler that takes the lock | [`blocking::DefaultMutex`] with feature `critical-section` | 1 byte |
//! | an operating system, and you want guards | `os::FutexLock` | 4 bytes |
//! | many that read at once, few that write | [`blocking::RwLock`] over [`spin::RwSpinlock`] | a word |
//! | the same on an operating system | [`blocking::RwLock`] over `os::FutexRwLock` | 8 bytes |
//! | a lock of your own | implement [`ScopedRawMutex`] | |
//!
//! # Panics and unwinding
//!
//! A panic in a critical section releases the lock, and one in an initialiser leaves the cell empty.
//! There is no poisoning: whoever needs it keeps a flag beside the data.
//!
//! # Features
//!
//! - `impl-critical-section` (default): the dependency on `critical-section`.
//! - `critical-section`: [`blocking::DefaultMutex`] enters a critical section where there is no
//!   operating system, so that interrupt handlers may take it.
//! - `alloc`: guards that own a share of their mutex, `blocking::ArcMutexGuard`.
//! - `std`: turns on `alloc`; the module `os`; [`blocking::DefaultMutex`] puts waiters to sleep.
//!
//! Features add: whatever another crate in the build turns on, the lock still excludes.
#![no_std]

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod blocking;
#[cfg(feature = "impl-lock_api-0_4")]
pub mod lock_api_0_4;
#[cfg(feature = "impl-lock_api-0_5")]
pub mod lock_api_0_5;
mod once;
#[cfg(feature = "std")]
pub mod os;
pub mod raw_impls;
#[cfg(feature = "std")]
mod raw_mutex_timed;
pub mod scoped;
pub mod spin;
#[cfg(all(
    feature = "impl-unsafe-cortex-m-single-core",
    any(all(target_arch = "arm", target_os = "none"), test, doc)
))]
mod sys;

pub use self::blocking::blocking_mutex::BlockingMutex;

#[cfg(feature = "std")]
pub use self::raw_mutex_timed::RawMutexTimed;
#[doc(no_inline)]
pub use mutex_traits::{ConstInit, RawMutex, ScopedRawMutex};
#[cfg(feature = "std")]
#[doc(no_inline)]
pub use pintle_park::Deadline;

/// [`blocking::MutexGuard`], with its parameters in the order of the crate `mutex`.
pub type MutexGuard<'mutex, R, T> = blocking::MutexGuard<'mutex, T, R>;
