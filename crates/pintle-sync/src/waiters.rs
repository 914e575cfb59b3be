//! What every primitive with more than one waiter is built on: [`Waiters`], a line of tasks behind
//! the primitive's own lock, and [`Waiter`], a task's place in it, which its future carries.
//!
//! The primitive decides *who* is woken and *what* that means; the line knows how a place is taken,
//! left and lost, and who may touch what meanwhile. So that argument is made once, here.
//!
//! # States of a waiter
//!
//! ```text
//!              push_back †            pop_front † to Handed
//!    ┌──────┐ ───────────► ┌─────────┐ ───────────────────► ┌────────┐  finish  ┌──────┐
//!    │ Idle │              │ Waiting │                      │ Handed │ ───────► │ Done │
//!    └──────┘              └─────────┘                      └────────┘          └──────┘
//!        │                      │    pop_front †, remove † to Done                  ▲
//!        │                      ├───────────────────────────────────────────────────┤
//!        │ finish               │    pop_front † to Closed        ┌────────┐        │
//!        ├──────────────────────┴───────────────────────────────► │ Closed │        │
//!        │                                                        └────────┘        │
//!        └──────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! († under the lock.) `Handed` says that the waiter was given what only one can have: if its future is
//! dropped before it looked, the primitive must hand that on. `Done` and `Closed` owe nothing.
//!
//! # Invariants
//!
//! 1. A waiter is linked if and only if it is `Waiting`, in one [`Waiters`], which a lock guards.
//! 2. While it is `Waiting`, its links, waker and data are the lock's: touched by its holder alone.
//!    Else they are its owner's, the future that carries it.
//! 3. Who moves a waiter out of `Waiting` unlinks it and takes its waker *before* that, and does
//!    not touch it after: its owner may free it at once.
//! 4. A waiter holds no waker unless it is `Waiting`, or `Idle` and about to be queued.
//! 5. No waker is called, cloned or dropped under the lock. What takes one out returns it.
//!
//! # How a primitive uses it
//!
//! ```text
//!   state word ── what can be decided without the lock
//!   Mutex<Waiters<T>, Lock>, or Mutex<S, Lock> with a Waiters<T> in S
//!
//!   poll:    match waiter.ticket().stage() {
//!              Idle    → take what is there without the lock, if it can be had; else clone the
//!                        waker, and in ONE section under the lock look again and push_back
//!              Waiting → offer(lock, waker): Pending, or look again if it says so
//!              Handed  → finish(Done): Ready
//!              Done, Closed → the same result again (fused)
//!            }
//!   wake:    under the lock pop_front(Handed); call the waker that it returns after it. Several:
//!            a util::WakeBatch, filled under the lock and woken outside, as long as there are more
//!   wake everybody that waits NOW: Drain::run
//!   close:   a closed primitive gets no new waiters, so a WakeBatch in a loop will do; or Drain::run
//!   drop:    match waiter.ticket().stage() {
//!              Waiting → under the lock, if it is Waiting still: remove, and give back what its data
//!                        says it has; if it has become Handed meanwhile: as Handed
//!              Handed  → hand on
//!            }, then waiter.retire()
//! ```
//!
//! `T` is what the primitive keeps per waiter (how many permits it still needs, a key and a value);
//! [`with_front`](Waiters::with_front) and [`pop_where`](Waiters::pop_where) reach it under the lock,
//! [`Waiter::with_data`] outside it. For a number that matters only before the waiter is queued, such as
//! a generation, there is the note in the [`Ticket`].

mod drain;
mod ticket;
mod waiter;

use core::{pin::Pin, ptr, ptr::NonNull, task::Waker};

use pintle_intrusive::Ring;

pub(crate) use self::{
    drain::Drain,
    ticket::{Stage, Ticket},
    waiter::Waiter,
};

/// A line of tasks that wait, first in, first out. One word; it is kept behind a lock.
///
/// # Invariants
///
/// Those of the [module](self). So whoever has `&mut Waiters` holds the lock that guards it, or owns it
/// alone, and may touch each waiter in it.
pub(crate) struct Waiters<T = ()> {
    ring: Ring<Waiter<T>>,
}

// === impl Waiters ===

impl<T> Waiters<T> {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self { ring: Ring::new() }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// `Idle` to `Waiting`: the waiter is the last now. Takes the waker out of `waker`.
    ///
    /// # Safety
    ///
    /// The waiter is `Idle` and the caller its owner, who before freeing it sees it in another stage
    /// than `Waiting`, or [`remove`](Self::remove)s it. Until then it is touched only as the
    /// [module's](self) invariant 2 allows, under the lock that guards `self`.
    #[inline(always)]
    pub(crate) unsafe fn push_back(&mut self, waiter: Pin<&Waiter<T>>, waker: &mut Option<Waker>) {
        // SAFETY: the waiter is `Idle` and the caller's.
        unsafe { waiter.prepare(waker.take()) };
        // SAFETY: the caller's promise is the same.
        unsafe { self.push_prepared(waiter) };
    }

