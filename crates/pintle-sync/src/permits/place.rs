use core::{
    fmt,
    mem::ManuallyDrop,
    pin::Pin,
    task::{Poll, Waker},
};

use super::{Permits, word::Take};
use crate::{
    Closed,
    blocking::ScopedRawMutex,
    trace::event,
    waiters::{Stage, Ticket, Waiter},
};

/// A place in the line for permits, which the future carries that takes them.
///
/// # Invariants
///
/// - It is used with one set of permits only, and its future ends it by [`Permits::cancel`].
/// - So when it is dropped it is not linked and holds no waker: there is nothing to look for then,
///   which on the way of those who need not wait would be a fifth of what they do. (Debug builds look.)
pub(crate) struct Place(ManuallyDrop<Waiter<usize>>);

// === impl Place ===

impl Place {
    /// A place for somebody who needs `need` permits, at most `Word::MAX`.
    ///
    /// # Safety
    ///
    /// It is used with one set of permits only, and they are told by [`Permits::cancel`] before it is
    /// freed.
    #[inline(always)]
    pub(crate) unsafe fn new(need: usize) -> Self {
        // The note says it too, as long as the place is `Idle`: the ticket is looked at anyway.
        Self(ManuallyDrop::new(Waiter::new(need, need)))
    }

    #[inline(always)]
    fn waiter(self: Pin<&mut Self>) -> Pin<&mut Waiter<usize>> {
        // SAFETY: the waiter is pinned with the place: it is not given out otherwise.
        unsafe { self.map_unchecked_mut(|place| &mut *place.0) }
    }
}

impl Drop for Place {
    #[inline(always)]
    fn drop(&mut self) {
        debug_assert_ne!(self.0.stage(), Stage::Waiting, "not cancelled");
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self.0).fmt(f)
    }
}

// === impl Permits ===

impl<Lock: ScopedRawMutex> Permits<Lock> {
    /// Takes what a place needs, if it has not begun to wait and need not. Then the permits are the
    /// caller's.
    ///
    /// `take` is how. A poll begins with this, and if it gives `None` goes on with
    /// [`wait`](Self::wait).
    #[inline(always)]
    pub(crate) fn take_at_once(
        &self,
        place: Pin<&mut Place>,
        take: impl FnOnce(&Self, usize) -> Take,
    ) -> Option<usize> {
        let waiter = place.waiter();
        let ticket = waiter.ticket();
        if !ticket.is_idle() {
            return None;
        }
        let need = ticket.get(Ticket::NOTE);
        if take(self, need) != Take::Taken {
            return None;
        }
        waiter.finish(Stage::Done);
        Some(need)
    }

    /// Waits, or goes on with it. After `Ready(Ok(need))` the permits are the caller's.
    ///
    /// # Panics
    ///
    /// If the permits have been given out before.
    #[inline(never)]
    pub(crate) fn wait(
        &self,
        place: Pin<&mut Place>,
        waker: &Waker,
    ) -> Poll<Result<usize, Closed>> {
        let waiter = place.waiter();
        let ticket = waiter.ticket();
        if ticket.is_idle() {
            self.start(waiter.as_ref(), ticket.get(Ticket::NOTE), waker)
        } else if ticket == Ticket::HANDED {
            Poll::Ready(Ok(finish(waiter)))
        } else {
            self.wait_on(waiter, waker)
        }
    }

