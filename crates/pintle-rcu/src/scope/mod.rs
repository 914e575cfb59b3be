//! Domains that the compiler tells apart, and whose readers need not be named.
//!
//! A [`Scope`] is a type that stands for one domain, and knows where its current reader is: in this thread, on
//! this core, in this task. [`domain!`](crate::domain!) declares one.

mod cookie;
#[cfg(feature = "std")]
mod fork;
#[cfg(feature = "std")]
mod global;
mod guard;
mod handle;
#[cfg(feature = "std")]
#[doc(hidden)]
pub mod thread;
#[cfg(feature = "std")]
mod thread_id;

pub use self::cookie::Cookie;
#[cfg(feature = "std")]
pub use self::global::{Global, global};
pub use self::guard::RcuGuard;
pub use self::handle::RcuDomain;

use crate::domain::{Barrier, Domain, Slot};

/// A type that stands for one domain, and for the storage of its readers.
///
/// [`domain!`](crate::domain!) implements it for threads and for cores; by hand it is for readers that are kept
/// elsewhere. `examples/kernel_tasks.rs` has them in a kernel's tasks, which may be switched out in a section then.
///
/// # Safety
///
/// - `domain` returns the same domain each time, and no other scope has it.
/// - `slot` returns the slot of the context that calls it. From there on until the context's sections are over and
///   nothing here is being called in it any more, no other context gets the same slot, be it by switching
///   tasks, by an interrupt or on another core. (A kernel with a slot per core keeps tasks from being switched
///   and moved in a section. An interrupt handler needs a scope of its own, or nesting within what it
///   interrupts: it may strike before, after, but also *within* an `enter`.)
/// - No [`Reader`](crate::domain::Reader) can have a slot that `slot` returns: it is one of
///   [`Slot::of_scope`], or has been taken.
/// - `join`, where it is not the provided one, returns what `slot` returns to this context from then on. That slot has
///   joined the domain: by a [`Reader`](crate::domain::Reader) that was leaked.
pub unsafe trait Scope: Sized + 'static {
    /// The barrier of its domain.
    type Barrier: Barrier + Sync + 'static;

    /// The domain.
    fn domain() -> &'static Domain<Self::Barrier>;

    /// The slot of the reader who calls it; or any that has never been in a section, for one that has no slot
    /// yet and gets it by [`join`](Self::join).
    ///
    /// It is called by each `enter`: best a load.
    fn slot() -> &'static Slot;

    /// Gets the caller its slot, and sees to it that the slot has joined the domain.
    ///
    /// Called in the first section of a slot, and in the first after quiescence.
    fn join() -> &'static Slot {
        join_current::<Self>()
    }

    /// The last section has ended of a slot whose owner is gone. For threads.
    ///
    /// # Safety
    ///
    /// The slot is the caller's, in no section, and detached; the caller does not go on with it.
    #[doc(hidden)]
    unsafe fn part(slot: &'static Slot) {
        slot.give_back();
    }
}

/// What [`Scope::join`] does if it is left as it is.
#[doc(hidden)]
#[must_use]
pub fn join_current<S: Scope>() -> &'static Slot {
    let slot = S::slot();
    assert!(slot.is_taken(), "the slot of a scope is made by `of_scope`");
    let joined = S::domain().join(slot);
    assert!(joined, "the slot belongs to another domain");
    slot
}
