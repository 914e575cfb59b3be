//! A thread and its slot.
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
//! So there are as many as there were threads at one time.
//!
//! # Invariants
//!
//! - `SLOT` is this thread's slot, which it has taken, as long as it has one.
//! - A slot in `SLOT` is given back by `AtExit`, or it is detached and given back by the guard of its last
//!   section.

use super::DOMAIN;
use crate::domain::Slot;
use core::cell::Cell;
use pintle_park::barrier;
use std::boxed::Box;

std::thread_local! {
    // Without a destructor, so it can be read for as long as the thread runs any code; that is also what
    // makes reading it one load.
    static SLOT: Cell<Option<&'static Slot>> = const { Cell::new(None) };
    static AT_EXIT: AtExit = const { AtExit };
}

/// Runs when the thread ends.
struct AtExit;

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Some(slot) = SLOT.get() {
            if slot.is_inside() {
                // A guard lives in a thread-local value that is dropped later.
                slot.detach();
            } else {
                give_back(slot);
            }
        }
    }
}

/// This thread's slot; it gets one if it has none.
#[inline]
pub(super) fn slot() -> &'static Slot {
    match SLOT.get() {
        Some(slot) => slot,
        None => register(),
    }
}

#[cold]
fn register() -> &'static Slot {
    // Decided before the first light barrier, so that it is light.
    let _ = barrier::strategy();
    let slot = DOMAIN.take_slot(|| Box::leak(Box::new(Slot::new())));
    SLOT.set(Some(slot));
    if AT_EXIT.try_with(|_| ()).is_err() {
        // The thread's end has come, and `AtExit` is gone: the section about to begin gives it back.
        slot.detach();
    }
    slot
}

/// Ends the thread's time with its slot.
#[cold]
pub(super) fn give_back(slot: &'static Slot) {
    SLOT.set(None);
    slot.give_back();
}

#[inline]
pub(super) fn quiesce() {
    if let Some(slot) = SLOT.get() {
        slot.quiesce();
    }
}

/// Quiesces this thread, so that it costs the writer that it becomes no barrier.
///
/// # Panics
///
/// If this thread is in a section.
#[track_caller]
pub(super) fn become_writer() {
    assert!(
        !is_inside(),
        "synchronize was called within a read section, and would wait for itself"
    );
    quiesce();
}

/// Whether this thread is in a section.
pub(crate) fn is_inside() -> bool {
    SLOT.get().is_some_and(Slot::is_inside)
}
