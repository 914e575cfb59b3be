//! [`Entry`]: what a sleep has in the wheel.
//!
//! ```text
//!          insert                       advance
//!  Idle ────────────▶ Armed(place) ──────────────▶ Done
//!    │                 │  ▲    │       remove       ▲
//!    │                 └──┘    └────────────────────┤
//!    │             advance: another place           │
//!    └──────────────────────────────────────────────┘
//!          finish_idle: the deadline had passed
//! ```
//!
//! `Idle` and `Done` belong to the entry's owner, who may free it. While `Armed` it belongs to
//! whoever holds the wheel's lock; the owner alone may read the phase without it. `Done` is
//! stored last of all, so an owner who sees it knows that nobody else will touch the entry again.

use core::marker::PhantomPinned;
use core::ptr::NonNull;
use core::task::Waker;

use pintle_bitfield::{bitfield, enum_from_bits};
use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use pintle_core::cell::UnsafeCell;
use pintle_core::const_fn;
use pintle_intrusive::{Linked, linked, list::Links};

use super::place::Place;
use crate::clock::Ticks;

bitfield! {
    /// An entry's state word. 11 bits are used, so it fits in 16 and never overflows.
    struct State<usize> {
        /// Who the entry belongs to.
        const PHASE: Phase;
        /// The index of the ring that it is in, while armed.
        const PLACE = 9;
    }
}

enum_from_bits! {
    /// Where an entry is in its life.
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum Phase<u8> {
        /// Not yet given to a wheel.
        Idle = 0b00,
        /// In a wheel.
        Armed = 0b01,
        /// Fired, removed, or past its deadline before it was armed. It stays so.
        Done = 0b10,
    }
}

/// What became of the question whether an armed entry's waker is still the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Renewal {
    /// It wakes the same task.
    Same,
    /// It wakes another task, and must be replaced.
    Changed,
    /// The entry is done.
    Done,
}

/// See the [module's documentation](self).
///
/// # Invariants
///
/// 1. `links` and `waker` are accessed only under the lock of the wheel that the entry was given
///    to, or, by the owner, while the entry is `Idle` or `Done`.
/// 2. It is in the ring that `PLACE` names if and only if it is `Armed`, except within a call of a
///    [`Wheel`](super::Wheel) method.
pub(crate) struct Entry {
    links: Links<Entry>,
    deadline: Ticks,
    state: AtomicUsize,
    waker: UnsafeCell<Option<Waker>>,
    /// Others hold pointers to it while it is armed.
    _pin: PhantomPinned,
}

// SAFETY: point by point of `Linked`'s contract.
// 1. The wheel alone passes entries to rings: by `insert`, whose caller promises that an entry is
//    given to one wheel, once, and stays alive and pinned until it is done; and it has no handle of
//    an entry that is in a ring. It calls no `_mut` method.
// 2. `Entry` holds a `PhantomPinned`.
// 3. Nobody makes a `&mut` to the field, `Drop` neither.
// 4. Nothing else reads the links.
// 5. The handle is a `NonNull`.
unsafe impl Linked<Links<Entry>> for Entry {
    linked!(links: Links<Self> as NonNull<Self>);
}

// === impl Entry ===

impl Entry {
    const_fn! {
        /// An idle entry.
        pub(crate) const fn new(deadline: Ticks) -> Self {
            Self {
                links: Links::new(),
                deadline,
                state: AtomicUsize::new(0),
                waker: UnsafeCell::new(None),
                _pin: PhantomPinned,
            }
        }
    }

    /// The count at which it is due.
    pub(crate) fn deadline(&self) -> Ticks {
        self.deadline
    }

    /// Where the entry is in its life. For the owner, without a lock.
    pub(crate) fn phase(&self) -> Phase {
        // Acquire pairs with the Release in `finish`: an owner that sees `Done` comes after all
        // that the thread which fired the entry did with it, and may free it.
        State::from_bits(self.state.load(Acquire)).get(State::PHASE)
    }

    /// `Idle` → `Done`. For the owner.
    pub(crate) fn finish_idle(&self) {
        debug_assert_eq!(self.phase(), Phase::Idle);
        self.state
            .store(State::new().with(State::PHASE, Phase::Done).bits(), Relaxed);
    }

    /// `Idle` or `Armed` → `Armed` at `place`. Under the lock.
    pub(super) fn set_armed_at(&self, place: Place) {
        let state = State::new()
            .with(State::PHASE, Phase::Armed)
            .with(State::PLACE, place.index());
        self.state.store(state.bits(), Relaxed);
    }

    /// The place it is armed at, if it is. Under the lock.
    pub(super) fn armed_at(&self) -> Option<Place> {
        let state = State::from_bits(self.state.load(Relaxed));
        (state.get(State::PHASE) == Phase::Armed)
            .then(|| Place::from_index(state.get(State::PLACE)))
    }

    /// Whether the waker that it is armed with wakes the same task as `waker`.
    ///
    /// Calls no code of the waker's: [`Waker::will_wake`] compares pointers.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to.
    pub(crate) unsafe fn renewal(&self, waker: &Waker) -> Renewal {
        if self.armed_at().is_none() {
            return Renewal::Done;
        }
        self.waker.with(|current| {
            // SAFETY: by invariant 1 nobody else accesses it while we hold the lock.
            match unsafe { &*current } {
                Some(current) if current.will_wake(waker) => Renewal::Same,
                _ => Renewal::Changed,
            }
        })
    }

    /// Puts `waker` in the place of the waker it is armed with, which the caller must drop after
    /// it has let go of the lock.
    ///
    /// # Errors
    ///
    /// Gives `waker` back if the entry is done.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to.
    pub(crate) unsafe fn renew(&self, waker: Waker) -> Result<Option<Waker>, Waker> {
        if self.armed_at().is_none() {
            return Err(waker);
        }
        // SAFETY: the caller holds the lock.
        Ok(unsafe { self.set_waker(waker) })
    }

    /// Stores a waker and returns the one before.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to.
    pub(super) unsafe fn set_waker(&self, waker: Waker) -> Option<Waker> {
        self.waker.with_mut(|current| {
            // SAFETY: by invariant 1 nobody else accesses it while we hold the lock.
            unsafe { &mut *current }.replace(waker)
        })
    }

    /// `Armed` → `Done`. Hands out the waker.
    ///
    /// The entry may be gone when this returns.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to; the entry is armed, but
    /// no longer in a ring.
    pub(super) unsafe fn finish(entry: NonNull<Self>) -> Option<Waker> {
        // SAFETY: an armed entry is alive. The reference ends before the store below.
        let waker = unsafe { entry.as_ref() }.waker.with_mut(|waker| {
            // SAFETY: by invariant 1 nobody else accesses it while we hold the lock.
            unsafe { &mut *waker }.take()
        });
        let done = State::new().with(State::PHASE, Phase::Done).bits();
        // SAFETY: the entry is alive until its owner sees what is stored here.
        let state = unsafe { &(*entry.as_ptr()).state };
        // Release pairs with the Acquire in `phase`: whoever sees `Done` comes after our accesses
        // to the entry, of which this is the last.
        state.store(done, Release);
        waker
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // The owner has the entry for itself now. Tells the model checker so, and is nothing in a
        // normal build.
        self.waker.with_mut(|_| ());
    }
}
