//! [`Entry`]: what a sleep has in the wheel.
//!
//! ```text
//!          insert                          advance, remove, reset
//!  Idle ────────────▶ Armed(place) ─────────────────────────────────▶ Done
//!   ▲ │                 │  ▲                                          ▲ │
//!   │ │                 └──┘                                          │ │
//!   │ │     advance, reset: another place                             │ │
//!   │ └───────────────────────────────────────────────────────────────┘ │
//!   │           finish_idle: the deadline had passed                    │
//!   └───────────────────────────────────────────────────────────────────┘
//!                          rewind: to be armed anew
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

use super::WakerSlot;
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
        /// Not given to a wheel.
        Idle = 0b00,
        /// In a wheel.
        Armed = 0b01,
        /// Fired, removed, or past its deadline before it was armed.
        Done = 0b10,
    }
}

/// See the [module's documentation](self).
///
/// # Invariants
///
/// 1. `links` and what is in `waker` are accessed only under the lock of the wheel that the entry
///    was given to, or, by the owner, while the entry is `Idle` or `Done`.
/// 2. It is in the ring that `PLACE` names if and only if it is `Armed`, except within a call of a
///    [`Wheel`](super::Wheel) method, and until who has [removed](super::Wheel::remove) it or
///    [reset](super::Wheel::reset) it to the past has disarmed it under the same lock.
/// 3. `deadline` is written by the owner alone, and under that lock while the entry is `Armed`. So
///    it may be read under the lock, and by the owner without.
pub(crate) struct Entry {
    links: Links<Entry>,
    deadline: UnsafeCell<Ticks>,
    state: AtomicUsize,
    waker: WakerSlot,
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
                deadline: UnsafeCell::new(deadline),
                state: AtomicUsize::new(0),
                waker: WakerSlot::new(),
                _pin: PhantomPinned,
            }
        }
    }

    /// The count at which it is due. For the owner, or under the lock.
    #[inline]
    pub(crate) fn deadline(&self) -> Ticks {
        self.deadline.with(|deadline| {
            // SAFETY: by invariant 3 nobody writes it while the caller may read it.
            unsafe { *deadline }
        })
    }

    /// Sets the count at which it is due.
    ///
    /// # Safety
    ///
    /// The caller acts for the owner, who does not read it meanwhile, and holds the lock of the
    /// wheel, or has seen that the entry is `Idle` or `Done`.
    #[inline]
    pub(super) unsafe fn set_deadline(&self, deadline: Ticks) {
        self.deadline.with_mut(|old| {
            // SAFETY: by invariant 3 nobody else accesses it.
            unsafe { *old = deadline }
        });
    }

    /// Whom to wake when it is due.
    #[inline]
    pub(crate) fn waker(&self) -> &WakerSlot {
        &self.waker
    }

    /// Where the entry is in its life. For the owner, without a lock.
    #[inline]
    pub(crate) fn phase(&self) -> Phase {
        // Acquire pairs with the Release in `disarm`: an owner that sees `Done` comes after all
        // that the thread which fired the entry did with it, and may free it.
        State::from_bits(self.state.load(Acquire)).get(State::PHASE)
    }

    /// `Idle` → `Done`. For the owner.
    #[inline]
    pub(crate) fn finish_idle(&self) {
        debug_assert_eq!(self.phase(), Phase::Idle);
        self.state
            .store(State::new().with(State::PHASE, Phase::Done).bits(), Relaxed);
    }

    /// `Idle` or `Done` → `Idle`, due at another count.
    ///
    /// # Safety
    ///
    /// The caller is the owner, and has seen that the entry is `Idle` or `Done`.
    #[inline]
    pub(crate) unsafe fn rewind(&self, deadline: Ticks) {
        debug_assert_ne!(self.phase(), Phase::Armed);
        // SAFETY: the caller's promise is the same.
        unsafe { self.set_deadline(deadline) };
        self.state.store(State::new().bits(), Relaxed);
    }

    /// `Idle` or `Armed` → `Armed` at `place`. Under the lock.
    #[inline]
    pub(super) fn set_armed_at(&self, place: Place) {
        let state = State::new()
            .with(State::PHASE, Phase::Armed)
            .with(State::PLACE, place.index());
        self.state.store(state.bits(), Relaxed);
    }

    /// The place it is armed at, if it is. Under the lock.
    #[inline]
    pub(super) fn armed_at(&self) -> Option<Place> {
        let state = State::from_bits(self.state.load(Relaxed));
        (state.get(State::PHASE) == Phase::Armed)
            .then(|| Place::from_index(state.get(State::PLACE)))
    }

    /// Whether it is armed. Under the lock.
    #[inline]
    pub(crate) fn is_armed(&self) -> bool {
        self.armed_at().is_some()
    }

    /// `Armed` → `Done`. Hands out the waker. The entry may be gone when this returns.
    ///
    /// # Safety
    ///
    /// The caller holds the lock of the wheel that the entry was given to; the entry is armed, but
    /// no longer in a ring. Nobody uses a reference to it that is older than this call.
    #[inline]
    pub(crate) unsafe fn disarm(entry: NonNull<Self>) -> Option<Waker> {
        // SAFETY: an armed entry is alive. The reference ends before the store below.
        let slot = unsafe { &entry.as_ref().waker };
        // SAFETY: the caller holds the lock.
        let waker = unsafe { slot.take() };
        // An armed entry has a waker.
        debug_assert!(waker.is_some());
        let done = State::new().with(State::PHASE, Phase::Done).bits();
        // SAFETY: the entry is alive until its owner sees what is stored here.
        let state = unsafe { &(*entry.as_ptr()).state };
        // Release pairs with the Acquire in `phase`: whoever sees `Done` comes after our accesses
        // to the entry, of which this is the last.
        state.store(done, Release);
        waker
    }
}
