use core::{
    fmt,
    marker::PhantomPinned,
    mem,
    pin::Pin,
    ptr::NonNull,
    task::{Poll, Waker},
};

use pintle_bitfield::{AtomicBits, bitfield, enum_from_bits};
use pintle_core::{
    atomic::Ordering::{Acquire, Relaxed, Release},
    cell::UnsafeCell,
};
use pintle_intrusive::{Linked, linked, list};

use super::{Arrival, Gate};
use crate::{Closed, blocking::ScopedRawMutex, util::same_task};

bitfield! {
    /// A waiter's word.
    #[derive(PartialEq, Eq)]
    struct Ticket<usize> {
        /// How far it has come.
        const STAGE: Stage;
    }
}

enum_from_bits! {
    /// How far a waiter has come.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Stage<u8> {
        /// Not queued yet. Its owner's.
        Idle = 0,
        /// Linked in the ring. Whoever holds the lock may change it.
        Waiting = 1,
        /// It has been handed a permit, and its owner has not looked yet. Its owner's.
        Handed = 2,
        /// It has passed its permit on to its owner. Its owner's.
        Done = 3,
        /// Ended by the closing. Its owner's.
        Closed = 4,
    }
}

/// A sender's place in a queue at the gate, part of the future that waits.
///
/// ```text
///            poll †             settle †            poll
///  ┌──────┐ ───────► ┌─────────┐ ──────► ┌────────┐ ─────► ┌──────┐
///  │ Idle │          │ Waiting │         │ Handed │        │ Done │
///  └──────┘          └─────────┘         └────────┘        └──────┘
///    │ │                │   └─────────────── │ ──────────────▲ ▲
///    │ │                │ drain †     dropped: release         │
///    │ │                ▼                                      │
///    │ └─────────► ┌────────┐                                  │
///    │  closed     │ Closed │                                  │
///    │             └────────┘                                  │
///    └─────────────────────────────────────────────────────────┘
///       poll finds a permit
/// ```
///
/// † under the lock.
///
/// # Invariants
///
/// - A waiter is used with one gate only, and waits for one thing only.
/// - It is linked if and only if it is `Waiting`. While it is not, only its owner touches it. While
///   it is, its `waker` and `links` are touched only under the gate's lock. So the waker is `None`
///   unless it is `Waiting`.
/// - Who moves it out of `Waiting` has unlinked it and taken its waker *before*, and does not touch
///   it after: its owner may free it at once.
/// - It is `!Unpin`, and only ever reached through shared references and raw pointers.
pub(in crate::mpsc) struct Waiter {
    links: list::Links<Waiter>,
    ticket: AtomicBits<Ticket>,
    waker: UnsafeCell<Option<Waker>>,
    _pinned: PhantomPinned,
}

/// What a waiter waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(in crate::mpsc) enum For {
    /// A permit, which is its owner's if the wait ends well.
    Permit,
    /// The closing: the wait never ends well.
    Closing,
}

/// What came of offering a waker to a waiter that waits.
enum Offer {
    /// The waiter holds a waker of this task now.
    Taken,
    /// It holds another task's waker, and there was no clone to exchange it for.
    NeedsClone,
    /// It has been handed a permit, or the gate is closed.
    Over,
}

// === impl Waiter ===

impl Waiter {
    /// A waiter that is not queued yet.
    #[inline]
    pub(in crate::mpsc) fn new() -> Self {
        Self {
            links: list::Links::new(),
            ticket: AtomicBits::from(Ticket::new()),
            waker: UnsafeCell::new(None),
            _pinned: PhantomPinned,
        }
    }

    /// Whether it has not been polled yet.
    #[inline(always)]
    pub(in crate::mpsc) fn is_idle(&self) -> bool {
        self.ticket.load(Relaxed) == Ticket::new()
    }

