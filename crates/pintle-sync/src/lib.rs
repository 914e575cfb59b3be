//! Asynchronous synchronization for any runtime: nothing here allocates, needs an operating
//! system or knows an executor.
//!
//! | type | waits for | waiters | woken in order | lock |
//! |---|---|---|---|---|
//! | [`WaitCell`] | an event of one task: an interrupt, a join, a single consumer | one | – | none: wait-free `wake` but for other wakers |
//! | [`WaitQueue`] | an event of many tasks | any number, in place | first in, first out | `Lock`, only while somebody waits |
//! | [`WaitMap`] | a value, under a key | any number, in place | by key | `Lock` |
//! | [`Mutex`] | a value, alone | any number, in place | first in, first out | `Lock`, only while somebody waits |
//! | [`RwLock`] | a value, with other readers or alone | any number, in place | first in, first out | `Lock`, only while somebody waits |
//! | [`Semaphore`] | a number of permits | any number, in place | first in, first out | `Lock`, only while somebody waits |
//! | [`Barrier`] | a number of others | any number, in place | all at once | `Lock` |
//! | [`OnceCell`] | a value, made once by one of them | any number, in place | all at once | `Lock`, only while it is being made |
//! | `CancellationToken` (`alloc`) | the order to stop, from above in a tree | any number, in place | all at once | `Lock` |
//! | [`oneshot`] | one value | one | – | none |
//! | [`mpsc`] | values, of many senders | one receiver; any number of senders for room, in place | first in, first out | `Lock`, only while a sender waits |
//! | [`broadcast`] | each value, of many senders | any number of receivers, in place | all at once | `Lock` |
//! | [`watch`] | a newer value | any number of receivers, in place | all at once | `Lock` |
//!
//! The cell and the queue keep a wake-up that comes when nobody waits, so that it does not matter who is
//! first; the map gives the value back. They and the semaphore can be closed, which ends every wait, now
//! and later, with [`Closed`].
//!
//! Channels live on the heap, in a `static` or in place: [`storage`].
//!
//! # Choosing the lock
//!
//! What holds more than one waiter takes a lock for a few instructions, and is generic over it:
//! any [`ScopedRawMutex`](blocking::ScopedRawMutex) of the `mutex-traits` crate. The default,
//! [`DefaultMutex`](blocking::DefaultMutex), is the operating system's with feature `std`, a
//! critical section with feature `critical-section`, and a spinlock otherwise. An interrupt
//! handler may call [`WaitCell::wake`] always, and [`WaitQueue::wake`] if the queue's lock masks
//! that interrupt.
//!
//! # What holds for every primitive
//!
//! - No waker is called, cloned or dropped while a lock is held, so a waker may use the
//!   primitive that calls it.
//! - A waker that panics leaves the primitive as if it had returned.
//! - Dropping a future that has been woken hands the wake-up to the next waiter.
//! - Every future says in `# Cancellation` what dropping it means, and what polling it again
//!   after it has completed does.
//!
//! # Features
//!
//! - `alloc` (default): futures that hold their primitive by an `Arc`.
//! - `std`: the default lock lets the operating system put its waiters to sleep.
//! - `park`: `blocking_*`, by which a thread waits in line with the tasks, asleep. For targets on which
//!   `pintle-park` has a `Parker`: operating systems.
//! - `critical-section`: the default lock enters a critical section. It does not choose
//!   portable-atomic's backend.
//! - `no-cache-pad`: no cache padding, for cores without a cache.
//! - `tracing`: a `TRACE` event of the crate `tracing` 0.1 when a task begins to wait and when it gives up
//!   (`wait`, `leave`), for each `wake`, `wake_many`, `wake_all`, `close` and `cancel`, and when permits that were
//!   given have woken somebody (`wake`). The field `at` is an address in the primitive. None is emitted under a lock; who subscribes must be allowed wherever wakes come
//!   from.
//! - `stream`: the receivers of [`mpsc`] are `Stream`s of futures-core; `broadcast::BroadcastStream` and
//!   `watch::WatchStream` make streams of the others.
//! - `core-error`: kept for programs that ask for it.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod barrier;
pub mod broadcast;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub mod cancellation;
pub mod mpsc;
pub mod mutex;
pub mod once_cell;
pub mod oneshot;
pub mod rwlock;
pub mod semaphore;
pub mod storage;
pub mod util;
pub mod wait_cell;
pub mod wait_map;
pub mod wait_queue;
pub mod watch;

mod closed;
mod permits;
mod trace;
mod waiters;

pub use pintle_lock::{blocking, spin};

pub use self::barrier::{Barrier, BarrierWaitResult};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::cancellation::CancellationToken;
pub use self::closed::{Closed, WaitResult};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::mutex::OwnedMutexGuard;
pub use self::mutex::{Mutex, MutexGuard};
pub use self::once_cell::OnceCell;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::rwlock::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard};
pub use self::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use self::semaphore::Semaphore;
pub use self::wait_cell::WaitCell;
pub use self::wait_map::WaitMap;
pub use self::wait_queue::WaitQueue;

/// Runs what the README shows.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
