use core::{fmt, marker::PhantomPinned, mem, pin::Pin, ptr::NonNull, task::Waker};

use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{self, Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
};
use pintle_intrusive::{Linked, linked, list};

use super::{Stage, Ticket};
use crate::{
    blocking::{Mutex, ScopedRawMutex},
    util::same_task,
};

/// A place in a line: the node that every waiting future carries.
///
/// # Invariants
///
/// Those of the [module](super), and: it is `!Unpin`, and what links it reaches it only through shared
/// references and raw pointers, so a neighbour's pointer to it stays valid while its owner has a
/// `Pin<&mut>` to the future round it.
pub(crate) struct Waiter<T = ()> {
    links: list::Links<Waiter<T>>,
    /// A [`Ticket`].
    ticket: AtomicUsize,
    waker: UnsafeCell<Option<Waker>>,
    data: UnsafeCell<T>,
    _pinned: PhantomPinned,
}

/// What came of offering a waker to a waiter that waits.
enum Offer {
    /// The waiter holds a waker of this task now.
    Taken,
    /// It holds another task's waker, or none, and there was no clone to exchange it for.
    NeedsClone,
    /// It is not `Waiting` any more.
    Over,
}

// === impl Waiter ===

impl<T> Waiter<T> {
    /// A waiter that is not queued yet.
    #[inline]
    pub(crate) fn new(note: usize, data: T) -> Self {
        Self {
            links: list::Links::new(),
            ticket: AtomicUsize::new(Ticket::idle(note).bits()),
            waker: UnsafeCell::new(None),
            data: UnsafeCell::new(data),
            _pinned: PhantomPinned,
        }
    }

    /// How far it has come. If it says anything but `Waiting`, the waiter is its owner's.
    #[inline(always)]
    pub(crate) fn ticket(&self) -> Ticket {
        // Acquire pairs with the release in `end`: who woke it is done with it, and what that did
        // before is visible to the woken task.
        self.load(Acquire)
    }

    /// How far it has come, for who holds the lock or only wants to show it.
    #[inline(always)]
    pub(crate) fn stage(&self) -> Stage {
        self.load(Relaxed).stage()
    }

    /// Moves on a waiter that is not `Waiting`, and the caller's.
    #[inline(always)]
    pub(crate) fn finish(&self, stage: Stage) {
        debug_assert_ne!(self.stage(), Stage::Waiting);
        debug_assert_ne!(stage, Stage::Waiting);
        self.ticket.store(word(stage), Relaxed);
    }

