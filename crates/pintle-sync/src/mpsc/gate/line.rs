//! Standing in line at the gate.

use core::{
    pin::Pin,
    task::{Poll, Waker},
};

use super::{Arrival, Gate, Waiting};
use crate::{
    Closed,
    blocking::ScopedRawMutex,
    waiters::{Stage, Waiter, Waiters},
};

/// What a waiter waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(in crate::mpsc) enum For {
    /// A permit, which is its owner's if the wait ends well.
    Permit,
    /// The closing: the wait never ends well.
    Closing,
}

// === impl Gate ===

impl<Lock: ScopedRawMutex> Gate<Lock> {
    /// Goes on with a wait.
    ///
    /// # Safety
    ///
    /// The waiter is this gate's, for `what`, and the caller its owner, who calls
    /// [`cancel`](Self::cancel) before it is freed.
    pub(in crate::mpsc) unsafe fn poll(
        &self,
        waiter: Pin<&Waiter>,
        what: For,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        loop {
            match waiter.ticket().stage() {
                // SAFETY: the waiter is `Idle`; the rest is the caller's promise.
                Stage::Idle => return unsafe { self.start(waiter, what, waker) },
                Stage::Waiting => {
                    // SAFETY: the waiter is in a line that this lock guards.
                    if unsafe { waiter.offer(&self.waiting, waker) } {
                        return Poll::Pending;
                    }
                }
                Stage::Handed => {
                    waiter.finish(Stage::Done);
                    return Poll::Ready(Ok(()));
                }
                Stage::Done | Stage::Closed => return Poll::Ready(Err(Closed)),
            }
        }
    }

    /// The first poll.
    ///
    /// # Safety
    ///
    /// As for [`poll`](Self::poll), and the waiter is `Idle`.
    unsafe fn start(
        &self,
        waiter: Pin<&Waiter>,
        what: For,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        // Cloned here, and dropped at the end of this function if it is not needed: not under the
        // lock.
        let mut mine = Some(waker.clone());
        let arrival = self.waiting.with_lock(|waiting| {
            let arrival = match what {
                For::Permit => self.word.arrive(),
                For::Closing if self.word.is_closed() => Arrival::Closed,
                For::Closing => Arrival::Wait,
            };
            if arrival == Arrival::Wait {
                let line = waiting.line(what);
                // SAFETY: the waiter is `Idle` and its owner's, who cancels it before it is freed.
                unsafe { line.push_back(waiter, &mut mine) };
            }
            arrival
        });
        match arrival {
            Arrival::Wait => Poll::Pending,
            Arrival::Permit => {
                // Dropping the clone may panic: the permit then goes back with the future.
                waiter.finish(Stage::Handed);
                drop(mine);
                waiter.finish(Stage::Done);
                Poll::Ready(Ok(()))
            }
            Arrival::Closed => {
                waiter.finish(Stage::Closed);
                Poll::Ready(Err(Closed))
            }
        }
    }

    /// Leaves the line, as the future is dropped. Says whether the waiter had been handed a permit,
    /// which is the caller's to release.
    ///
    /// # Safety
    ///
    /// As for [`poll`](Self::poll).
    #[cold]
    #[inline(never)]
    #[must_use]
    pub(in crate::mpsc) unsafe fn cancel(&self, waiter: Pin<&Waiter>, what: For) -> bool {
        let mut stage = waiter.ticket().stage();
        if stage == Stage::Waiting {
            let mut waker = None;
            stage = self.waiting.with_lock(|waiting| {
                let stage = waiter.stage();
                if stage == Stage::Waiting {
                    let line = waiting.line(what);
                    // SAFETY: the waiter is `Waiting`, in the line for what it waits for.
                    waker = unsafe { line.remove(waiter, Stage::Done) };
                    if what == For::Permit && line.is_empty() {
                        self.word.end_waiting();
                    }
                }
                stage
            });
            // Dropped here, not under the lock.
            drop(waker);
        }
        waiter.retire();
        // It may have been handed one since it was looked at first.
        stage == Stage::Handed
    }
}

// === impl Waiting ===

impl Waiting {
    fn line(&mut self, what: For) -> &mut Waiters {
        match what {
            For::Permit => &mut self.permit,
            For::Closing => &mut self.closing,
        }
    }
}
