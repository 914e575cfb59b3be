//! Scopes whose readers are threads.
//!
//! # The life of a thread's slot
//!
//! ```text
//!   none ── first section ──▶ registered ── the thread ends ───────────────▶ given back
//!    │                            └──────── …while in a section ──▶ detached ──▶ given back
//!    └── first section after the thread's end has come ───────────▶ detached      as the section ends
//! ```
//!
//! A slot is on the heap and is never freed, since writers may be looking at it; the next thread takes it.
//! So there are as many as there were threads at one time, and the rest of a block.
//!
//! A fork leaves the child its own slot, and gives back those of the threads that it does not have (`scope::fork`).
//!
//! # Invariants
//!
//! - A thread's pointer is to [`NOBODY`] as long as it has no slot, and else to its slot, which it has taken.
//! - A slot that is pointed to is given back by [`Exit`], or it is detached and given back by the guard of its
//!   last section.

use super::{Scope, fork, thread_id};
use crate::domain::Slot;
use core::{marker::PhantomData, ptr, sync::atomic::AtomicBool};
use std::boxed::Box;

// For the macro: whoever uses it may not know `std`.
pub use std::thread_local;

/// So many slots are allocated at once, as a grace period that has to look at all is faster if they are neighbours.
const BLOCK: usize = 16;

/// The slot of threads that have none. Nobody writes to it; as it is quiescent, `enter` takes the slow way.
pub static NOBODY: Slot = Slot::of_scope();

/// A scope with a pointer in each thread.
///
/// # Safety
///
/// The pointer is the thread's own, `NOBODY` at first, and only [`join`] and [`part`] set it.
pub unsafe trait Threads: Scope {
    /// The pointer.
    fn get() -> *const Slot;
    /// Sets it.
    ///
    /// # Safety
    ///
    /// It is set to [`NOBODY`], or to a slot that this thread has taken. The slot that it pointed to is in no section, and
    /// is given back next if the thread has taken it.
    unsafe fn set(slot: *const Slot);
    /// Whether forks are handled for this scope.
    fn forks_are_watched() -> &'static AtomicBool;
    /// Sees to it that an [`Exit`] of the thread's is dropped when the thread ends; false if it is too late.
    fn arm() -> bool;
}

/// Runs when the thread ends.
#[derive(Debug)]
pub struct Exit<S: Threads>(PhantomData<S>);

// === impl Exit ===

impl<S: Threads> Exit<S> {
    /// # Safety
    ///
    /// It is dropped by the end of its thread and not before, nor by code that the end of a section calls: such as a
    /// waker, which would give back a slot that the section is just about to give back itself.
    #[must_use]
    pub const unsafe fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S: Threads> Drop for Exit<S> {
    fn drop(&mut self) {
        let slot = S::slot();
        if ptr::eq(slot, &NOBODY) {
            return;
        }
        if slot.is_inside() {
            // A guard lives in a thread-local value that is dropped later.
            slot.detach();
        } else {
            // SAFETY: the slot is this thread's, and it is in no section.
            unsafe { part::<S>(slot) };
        }
    }
}

/// This thread's slot; it gets one if it has none.
#[must_use]
pub fn join<S: Threads>() -> &'static Slot {
    let slot = S::slot();
    if !ptr::eq(slot, &NOBODY) {
        return slot;
    }
    fork::watch::<S>();
    let slot = S::domain().take_slot(|| Box::leak(Box::new([const { Slot::new() }; BLOCK])));
    slot.set_label(thread_id::current());
    // SAFETY: it was `NOBODY`, and `take_slot` has taken the slot for us.
    unsafe { S::set(slot) };
    if !S::arm() {
        // The thread's end has come, and `Exit` is gone: the section about to begin gives it back.
        slot.detach();
    }
    slot
}

/// Ends the thread's time with its slot.
///
/// # Safety
///
/// The slot is this thread's, and in no section.
pub unsafe fn part<S: Threads>(slot: &'static Slot) {
    // SAFETY: it pointed to `slot`, which is in no section and given back by the next line.
    unsafe { S::set(&raw const NOBODY) };
    slot.give_back();
}
