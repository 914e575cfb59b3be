//! Blocking locks over [`mutex-traits`](mutex_traits), from one byte on bare metal upwards.
//!
//! - [`blocking::Mutex`]: a value behind a lock of your choice; closures over every lock, guards
//!   where the lock allows them.
//! - [`blocking::DefaultMutex`]: the lock that fits the build: parked by the operating system
//!   with feature `os`, interrupt-safe with feature `critical-section`, else spinning.
//! - [`blocking::RwLock`]: a value that many read at a time, or one writes; upgradable guards.
//! - [`spin::Spinlock`]: one byte, for bare metal. [`spin::TicketLock`]: fair. [`spin::RwSpinlock`]: one
//!   word, for readers and writers.
//! - [`scoped`]: locks that nobody waits for: critical sections, one thread, a processor's thread mode.
//! - `os::FutexLock` (feature `os`): four bytes; waiters sleep. `os::FairLock`: the same, and nobody
//!   starves. `os::FutexRwLock`: eight bytes, for readers and writers.
//! - [`blocking::OnceLock`] and [`blocking::LazyLock`], [`spin::InitOnce`] and [`spin::Lazy`]: values
//!   that are made once.
//! - `os::PiLock` (feature `os`, Linux): whose owner runs as urgently as its waiters.
//! - `os::SharedLock` (feature `os`, Unix): between processes, and tells of its owner's death.
//! - `os::Condvar` (feature `os`): waits for what another thread does under a mutex; `os::Barrier`:
//!   for a number of threads.
//! - [`BlockingMutex`], [`MutexGuard`] and [`raw_impls`]: the same by the names of the crate `mutex`.
//! - [`ConstInit`], [`RawMutex`], [`ScopedRawMutex`]: the traits of the `mutex-traits` crate,
//!   re-exported, so that locks of others work here and these work there.
//! - `RawMutexTimed` (feature `os`): what a lock implements whose waiters can give up, at a
//!   `Deadline`, which is pintle-park's.
//!
//! # Which lock do I take?
//!
//! The first line that fits:
//!
//! | you have | take | since |
//! |---|---|---|
//! | a library, or no wish to choose | [`blocking::DefaultMutex`] | it follows the build's features |
//! | data of one thread behind a type that wants a lock | [`scoped::LocalLock`] | it costs a load and two stores |
//! | an interrupt handler that takes the lock | `scoped::CriticalSectionLock`, or `DefaultMutex` with feature `critical-section` | it masks the interrupt before it locks |
//! | a Cortex-M with one core whose interrupt handlers may be refused | `scoped::ThreadModeLock` | it masks nothing |
//! | bare metal, several cores | [`spin::Spinlock`] | one byte |
//! | the same, and nobody may starve | [`spin::TicketLock`] | first come, first served |
//! | several processes, or an owner whose death is to be survived | `os::SharedLock` | the next one is told |
//! | threads with real-time priorities, on Linux | `os::PiLock` | its owner runs as urgently as its waiters |
//! | an operating system, and guards | `os::FutexLock` | four bytes, waiters sleep |
//! | the same, and nobody may starve | `os::FairLock` | who waits is overtaken a bounded number of times |
//! | many that read at once, few that write | [`blocking::RwLock`] over `os::FutexRwLock`, on bare metal over [`spin::RwSpinlock`] | readers do not wait for readers |
//! | to wait until something is true of the value | `os::Condvar` beside the mutex | it lets the mutex go while it sleeps |
//! | to wait until several threads have come | `os::Barrier` | |
//! | a value that is made once | [`blocking::OnceLock`], [`blocking::LazyLock`] | reading it is a load |
//! | a lock of `lock_api`, or code that wants one | `lock_api_0_4`, `lock_api_0_5` | wrappers both ways |
//! | a lock of your own | implement [`ScopedRawMutex`], or [`RawMutex`] for guards | |
//!
//! And what each can do:
//!
//! | lock | interrupt handlers | cores | needs | who is next | between processes | priorities | guards | bytes | instructions |
//! |---|---|---|---|---|---|---|---|--:|--:|
//! | `DefaultMutex` | with `critical-section` and without `os` | all | – | as the lock inside | no | no | no | 1, with `os` 4 | as `FutexLock`, `CriticalSectionLock` or `Spinlock` |
//! | `LocalLock` | no | one thread | – | nobody waits | no | – | no | 1 | 6 |
//! | `CriticalSectionLock` | yes | all that the section keeps out | the application's section | nobody waits | no | – | no | 1 | 35 with critical-section's `std`; a Cortex-M's section is a handful |
//! | `ThreadModeLock` | are refused | one | Cortex-M | nobody waits | no | – | no | 1 | not measured |
//! | `Spinlock` | no | all | – | anybody | no | no | yes | 1 | 6 |
//! | `TicketLock` | no | all | – | the first that came | no | no | yes | 8 | 7 |
//! | `RwSpinlock` | no | all | – | anybody, writers before new readers | no | no | yes | a word | 14 to read, 8 to write |
//! | `FutexLock` | no | all | `os` | anybody | no | no | yes | 4 | 9 |
//! | `FairLock` | no | all | `os` | anybody, 2,048 times; then who has slept longest | no | no | yes | 4 | 6 |
//! | `FutexRwLock` | no | all | `os` | writers close the door to new readers | no | no | yes | 8 | 16 to read, 9 to write |
//! | `PiLock` | no | all | `os`, Linux | the most urgent | no | inherited | yes | 8 | 15 |
//! | `SharedLock` | no | all | `os`, Linux or FreeBSD | the C library's choice | yes | no | yes | the C library's mutex, and two | 158 |
//!
//! *Guards*: the lock is a [`RawMutex`] (or a [`RawRwLock`](blocking::RawRwLock)); closures work over every lock. *Interrupt
//! handlers*: whether one may take a lock that the code may hold which it interrupted. Signal handlers are
//! interrupt handlers here. *Instructions*: locking and unlocking once without contention, on x86_64 with
//! link-time optimization, counted by callgrind in a loop and without the loop's own; one more or less with
//! the code round it. `docs/benchmarks.md` of the repository has the peers beside
//! them, and what happens under contention.
//!
//! What waits by spinning burns its core, and under an operating system waits for a holder that may not be
//! running. What sleeps cannot be taken where sleeping is forbidden: in an interrupt handler or a critical
//! section.
//!
//! # Locks and critical sections
//!
//! A lock that an interrupt handler takes too must be taken *within* the critical section: if it is taken
//! first, an interrupt between the two finds it held by the code that it interrupted, and waits for
//! ever. `CriticalSectionLock` and `DefaultMutex` do it in the right order. Do not enter a section while
//! you hold another lock that a handler takes.
//!
//! The other way round, a critical section can be made of a lock: on several cores it is interrupts masked
//! *and* a [`spin::Spinlock`] taken, in this order, by the outermost section of a core. This is what an
//! application writes whose hardware has no section of its own (each `core_` function is the machine's;
//! interrupts are taken to be unmasked outside sections):
//!
//! ```
//! # use std::cell::Cell;
//! # thread_local! { static INSIDE: Cell<bool> = const { Cell::new(false) }; }
//! # fn core_masks_interrupts() {}
//! # fn core_unmasks_interrupts() {}
//! # fn core_is_inside() -> bool { INSIDE.get() }
//! # fn core_says_inside(inside: bool) { INSIDE.set(inside) }
//! use pintle_lock::{RawMutex, spin::Spinlock};
//!
//! static SECTION: Spinlock = Spinlock::new();
//!
//! /// `critical_section::Impl::acquire`, whose result is handed to `release`.
//! fn acquire() -> bool {
//!     core_masks_interrupts();
//!     // Sections nest, and locks do not: the outermost alone locks, and unlocks.
//!     let outermost = !core_is_inside();
//!     if outermost {
//!         SECTION.lock();
//!         core_says_inside(true);
//!     }
//!     outermost
//! }
//!
//! /// `critical_section::Impl::release`.
//! unsafe fn release(outermost: bool) {
//!     if outermost {
//!         core_says_inside(false);
//!         // SAFETY: the `acquire` that this belongs to has locked.
//!         unsafe { SECTION.unlock() };
//!         core_unmasks_interrupts();
//!     }
//! }
//!
//! let (outer, inner) = (acquire(), acquire());
//! assert!(SECTION.is_locked());
//! // SAFETY: in the reverse order of entering.
//! unsafe { release(inner) };
//! assert!(SECTION.is_locked());
//! // SAFETY: as above.
//! unsafe { release(outer) };
//! assert!(!SECTION.is_locked());
//! ```
//!
//! # Panics and unwinding
//!
//! A panic in a critical section releases the lock, and one in an initialiser leaves the cell empty.
//! There is no poisoning: whoever needs it keeps a flag beside the data.
//!
//! # Features
//!
//! - `impl-critical-section` (default): the dependency on `critical-section`, `scoped::CriticalSectionLock`.
//! - `critical-section`: [`blocking::DefaultMutex`] enters a critical section where there is no
//!   operating system, so that interrupt handlers may take it.
//! - `alloc`: guards that own a share of their mutex, `blocking::ArcMutexGuard`.
//! - `os`: turns on `alloc`; the module `os`; [`blocking::DefaultMutex`] puts waiters to sleep.
//! - `std`: `os`; and with `impl-critical-section` the section is critical-section's own for operating systems, as
//!   in the crate `mutex`. A program that has a section of its own takes `os`, and so does a library.
//! - `impl-lock_api-0_4`, `impl-lock_api-0_5`: adaptors to and from `lock_api`. 0.5 needs Rust 1.95;
//!   all else here needs 1.85.
//! - `impl-unsafe-cortex-m-single-core`: `scoped::ThreadModeLock`. It is the application's promise that
//!   it runs on one core, and that nothing switches between threads in the processor's thread mode.
//! - `fmt`: kept for programs that ask for it.
//!
//! Features add: whatever another crate in the build turns on, the lock still excludes.
#![no_std]

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
extern crate alloc;
#[cfg(feature = "os")]
extern crate std;

pub mod blocking;
#[cfg(feature = "impl-lock_api-0_4")]
pub mod lock_api_0_4;
#[cfg(feature = "impl-lock_api-0_5")]
pub mod lock_api_0_5;
mod once;
#[cfg(feature = "os")]
pub mod os;
pub mod raw_impls;
#[cfg(feature = "os")]
mod raw_mutex_timed;
pub mod scoped;
pub mod spin;
#[cfg(all(
    feature = "impl-unsafe-cortex-m-single-core",
    any(all(target_arch = "arm", target_os = "none"), test, doc)
))]
mod sys;

pub use self::blocking::blocking_mutex::BlockingMutex;

#[cfg(feature = "os")]
pub use self::raw_mutex_timed::RawMutexTimed;
#[doc(no_inline)]
pub use mutex_traits::{ConstInit, RawMutex, ScopedRawMutex};
#[cfg(feature = "os")]
#[doc(no_inline)]
pub use pintle_park::Deadline;

/// [`blocking::MutexGuard`], with its parameters in the order of the crate `mutex`.
pub type MutexGuard<'mutex, R, T> = blocking::MutexGuard<'mutex, T, R>;

/// Runs what the README shows.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