    /// Goes on with the wait.
    pub(in crate::mpsc) fn poll<Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        gate: &Gate<Lock>,
        what: For,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        loop {
            // Acquire pairs with the release in `notify`: who hands over is done with this waiter,
            // and what it released is visible.
            match self.ticket.load(Acquire).get(Ticket::STAGE) {
                Stage::Idle => return self.start(gate, what, waker),
                Stage::Waiting => match self.offer(gate, waker) {
                    Offer::Over => {}
                    Offer::Taken | Offer::NeedsClone => return Poll::Pending,
                },
                Stage::Handed => {
                    self.set(Stage::Done);
                    return Poll::Ready(Ok(()));
                }
                Stage::Done | Stage::Closed => return Poll::Ready(Err(Closed)),
            }
        }
    }

    /// The first poll.
    fn start<Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        gate: &Gate<Lock>,
        what: For,
        waker: &Waker,
    ) -> Poll<Result<(), Closed>> {
        // Cloned here, and dropped at the end of this function if it is not needed: not under the
        // lock.
        let mut mine = Some(waker.clone());
        let arrival = gate.waiting.with_lock(|waiting| {
            let (arrival, ring) = match what {
                For::Permit => (gate.word.arrive(), &mut waiting.permit),
                For::Closing if gate.word.is_closed() => (Arrival::Closed, &mut waiting.closing),
                For::Closing => (Arrival::Wait, &mut waiting.closing),
            };
            if arrival == Arrival::Wait {
                self.waker.with_mut(|waker| {
                    // SAFETY: the waiter is `Idle`, hence its owner's. It holds no waker, so none
                    // is overwritten.
                    unsafe { waker.write(mine.take()) }
                });
                self.set(Stage::Waiting);
                ring.push_back(self.as_ptr());
            }
            arrival
        });
        match arrival {
            Arrival::Wait => Poll::Pending,
            Arrival::Permit => {
                self.set(Stage::Done);
                Poll::Ready(Ok(()))
            }
            Arrival::Closed => {
                self.set(Stage::Closed);
                Poll::Ready(Err(Closed))
            }
        }
    }

    /// A later poll: sees to it that it is this waker that is called.
    fn offer<Lock: ScopedRawMutex>(self: Pin<&Self>, gate: &Gate<Lock>, waker: &Waker) -> Offer {
        // First a clone to put in, then the waker that was taken out: both are dropped at the end
        // of this function, not under the lock.
        let mut spare: Option<Waker> = None;
        loop {
            let offer = gate.waiting.with_lock(|_| {
                if self.ticket.load(Relaxed).get(Ticket::STAGE) != Stage::Waiting {
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
                Offer::NeedsClone => spare = Some(waker.clone()),
                over => return over,
            }
        }
    }

    /// Leaves the queue, as the future is dropped. Says whether it had been handed a permit, which
    /// is the caller's to release.
    #[inline]
    #[must_use]
    pub(in crate::mpsc) fn cancel<Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        gate: &Gate<Lock>,
        what: For,
    ) -> bool {
        // Acquire pairs with the release in `notify`: who hands over is done with this waiter,
        // which is freed next.
        let handed = match self.ticket.load(Acquire).get(Ticket::STAGE) {
            Stage::Waiting => self.leave(gate, what),
            Stage::Handed => {
                self.set(Stage::Done);
                true
            }
            Stage::Idle | Stage::Done | Stage::Closed => false,
        };
        // It is its owner's now, to be freed. Tells the model checker so, and is nothing in a normal
        // build.
        self.waker.with_mut(|_| ());
        handed
    }

    #[cold]
    #[inline(never)]
    fn leave<Lock: ScopedRawMutex>(self: Pin<&Self>, gate: &Gate<Lock>, what: For) -> bool {
        let mut waker = None;
        let stage = gate.waiting.with_lock(|waiting| {
            let stage = self.ticket.load(Relaxed).get(Ticket::STAGE);
            if stage == Stage::Waiting {
                let ring = match what {
                    For::Permit => &mut waiting.permit,
                    For::Closing => &mut waiting.closing,
                };
                // SAFETY: the waiter is live, and being `Waiting` it is in the ring for what it
                // waits for.
                let _ = unsafe { ring.remove(self.as_ptr()) };
                if what == For::Permit && ring.is_empty() {
                    gate.word.end_waiting();
                }
                // SAFETY: the waiter was `Waiting`, has just been unlinked, and the lock is held.
                waker = unsafe { Self::notify(self.as_ptr(), Stage::Done) };
            }
            stage
        });
        // Dropped here, not under the lock.
        drop(waker);
        // Handed a permit since it was looked at first.
        stage == Stage::Handed
    }

    /// Ends a waiter's wait and returns the waker to be called.
    ///
    /// # Safety
    ///
    /// The waiter is `Waiting`, has been unlinked, and the gate's lock is held. It must not be
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
        // and what was released before, comes before what its owner does next.
        let ticket = Ticket::new().with(Ticket::STAGE, stage);
        waiter.ticket.store(ticket, Release);
        waker
    }

    /// Moves on a waiter that is its owner's.
    #[inline(always)]
    fn set(&self, stage: Stage) {
        self.ticket
            .store(Ticket::new().with(Ticket::STAGE, stage), Relaxed);
    }

    #[inline(always)]
    fn as_ptr(self: Pin<&Self>) -> NonNull<Self> {
        NonNull::from(self.get_ref())
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ticket.load(Relaxed).get(Ticket::STAGE).fmt(f)
    }
}

// SAFETY: a `NonNull` handle owns nothing by its type, so what `Linked` asks for is promised here.
// 1. Ownership, pinning: a waiter is linked only from a `Pin<&Waiter>` by `start`, which an `Idle`
//    waiter reaches once, and unlinked before its future is dropped, by `cancel`.
// 2. It is `!Unpin` by `PhantomPinned`.
// 3. Nobody makes a `&mut` to the field.
// 4. The field is private and only the ring looks at it, under the gate's lock.
// 5. The handle is the pointer; for taking it back on another thread see `Send` below.
unsafe impl Linked<list::Links<Waiter>> for Waiter {
    linked!(links: list::Links<Self> as NonNull<Self>);
}

// SAFETY: it owns a `Waker`, which is `Send`, and links that belong to the gate's lock, whichever
// thread holds it.
unsafe impl Send for Waiter {}

// SAFETY: through a shared reference only the ticket, an atomic, is read; whatever else is touched
// is touched by the owner's pinned exclusive access or under the lock (see `Invariants`).
unsafe impl Sync for Waiter {}