    /// As [`push_back`](Self::push_back), of a waiter into which the owner has put the waker before it took
    /// the lock, by [`Waiter::prepare`]. A few instructions less.
    ///
    /// # Safety
    ///
    /// As for [`push_back`](Self::push_back).
    #[inline(always)]
    pub(crate) unsafe fn push_prepared(&mut self, waiter: Pin<&Waiter<T>>) {
        waiter.begin();
        self.ring.push_back(waiter.as_ptr());
    }

    /// Moves the first from `Waiting` to `stage`, and returns the waker that is to be called.
    ///
    /// `Some(None)` is a waiter that was queued without a waker.
    #[inline(always)]
    pub(crate) fn pop_front(&mut self, stage: Stage) -> Option<Option<Waker>> {
        let first = self.ring.pop_front()?;
        // SAFETY: the waiter has just left the ring, so it was `Waiting` (invariant 1), and the lock
        // is held.
        Some(unsafe { Waiter::end(first, stage) })
    }

    /// Moves a waiter from `Waiting` to `stage` out of its turn, and returns its waker.
    ///
    /// # Safety
    ///
    /// The waiter is `Waiting`, in these waiters or in those that a [`Drain`] has taken out of them.
    #[inline(always)]
    pub(crate) unsafe fn remove(&mut self, waiter: Pin<&Waiter<T>>, stage: Stage) -> Option<Waker> {
        // SAFETY: the caller's promise is the same.
        unsafe { self.take_out(waiter.as_ptr(), stage) }
    }

    /// As [`remove`](Self::remove), by whoever holds the lock: by pointer, as a waiter that is another's may be
    /// gone before this returns.
    ///
    /// # Safety
    ///
    /// As for [`remove`](Self::remove).
    #[inline(always)]
    unsafe fn take_out(&mut self, node: NonNull<Waiter<T>>, stage: Stage) -> Option<Waker> {
        if self
            .ring
            .back()
            .is_some_and(|last| ptr::eq(&*last, node.as_ptr()))
        {
            self.ring.pop_back();
        } else {
            // SAFETY: the waiter is linked (invariant 1). It is not the last of this ring, by the
            // comparison, nor of one that is being drained, whose last is the guard. The lock that
            // is held makes access to both rings exclusive.
            unsafe { Ring::unlink(node) };
        }
        // SAFETY: the waiter was `Waiting`, has just been unlinked, and the lock is held.
        unsafe { Waiter::end(node, stage) }
    }

    /// Leaves an empty line in this one's place. For [`Drain::run`].
    pub(crate) fn take_all(&mut self) -> Self {
        Self {
            ring: self.ring.take_all(),
        }
    }

    /// Moves all of `other`, whose lock is the same, to the back. O(1).
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(crate) fn append(&mut self, other: &mut Self) {
        self.ring.splice(&mut other.ring);
    }

    /// Runs `f` on the first one's data.
    #[inline(always)]
    pub(crate) fn with_front<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        let first = self.ring.front()?;
        // SAFETY: the waiter is in this ring, whose lock is held.
        Some(unsafe { first.with_locked_data(f) })
    }

    /// Whether `is_it` says so of anybody's data. O(n).
    pub(crate) fn any(&mut self, mut is_it: impl FnMut(&mut T) -> bool) -> bool {
        self.ring
            .iter()
            // SAFETY: the waiter is in this ring, whose lock is held.
            .any(|waiter| unsafe { waiter.with_locked_data(&mut is_it) })
    }

    /// Moves the first whose data `choose` likes from `Waiting` to `stage`, and returns its waker.
    ///
    /// If `choose` panics nothing has changed but what it has done itself. O(n).
    pub(crate) fn pop_where(
        &mut self,
        stage: Stage,
        mut choose: impl FnMut(&mut T) -> bool,
    ) -> Option<Option<Waker>> {
        let chosen = self
            .ring
            .iter()
            // SAFETY: the waiter is in this ring, whose lock is held.
            .find(|waiter| unsafe { waiter.with_locked_data(&mut choose) })
            .map(NonNull::from)?;
        // SAFETY: it is in this ring, hence `Waiting`.
        Some(unsafe { self.take_out(chosen, stage) })
    }
}