    /// The first poll, where there are too few permits.
    #[inline(always)]
    fn start(
        &self,
        waiter: Pin<&Waiter<usize>>,
        need: usize,
        waker: &Waker,
    ) -> Poll<Result<usize, Closed>> {
        // Cloned here, and dropped at the end of this function if it is not needed: not under the
        // lock.
        let mut mine = Some(waker.clone());
        let take = self.line.with_lock(|line| {
            let take = self.word.take_or_wait(need);
            if take == Take::Short {
                // SAFETY: the waiter is `Idle`, and its owner's, who calls `cancel` before freeing
                // it and otherwise touches it by these functions only (invariants of `Place`).
                unsafe { line.push_back(waiter, &mut mine) };
            }
            take
        });
        match take {
            Take::Short => {
                event!(self, "wait", need = need);
                Poll::Pending
            }
            Take::Taken => {
                // Should the drop panic, the next poll finds the permits, or `cancel` does.
                waiter.finish(Stage::Handed);
                drop(mine.take());
                waiter.finish(Stage::Done);
                Poll::Ready(Ok(need))
            }
            Take::Closed => {
                waiter.finish(Stage::Closed);
                Poll::Ready(Err(Closed))
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn wait_on(
        &self,
        waiter: Pin<&mut Waiter<usize>>,
        waker: &Waker,
    ) -> Poll<Result<usize, Closed>> {
        if waiter.ticket() == Ticket::WAITING {
            // SAFETY: the place is used with these permits only, whose lock this is.
            if unsafe { waiter.as_ref().offer(&self.line, waker) } {
                return Poll::Pending;
            }
        }
        match waiter.ticket().stage() {
            Stage::Handed => Poll::Ready(Ok(finish(waiter))),
            Stage::Closed => Poll::Ready(Err(Closed)),
            // It has completed: it is fused.
            Stage::Idle | Stage::Waiting | Stage::Done => Poll::Pending,
        }
    }

    /// Leaves the line, and gives back permits that nobody has been told of: the future that
    /// carries the place is dropped.
    #[inline(always)]
    pub(crate) fn cancel(&self, place: Pin<&mut Place>) {
        let mut waiter = place.waiter();
        let ticket = waiter.ticket();
        if ticket == Ticket::WAITING || ticket == Ticket::HANDED {
            self.leave(waiter.as_mut());
        }
        waiter.retire();
    }

    #[cold]
    #[inline(never)]
    fn leave(&self, waiter: Pin<&mut Waiter<usize>>) {
        let mut waker = None;
        let linked = Linked(waiter.as_ref());
        let served = self.settle(|line, batch| {
            let waiter = linked.0;
            if waiter.stage() != Stage::Waiting {
                return false;
            }
            // SAFETY: the waiter is `Waiting`, with these permits, hence in this line.
            waker = unsafe { line.remove(waiter, Stage::Done) };
            // Who waits behind it may need less.
            self.serve(self.word.exclusive(), line, batch)
        });
        drop(linked);
        // Before it was looked at, or since.
        if waiter.ticket() == Ticket::HANDED {
            self.give(finish(waiter));
        }
        // It has left, and woken whom it kept, whatever happens to who subscribes.
        event!(self, "leave");
        if served {
            event!(self, "wake");
        }
        // Dropped here, not under the lock.
        drop(waker);
    }
}

/// Ends the process if a place is still in the line when its future leaves it, as the lock has panicked: a
/// place is freed without a look. (A lock may, says its trait.)
struct Linked<'a>(Pin<&'a Waiter<usize>>);

impl Drop for Linked<'_> {
    #[inline]
    fn drop(&mut self) {
        // A panic while another one unwinds aborts.
        assert_ne!(self.0.ticket().stage(), Stage::Waiting, "a lock panicked");
    }
}

/// Takes over the permits that a waiter was handed, and says how many these are.
#[inline(always)]
fn finish(waiter: Pin<&mut Waiter<usize>>) -> usize {
    waiter.finish(Stage::Done);
    match waiter.with_data(|need| *need) {
        Some(need) => need,
        None => unreachable!("it does not wait"),
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use core::{mem::MaybeUninit, ptr};

    use super::*;
    use crate::spin::Spinlock;

    /// The line would go on pointing to it.
    #[test]
    #[should_panic = "not cancelled"]
    fn a_place_that_waits_is_not_dropped() {
        // Freed after the permits, so what is tried here is harmless.
        let mut memory = MaybeUninit::uninit();
        let permits = Permits::new(0, Spinlock::new());
        // SAFETY: it is used with these permits only; that they are not told is what is tried.
        let place = memory.write(unsafe { Place::new(1) });
        let gone = &raw mut *place;
        // SAFETY: it stays where it is.
        let place = unsafe { Pin::new_unchecked(place) };
        assert!(permits.wait(place, Waker::noop()).is_pending());
        // SAFETY: it is not used any more.
        unsafe { ptr::drop_in_place(gone) };
    }
}
