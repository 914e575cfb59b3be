//! Read-copy-update: readers that cost two stores, and writers that wait for them.
//!
//! A writer replaces shared data by a new copy and frees the old one once no reader can still be
//! looking at it. Readers neither lock nor wait, nor write to memory that another core writes.
//! So it is for what is read all the time and changed now and then: configuration, routing
//! tables, sets of listeners.
//!
//! ```
//! # #[cfg(feature = "std")] {
//! use pintle_rcu::{RcuCell, global};
//!
//! struct Limits { clients: usize }
//!
//! let limits = RcuCell::new(Limits { clients: 10 });
//!
//! // A reader. What it loads lives as long as the guard.
//! let guard = global().enter();
//! assert_eq!(limits.load(&guard).clients, 10);
//! drop(guard);
//!
//! // A writer. It gets the old value back when no reader can see it any more.
//! let old = limits.replace(Limits { clients: 20 }).synchronize();
//! assert_eq!(old.clients, 10);
//! # }
//! ```
//!
//! # What is here
//!
#![cfg_attr(feature = "std", doc = "- [`global`],")]
#![cfg_attr(not(feature = "std"), doc = "- `global`,")]
//!   [`RcuDomain`], [`RcuGuard`]: the domain of this process, whose readers are its threads. Feature
//!   `std`, on by default.
//! - [`domain!`], [`Scope`]: domains of one's own, which the compiler tells apart; readers are threads, cores, or
//!   whatever else has a slot.
//! - [`Cookie`]: a grace period to [poll](RcuDomain::poll), [wait](RcuDomain::wait) or
//!   [await](RcuDomain::grace_period_of).
#![cfg_attr(feature = "alloc", doc = "- [`RcuCell`], [`Retired`]:")]
#![cfg_attr(not(feature = "alloc"), doc = "- `RcuCell`, `Retired`:")]
//!   an owned value that readers load and writers replace. Feature `alloc`.
//! - [`reclaim`]: what is dropped after a grace period by others, so that a writer need not wait.
//! - [`set_stall_hook`](RcuDomain::set_stall_hook): which reader keeps a writer waiting.
//! - [`QuiescingPark`]: threads and cores that [quiesce](RcuDomain::quiesce) whenever they sleep.
//! - [`mod@domain`]: the same algorithm without `std` and without allocation, over slots and a barrier
//!   that the caller brings. **The proof that it is sound is written there.**
//!
//! # What it costs
//!
//! [`enter`](RcuDomain::enter) and its guard's drop write a counter of the thread's own. They need
//! a full memory barrier in between and do not make one: the writer makes the operating system
//! put it into every thread ([`pintle_park::barrier`]), one time per grace period. Where that
//! cannot be had a section makes a fence at either end. A nested section counts up and down.
//!
//! [`synchronize_blocking`](RcuDomain::synchronize_blocking) costs that barrier, and a look at
//! each thread that reads and is not [quiescent](RcuDomain::quiesce); it costs no barrier if all are. Writers that come
//! at once share it.
//!
//! # Rules
//!
//! - A section must end: one that does not keeps every writer waiting for ever. Do not wait in it for
//!   something that a writer has to do.
//! - A writer must not be in a section itself: it would wait for itself. It panics instead.
//! - A guard is not `Send`, so a future that holds one over an `.await` is not either. Load, clone
//!   what is needed, drop the guard, await.
//! - Not from a signal handler or an interrupt that may strike the same reader: the handler
//!   needs a reader of its own (see [`mod@domain`]).
//! - A child made by `fork` has of the parent's threads only the one that forked. A domain of threads goes on in it
//!   with that thread's sections, and without the others': a handler of `pthread_atfork` sees to it, so not where
//!   the system call is made directly. What is kept by hand does not go on: a [`domain::Reader`] of another
//!   thread is still in its section, a task that waited for a grace period is not woken, and a
//!   [`reclaim::Reclaimer`] may be in the middle of a turn. Writers that poll a cookie are fine, and so are those that block where the system
//!   sleeps on words (not NetBSD, nor macOS before 14.4: there a thread may have been in pintle-park's table).
//!
//! # Source
//!
//! P. McKenney, J. Slingwine, *Read-Copy Update: Using Execution History to Solve Concurrency
//! Problems*, 1998; M. Desnoyers et al., *User-Level Implementations of Read-Copy Update*, IEEE
//! TPDS 2012.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod macros;

pub mod domain;
mod park;
mod pause;
pub mod reclaim;

pub use self::park::{Quiesce, QuiescingPark};

// A model has neither statics nor real threads: there the algorithm is checked through `domain`.
pintle_core::not_loom! {
    mod scope;

    #[cfg(feature = "alloc")]
    mod cell;

    pub use self::scope::{Cookie, RcuDomain, RcuGuard, Scope};
    #[doc(hidden)]
    pub use self::scope::join_current;
    #[cfg(feature = "alloc")]
    pub use self::cell::{Changed, RcuCell, Retired};
    #[cfg(feature = "std")]
    pub use self::scope::{Global, global};
    #[cfg(feature = "std")]
    #[doc(hidden)]
    pub use self::scope::thread;
}

// rustfmt does not look into macros, and finds the files of the modules above by these lines.
#[cfg(any())]
mod cell;
#[cfg(any())]
mod scope;
