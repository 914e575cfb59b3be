use core::{fmt, marker::PhantomPinned, mem, pin::Pin, ptr, ptr::NonNull, task::Poll, task::Waker};

use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{self, Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
};
use pintle_intrusive::{Linked, Ring, linked, list};

use super::{
    WaitQueue,
    state::{Arrival, Stage, Ticket, Word},
};
use crate::{Closed, blocking::ScopedRawMutex, util::same_task};

/// A place in a queue: the node that every waiting future carries.
///
/// # Invariants
///
/// Those of the [module](super), of which number 3 and 4 are about waiters, and:
///
/// - A waiter is used with one queue only, the one whose word it was created from.
/// - While it is not `Waiting` only its owner touches it. While it is, its `waker` and `links` are
///   touched only under the queue's lock. So the waker is `None` unless it is `Waiting`.
/// - It is `!Unpin`, and only ever reached through shared references and raw pointers: a
///   neighbour's pointer to it stays valid while its owner has a `Pin<&mut>` to the future round it.
pub(super) struct Waiter {
    links: list::Links<Waiter>,
    /// A [`Ticket`].
    ticket: AtomicUsize,
    waker: UnsafeCell<Option<Waker>>,
    _pinned: PhantomPinned,
}

/// What came of offering a waker to a waiter that waits.
enum Offer {
    /// The waiter holds a waker of this task now.
    Taken,
    /// It holds another task's waker, or none, and there was no clone to exchange it for.
    NeedsClone,
    /// It has been woken, or the queue closed.
    Over,
}

// === impl Waiter ===

impl Waiter {
    /// A waiter that is not queued yet. `word` is its queue's, now.
    #[inline]
    pub(super) fn new(word: Word) -> Self {
        Self {
            links: list::Links::new(),
            ticket: AtomicUsize::new(Ticket::idle(word).bits()),
            waker: UnsafeCell::new(None),
            _pinned: PhantomPinned,
        }
    }

    pub(super) fn stage(&self) -> Stage {
        self.load(Relaxed).get(Ticket::STAGE)
    }

