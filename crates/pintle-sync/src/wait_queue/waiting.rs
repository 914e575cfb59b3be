//! What a waiter's future does to the queue: waiting, and leaving.

use core::{
    pin::Pin,
    task::{Poll, Waker},
};

use super::{
    WaitQueue,
    state::{Arrival, Word},
};
use crate::{
    Closed,
    blocking::ScopedRawMutex,
    trace::event,
    waiters::{Stage, Ticket, Waiter},
};

/// A waiter that is not queued yet. `word` is its queue's, now.
///
/// Every function below takes a waiter of *this* queue: one that was created from its word, and is used
/// with no other. That, and that its future calls [`cancel`](WaitQueue::cancel) before it is freed, is what the
/// two futures promise by keeping it private.
#[inline]
pub(super) fn waiter(word: Word) -> Waiter {
    Waiter::new(word.generation(), ())
}

// === impl WaitQueue ===

impl<Lock: ScopedRawMutex> WaitQueue<Lock> {
    /// Goes on with a wait. Without a waker the waiter is queued all the same.
    #[inline]
    pub(super) fn poll(
        &self,
        waiter: Pin<&Waiter>,
        waker: Option<&Waker>,
    ) -> Poll<Result<(), Closed>> {
        let ticket = waiter.ticket();
        // The two polls of a wait that nothing disturbs; all else is kept out of their way.
        if ticket.is_idle() {
            self.start(waiter, ticket, waker)
        } else if ticket == Ticket::HANDED {
            finish(waiter, Stage::Done)
        } else {
            self.poll_again(waiter, ticket, waker)
        }
    }

    #[cold]
    #[inline(never)]
    fn poll_again(
        &self,
        waiter: Pin<&Waiter>,
        ticket: Ticket,
        waker: Option<&Waker>,
    ) -> Poll<Result<(), Closed>> {
        match ticket.stage() {
            Stage::Idle => self.start(waiter, ticket, waker),
            Stage::Waiting => match waker {
                // SAFETY: the waiter is this queue's, so this is its lock.
                Some(waker) if !unsafe { waiter.offer(&self.waiters, waker) } => {
                    self.poll(waiter, None)
                }
                _ => Poll::Pending,
            },
            Stage::Handed => finish(waiter, Stage::Done),
            Stage::Done => Poll::Ready(Ok(())),
            Stage::Closed => Poll::Ready(Err(Closed)),
        }
    }

    /// The first poll.
    #[inline(never)]
    fn start(
        &self,
        waiter: Pin<&Waiter>,
        ticket: Ticket,
        waker: Option<&Waker>,
    ) -> Poll<Result<(), Closed>> {
        match self.word.arrive(ticket) {
            Arrival::Wait => {}
            ended => return end(waiter, ended),
        }
        // Cloned here, and dropped in `end` if it is not needed: not under the lock.
        // SAFETY: the waiter is `Idle`, and the future that is being polled owns it.
        unsafe { waiter.prepare(waker.cloned()) };
        let arrival = self.waiters.with_lock(|waiters| {
            let arrival = self.word.arrive_locked(ticket, waiters.is_empty());
            if arrival == Arrival::Wait {
                // SAFETY: the waiter is `Idle`. Its owner is the future that is being polled, which
                // cancels it before it is freed; and it is this queue's, whose lock is held.
                unsafe { waiters.push_prepared(waiter) };
            }
            arrival
        });
        match arrival {
            Arrival::Wait => {
                event!(self, "wait");
                Poll::Pending
            }
            ended => end(waiter, ended),
        }
    }

    /// Leaves the queue, and hands on a wake-up that has not been looked at: the future is dropped.
    #[inline]
    pub(super) fn cancel(&self, waiter: Pin<&Waiter>) {
        let ticket = waiter.ticket();
        if ticket == Ticket::WAITING {
            self.leave(waiter);
        } else if ticket == Ticket::HANDED {
            self.hand_on(waiter);
        }
        waiter.retire();
    }

    #[cold]
    #[inline(never)]
    fn hand_on(&self, waiter: Pin<&Waiter>) {
        waiter.finish(Stage::Done);
        self.wake();
    }

    #[inline(never)]
    fn leave(&self, waiter: Pin<&Waiter>) {
        let mut waker = None;
        let stage = self.waiters.with_lock(|waiters| {
            let stage = waiter.stage();
            if stage == Stage::Waiting {
                // SAFETY: the waiter is `Waiting`: in this queue's ring, or drained out of it.
                waker = unsafe { waiters.remove(waiter, Stage::Done) };
                if waiters.is_empty() && self.word.is_waiting() {
                    self.word.end_waiting();
                }
            }
            stage
        });
        // Woken since it was looked at first.
        if stage == Stage::Handed {
            self.hand_on(waiter);
        }
        // Dropped here, not under the lock.
        drop(waker);
        event!(self, "leave");
    }
}

/// The first poll, where the waiter need not be queued.
#[cold]
fn end(waiter: Pin<&Waiter>, ended: Arrival) -> Poll<Result<(), Closed>> {
    // SAFETY: the waiter is `Idle`, and the future that is being polled owns it.
    let unneeded = unsafe { waiter.unprepare() };
    let result = finish(
        waiter,
        match ended {
            Arrival::Closed => Stage::Closed,
            Arrival::Woken | Arrival::Wait => Stage::Done,
        },
    );
    // Last, since it may panic.
    drop(unneeded);
    result
}

/// Moves on a waiter that is its owner's, and says what that means.
#[inline]
fn finish(waiter: Pin<&Waiter>, stage: Stage) -> Poll<Result<(), Closed>> {
    waiter.finish(stage);
    Poll::Ready(match stage {
        Stage::Closed => Err(Closed),
        _ => Ok(()),
    })
}