    /// Sees to it that it is `waker` that is called. `false`: the waiter is not `Waiting` any more.
    ///
    /// # Safety
    ///
    /// If the waiter is `Waiting`, `lock` is what guards its line.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn offer<S: ?Sized, Lock: ScopedRawMutex>(
        self: Pin<&Self>,
        lock: &Mutex<S, Lock>,
        waker: &Waker,
    ) -> bool {
        // First a clone to put in, then the waker that was taken out: both are dropped at the end
        // of this function, not under the lock (invariant 5).
        let mut spare: Option<Waker> = None;
        loop {
            let offer = lock.with_lock(|_| {
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
                Offer::Taken => return true,
                Offer::NeedsClone => spare = Some(waker.clone()),
                Offer::Over => return false,
            }
        }
    }

    /// Runs `f` on the data of a waiter that is its owner's; not, and gives `None`, while it is
    /// `Waiting`.
    #[inline]
    pub(crate) fn with_data<R>(self: Pin<&mut Self>, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        if self.ticket().stage() == Stage::Waiting {
            return None;
        }
        Some(self.data.with_mut(|data| {
            // SAFETY: it is not `Waiting`, hence the owner's (invariant 2), whom the exclusive borrow
            // shows to be the caller; and only the owner makes it `Waiting`. Nobody relies on the
            // data being pinned.
            f(unsafe { &mut *data })
        }))
    }

    /// What the owner does last: it is about to free the waiter, which is not `Waiting`.
    #[inline(always)]
    pub(crate) fn retire(&self) {
        debug_assert_ne!(self.stage(), Stage::Waiting);
        // Tells the model checker whose the waiter is, and is nothing in a normal build.
        self.waker.with_mut(|_| ());
    }

    /// Puts the waker in that is to be called, before the waiter is queued.
    ///
    /// # Safety
    ///
    /// The waiter is `Idle` and the caller its owner. It holds no waker (or that is forgotten).
    #[inline(always)]
    pub(crate) unsafe fn prepare(&self, mine: Option<Waker>) {
        self.waker.with_mut(|waker| {
            // SAFETY: the waiter is the caller's. It holds no waker, so none is overwritten.
            unsafe { waker.write(mine) }
        });
    }

    /// Takes out what [`prepare`](Self::prepare) has put in, if the waiter need not be queued after all.
    ///
    /// # Safety
    ///
    /// The waiter is `Idle` and the caller its owner.
    #[cold]
    pub(crate) unsafe fn unprepare(&self) -> Option<Waker> {
        self.waker.with_mut(|waker| {
            // SAFETY: the waiter is the caller's.
            let waker = unsafe { &mut *waker };
            waker.take()
        })
    }

    /// `Idle` to `Waiting`. The lock is held, and the waiter is linked before it is released.
    #[inline(always)]
    pub(super) fn begin(&self) {
        self.ticket.store(word(Stage::Waiting), Relaxed);
    }

    /// Ends a waiter's wait and returns the waker to be called.
    ///
    /// # Safety
    ///
    /// The waiter is `Waiting`, has been unlinked, and its lock is held. It must not be touched after
    /// this call, which allows its owner to free it.
    #[inline(always)]
    pub(super) unsafe fn end(waiter: NonNull<Self>, stage: Stage) -> Option<Waker> {
        // SAFETY: a waiter that is `Waiting` lives until its owner sees another stage, which it
        // cannot before the end of this function, or takes the lock, which is held.
        let waiter = unsafe { waiter.as_ref() };
        let waker = waiter.waker.with_mut(|waker| {
            // SAFETY: the waiter is `Waiting`, so its waker is the lock's, which is held.
            let waker = unsafe { &mut *waker };
            waker.take()
        });
        // Release pairs with the acquire in `ticket`: what has been done to the waiter, and what
        // the caller did before, comes before what its owner does next. That may be to free the waiter
        // at once, so this borrows the ticket alone: a method of the waiter's would borrow all of it
        // until it returns.
        waiter.ticket.store(word(stage), Release);
        waker
    }

    /// Runs `f` on the data of a waiter that waits.
    ///
    /// # Safety
    ///
    /// The waiter is `Waiting`, and its lock is held.
    #[inline(always)]
    pub(super) unsafe fn with_locked_data<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.data.with_mut(|data| {
            // SAFETY: the data is the lock's (invariant 2), which is held. `f` cannot reach it by
            // another way: that takes the lock, or the owner's exclusive borrow of what is `Waiting`.
            f(unsafe { &mut *data })
        })
    }

    #[inline(always)]
    fn load(&self, order: Ordering) -> Ticket {
        Ticket::from_bits(self.ticket.load(order))
    }

    #[inline(always)]
    pub(super) fn as_ptr(self: Pin<&Self>) -> NonNull<Self> {
        NonNull::from(self.get_ref())
    }
}

/// The word of a waiter that goes to `stage`. Its note has done its duty then.
#[inline(always)]
fn word(stage: Stage) -> usize {
    Ticket::new().with(Ticket::STAGE, stage).bits()
}

impl<T> fmt::Debug for Waiter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stage().fmt(f)
    }
}

// SAFETY: a `NonNull` handle owns nothing by its type, so what `Linked` asks for is promised here.
// 1. Ownership, pinning: a waiter is linked only from a `Pin<&Waiter>` by `Waiters::push_back`, whose
//    caller promises not to free it before it is unlinked (or as the guard of `Drain`). It is passed on
//    only by these two, by the former when it is `Idle`. Neither calls a `_mut` method of a ring.
// 2. It is `!Unpin` by `PhantomPinned`.
// 3. Nobody makes a `&mut` to the field.
// 4. The field is private and only the ring looks at it, under the lock.
// 5. The handle is the pointer; for taking it back on another thread see `Send` below.
unsafe impl<T> Linked<list::Links<Waiter<T>>> for Waiter<T> {
    linked!(links: list::Links<Self> as NonNull<Self>);
}

// SAFETY: it owns a `Waker`, which is `Send`, its data, and links that belong to the lock, whichever
// thread holds it.
unsafe impl<T: Send> Send for Waiter<T> {}

// SAFETY: through a shared reference only the ticket, an atomic, is read; whatever else is touched is
// touched by the owner's pinned exclusive access or under the lock (invariant 2), one thread at a time.
unsafe impl<T: Send> Sync for Waiter<T> {}