    /// Goes on with the wait. Without a waker the waiter is queued all the same.
    #[inline]
    pub(super) fn poll<Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        queue: &WaitQueue<Lock>,
        waker: Option<&Waker>,
    ) -> Poll<Result<(), Closed>> {
        // Acquire pairs with the release in `notify`: who wakes is done with this waiter, and what
        // it did before is visible to the woken task.
        let ticket = self.load(Acquire);
        // The two polls of a wait that nothing disturbs; all else is kept out of their way.
        if ticket.is_idle() {
            self.start(queue, ticket, waker)
        } else if ticket == Ticket::HANDED {
            self.finish(Stage::Done)
        } else {
            self.poll_again(queue, ticket, waker)
        }
    }

    #[cold]
    #[inline(never)]
    fn poll_again<Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        queue: &WaitQueue<Lock>,
        ticket: Ticket,
        waker: Option<&Waker>,
    ) -> Poll<Result<(), Closed>> {
        match ticket.get(Ticket::STAGE) {
            Stage::Idle => self.start(queue, ticket, waker),
            Stage::Waiting => match waker {
                Some(waker) => self.offer(queue, waker),
                None => Poll::Pending,
            },
            Stage::Handed => self.finish(Stage::Done),
            Stage::Done => Poll::Ready(Ok(())),
            Stage::Closed => Poll::Ready(Err(Closed)),
        }
    }

    /// The first poll.
    #[inline(never)]
    fn start<Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        queue: &WaitQueue<Lock>,
        ticket: Ticket,
        waker: Option<&Waker>,
    ) -> Poll<Result<(), Closed>> {
        match queue.word.arrive(ticket) {
            Arrival::Wait => {}
            ended => return self.end(ended),
        }
        // Cloned here, and dropped at the end of this function if it is not needed: not under the
        // lock (invariant 5).
        let mut mine = waker.cloned();
        let arrival = queue.ring.with_lock(|ring| {
            let arrival = queue.word.arrive_locked(ticket);
            if arrival == Arrival::Wait {
                self.waker.with_mut(|waker| {
                    // SAFETY: the waiter is `Idle`, hence its owner's. It holds no waker, so none is
                    // overwritten.
                    unsafe { waker.write(mine.take()) }
                });
                self.store(Stage::Waiting, Relaxed);
                ring.push_back(self.as_ptr());
            }
            arrival
        });
        match arrival {
            Arrival::Wait => Poll::Pending,
            ended => self.end(ended),
        }
    }

    /// The first poll, where the waiter need not be queued.
    #[cold]
    fn end(&self, ended: Arrival) -> Poll<Result<(), Closed>> {
        self.finish(match ended {
            Arrival::Closed => Stage::Closed,
            Arrival::Woken | Arrival::Wait => Stage::Done,
        })
    }

    /// A later poll: sees to it that it is this waker that is called.
    #[cold]
    #[inline(never)]
    fn offer<Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        queue: &WaitQueue<Lock>,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        // First a clone to put in, then the waker that was taken out: both are dropped at the end
        // of this function, not under the lock (invariant 5).
        let mut spare: Option<Waker> = None;
        loop {
            let offer = queue.ring.with_lock(|_| {
                if self.stage() != Stage::Waiting {
                    return Offer::Over;
                }
                self.waker.with_mut(|current| {
                    // SAFETY: the waiter is `Waiting`, so its waker is the lock's, which is held.
                    let current = unsafe { &mut *current };
                    // Comparing runs nobody's code.
                    if current.as_ref().is_some_and(|it| same_task(it, waker)) {
                        Offer::Taken
                    } else if spare.is_some() {
                        mem::swap(current, &mut spare);
                        Offer::Taken
                    } else {
                        Offer::NeedsClone
                    }
                })
            });
            match offer {
                Offer::Taken => return Poll::Pending,
                Offer::NeedsClone => spare = Some(waker.clone()),
                Offer::Over => return self.poll(queue, None),
            }
        }
    }

    /// Leaves the queue, and hands on a wake-up that has not been looked at: the future is dropped.
    #[inline]
    pub(super) fn cancel<Lock: ScopedRawMutex>(self: Pin<&Self>, queue: &WaitQueue<Lock>) {
        // Acquire pairs with the release in `notify`: who wakes is done with this waiter, which
        // is freed next.
        let ticket = self.load(Acquire);
        if ticket == Ticket::WAITING {
            self.leave(queue);
        } else if ticket == Ticket::HANDED {
            self.hand_on(queue);
        }
        // It is its owner's now, to be freed. Tells the model checker so, and is nothing in a normal
        // build.
        self.waker.with_mut(|_| ());
    }

    #[cold]
    #[inline(never)]
    fn hand_on<Lock: ScopedRawMutex>(self: Pin<&Self>, queue: &WaitQueue<Lock>) {
        let _ = self.finish(Stage::Done);
        queue.wake();
    }

    #[inline(never)]
    fn leave<Lock: ScopedRawMutex>(self: Pin<&Self>, queue: &WaitQueue<Lock>) {
        let mut waker = None;
        let stage = queue.ring.with_lock(|ring| {
            let stage = self.stage();
            if stage == Stage::Waiting {
                // SAFETY: the waiter is `Waiting` and the lock is held.
                unsafe { self.unlink(ring) };
                if ring.is_empty() && queue.word.is_waiting() {
                    queue.word.end_waiting();
                }
                // SAFETY: the waiter has just been unlinked, and the lock is held.
                waker = unsafe { Self::notify(self.as_ptr(), Stage::Done) };
            }
            stage
        });
        // Woken since it was looked at first.
        if stage == Stage::Handed {
            self.hand_on(queue);
        }
        // Dropped here, not under the lock (invariant 5).
        drop(waker);
    }

    /// Takes a waiter out of the ring it is in, be it the queue's or one that is being drained.
    ///
    /// # Safety
    ///
    /// The waiter is `Waiting`, `ring` is its queue's, and the queue's lock is held.
    unsafe fn unlink(self: Pin<&Self>, ring: &mut Ring<Self>) {
        if ring.back().is_some_and(|last| ptr::eq(&*last, &*self)) {
            ring.pop_back();
        } else {
            // SAFETY: the waiter is linked (invariant 3). It is not the last of the queue's ring, by
            // the comparison, nor of one that is being drained, whose last is the guard. The lock
            // that is held makes access to both rings exclusive.
            unsafe { Ring::unlink(self.as_ptr()) };
        }
    }

    /// Ends a waiter's wait and returns the waker to be called.
    ///
    /// # Safety
    ///
    /// The waiter is `Waiting`, has been unlinked, and the queue's lock is held. It must not be
    /// touched after this call, which allows its owner to free it.
    #[inline]
    pub(super) unsafe fn notify(waiter: NonNull<Self>, stage: Stage) -> Option<Waker> {
        // SAFETY: a waiter that is `Waiting` lives until its owner sees another stage, which it
        // cannot before the end of this function, or takes the lock, which is held.
        let waiter = unsafe { waiter.as_ref() };
        let waker = waiter.waker.with_mut(|waker| {
            // SAFETY: the waiter is `Waiting`, so its waker is the lock's, which is held.
            let waker = unsafe { &mut *waker };
            waker.take()
        });
        // Release pairs with the acquire in `poll` and `cancel`: what has been done to the waiter,
        // and what the caller did before, comes before what its owner does next.
        waiter.store(stage, Release);
        waker
    }

    /// Moves on a waiter that is not linked, hence its owner's, and says what that means.
    #[inline]
    fn finish(&self, stage: Stage) -> Poll<Result<(), Closed>> {
        self.store(stage, Relaxed);
        Poll::Ready(match stage {
            Stage::Closed => Err(Closed),
            _ => Ok(()),
        })
    }

    #[inline(always)]
    fn load(&self, order: Ordering) -> Ticket {
        Ticket::from_bits(self.ticket.load(order))
    }

    #[inline(always)]
    fn store(&self, stage: Stage, order: Ordering) {
        // The generation has done its duty when a waiter leaves `Idle`.
        let ticket = Ticket::new().with(Ticket::STAGE, stage);
        self.ticket.store(ticket.bits(), order);
    }

    #[inline(always)]
    pub(super) fn as_ptr(self: Pin<&Self>) -> NonNull<Self> {
        NonNull::from(self.get_ref())
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stage().fmt(f)
    }
}

// SAFETY: a `NonNull` handle owns nothing by its type, so what `Linked` asks for is promised here.
// 1. Ownership, pinning: a waiter is linked only from a `Pin<&Waiter>` by `start` (or as the guard
//    of `Drain`), and unlinked before its future is dropped by `cancel` (or by `Drain`). It is
//    passed on only by `start`, which an `Idle` waiter reaches once, and `Drain`. Neither calls a
//    `_mut` method of a ring.
// 2. It is `!Unpin` by `PhantomPinned`.
// 3. Nobody makes a `&mut` to the field.
// 4. The field is private and only the ring looks at it, under the queue's lock.
// 5. The handle is the pointer; for taking it back on another thread see `Send` below.
unsafe impl Linked<list::Links<Waiter>> for Waiter {
    linked!(links: list::Links<Self> as NonNull<Self>);
}

// SAFETY: it owns a `Waker`, which is `Send`, and links that belong to the queue's lock, whichever
// thread holds it.
unsafe impl Send for Waiter {}

// SAFETY: through a shared reference only the ticket, an atomic, is read; whatever else is touched
// is touched by the owner's pinned exclusive access or under the lock (see `Invariants`).
unsafe impl Sync for Waiter {}
