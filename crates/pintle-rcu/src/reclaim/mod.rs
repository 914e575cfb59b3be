//! What is dropped after a grace period, by others: [`Reclaimer`].
//!
//! A writer that waits for its readers itself pays a grace period for each object. One that defers pays two
//! atomic operations, and whoever takes the reclaimer's *turns* pays one grace period for all that has come
//! meanwhile.
//!
//! ```text
//!   defer ─┐                 take                      grace period over
//!   defer ─┼─▶ arrivals ──────────────▶ batch, in order ──────────────────▶ callbacks, in order
//!   defer ─┘   (lock-free)              (of one turn at a time)
//! ```
//!
//! What is deferred is an object with an [`RcuHead`] in it, so nothing is allocated ([`Reclaimer::defer`]); a
//! value that was taken out of an `RcuCell`, which has a place for the head
//! (`Retired::defer`); or any value or function, in a box (`Reclaimer::defer_drop`, `Reclaimer::defer_fn`). Both
//! need a heap: feature `alloc`.
//!
//! # Who reclaims
//!
//! Nobody does by itself, and never a reader as it leaves its section. The application chooses:
//!
//! - **a thread**: `Reclaimer::spawn_thread` (feature `std`);
//! - **a task**: [`Reclaimer::drive`], on whatever executor; it sleeps until something is deferred, and is
//!   woken by the last reader that a grace period waits for;
//! - **the caller**: [`Reclaimer::turn`] now and then, which does not wait, or [`Reclaimer::drain`], which does.
//!
//! They may be mixed: turns are taken one at a time.
//!
//! # The backlog
//!
//! It grows as long as a reader stays in a section, or nobody reclaims. [`Reclaimer::bounded`] gives it an
//! end: then deferring gives back what it was given, in [`Full`]. The caller may wait for
//! [room](Reclaimer::room), as a task or as a thread, or reclaim itself. [`Reclaimer::barrier`] waits until
//! all that has been deferred so far is reclaimed: before what callbacks need goes away.
//!
//! # In a callback
//!
//! (Which is the `Drop` of what was deferred, or the function.) It is called outside of sections, unless the
//! thread that takes the turn is in one that began after the grace period. No lock is held.
//!
//! - It may **defer** again: that is for a later turn. Its own place in the backlog is free when it has returned.
//! - It may **synchronize**, which keeps those behind it waiting.
//! - It may take a turn: that finds the reclaimer [busy](Turn::Busy). It must not wait for it, by `drain`,
//!   `barrier` or `room`, nor stop its thread: with `std` the blocking ones panic, all else would wait for ever.
//! - A **panic** leaves the turn, counts as a return, and leaves the rest to the next turn. The thread of
//!   `spawn_thread` catches it, after the panic hook has reported it, and goes on.
//!
//! # What is dropped when
//!
//! - A [`Drive`], or the thread: what is deferred stays, for the next who takes a turn.
//! - A [`Reclaimer`] waits for a grace period and reclaims all, also after a callback of it has panicked (if a
//!   second one does, the process aborts). In a section, where it cannot wait, it leaks it.
//! - A domain: never; it is `'static`.
//!
//! # In the child of a fork
//!
//! The driver's thread is not there, and whoever took a turn may have stopped in the middle of it, so a `Reclaimer`
//! of the parent must not be used: what is deferred to it is never dropped. A child that defers has one of its own.
//!
//! # Why it is sound
//!
//! Whoever defers has unlinked before. It pushes by a `Release`, which the turn that takes acquires, before it
//! asks for the [cookie](crate::domain::Cookie) of the batch. So the unlinking happens before the grace period
//! that the callbacks wait for: what the proof in [`domain`](mod@crate::domain) asks of a writer.
//!
//! A barrier counts. Objects are counted *before* they are pushed and again *after* their callback, and
//! callbacks come in the order of the pushes. Let the barrier find that `n` have been counted. As soon as `n`
//! callbacks are over, all that were pushed by then are: either the `n` are just those that were counted, or one
//! is among them that was pushed later, and so came after all of those.
//!
//! No wake-up of the driver is lost: its cell keeps one that comes while it looks. If it finds a turn taken,
//! it has said so by the swap that it tried, and who takes the turn looks at the arrivals after a swap of its
//! own: whatever woke the driver is seen there, and wakes it again.
//!
//! loom checks each of these (`tests/loom/reclaim.rs`).

mod as_domain;
mod batch;
#[cfg(feature = "alloc")]
mod boxed;
mod callback;
mod counts;
mod drive;
mod full;
mod head;
mod reclaimer;
mod turn;
mod turning;

#[cfg(feature = "std")]
pintle_core::not_loom! {
    mod blocking;
    mod thread;

    pub use self::thread::ReclaimerThread;
}

#[cfg(any())]
mod blocking;
#[cfg(any())]
mod thread;

#[cfg(feature = "alloc")]
pintle_core::not_loom! {
    pub(crate) use self::boxed::Boxed;
}

pub use self::{
    as_domain::AsDomain,
    drive::{Drive, DriverTaken},
    full::Full,
    head::RcuHead,
    reclaimer::Reclaimer,
    turn::Turn,
};
