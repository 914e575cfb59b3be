#[cfg(test)]
mod tests;

use core::fmt;

use pintle_bitfield::{bitfield, enum_from_bits};
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{self, AcqRel, Acquire, Relaxed, Release},
    },
    const_fn,
};

bitfield! {
    /// The state word. Four bits at every width; nothing counts, so nothing overflows.
    #[derive(PartialEq, Eq)]
    pub(super) struct State<usize> {
        /// Who may touch the slot.
        const SLOT: Holder;
        /// A wake-up is stored.
        const WOKEN: bool;
        /// Closed for good.
        const CLOSED: bool;
    }
}

enum_from_bits! {
    /// Who may touch the slot, and whether a waker is in it.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum Holder<u8> {
        /// Nobody; the slot is empty.
        Empty = 0,
        /// A task that registers.
        Registering = 1,
        /// Nobody; the slot holds a waker.
        Waiting = 2,
        /// A wake-up or the closing, which takes the waker out.
        Taking = 3,
    }
}

/// The state word, and every way to change it.
pub(super) struct AtomicState(AtomicUsize);

/// How a registration begins.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Begin {
    /// The slot is the caller's, and empty.
    Vacant,
    /// The slot is the caller's, with a waker in it.
    Occupied,
    /// A wake-up is stored; nothing has changed.
    Woken,
    /// The cell is closed; nothing has changed.
    Closed,
    /// The slot is somebody else's; nothing has changed.
    Busy,
}

/// How a registration ends.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Finish {
    /// The waker waits. The slot is no longer the caller's.
    Waiting,
    /// A wake-up came meanwhile. The slot is still the caller's, who must empty and release it.
    Woken,
    /// The cell was closed meanwhile. The slot is still the caller's, who must empty and release it.
    Closed,
}

/// What became of the stored wake-up.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Consume {
    /// It is the caller's.
    Consumed,
    /// There is none.
    Nothing,
    /// The cell is closed.
    Closed,
}

/// What a wake-up finds.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Wake {
    /// A waker. The slot is the caller's, who must empty and release it.
    Take,
    /// Nobody who waits: the wake-up is stored.
    Stored,
    /// The cell is closed; nothing has changed.
    Closed,
}

/// What closing finds.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Close {
    /// A waker. The slot is the caller's, who must empty and release it.
    Take,
    /// Nobody who waits.
    Closed,
    /// The cell was closed already; nothing has changed.
    AlreadyClosed,
}

// === impl State ===

impl State {
    // The words that the hot paths compare whole. A test compares them with what `with` builds.
    pub(super) const EMPTY: Self = Self::from_bits(0b00);
    pub(super) const REGISTERING: Self = Self::from_bits(0b01);
    pub(super) const WAITING: Self = Self::from_bits(0b10);
    pub(super) const TAKING: Self = Self::from_bits(0b11);
    pub(super) const WOKEN_BIT: Self = Self::from_bits(0b0100);
    pub(super) const WAKING: Self = Self::from_bits(0b0111);

    /// The slot is empty and nothing else is the matter.
    #[inline(always)]
    pub(super) fn is_vacant(self) -> bool {
        self == Self::EMPTY
    }

    #[inline(always)]
    pub(super) fn is_woken(self) -> bool {
        self.get(Self::WOKEN)
    }

    #[inline(always)]
    pub(super) fn is_closed(self) -> bool {
        self.get(Self::CLOSED)
    }
}

// === impl AtomicState ===

impl AtomicState {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(AtomicUsize::new(State::EMPTY.bits()))
        }
    }

    /// The state now. It may be another one by the time it is looked at.
    #[inline(always)]
    pub(super) fn load(&self) -> State {
        // Acquire pairs with the release in `close`: who is told that the cell is closed sees what
        // led to it.
        State::from_bits(self.0.load(Acquire))
    }

    /// `Empty` to `Registering`, if nothing else is the matter: `Vacant`, or `Busy`.
    #[inline(always)]
    pub(super) fn begin_first(&self) -> Begin {
        // Acquire as in `begin_register`.
        match self.exchange(State::EMPTY, State::REGISTERING, Acquire) {
            Ok(()) => Begin::Vacant,
            Err(_) => Begin::Busy,
        }
    }

    /// `Empty` or `Waiting` to `Registering`: gives the caller the slot. `seen` is a guess.
    pub(super) fn begin_register(&self, mut seen: State) -> Begin {
        loop {
            if seen.is_closed() {
                return Begin::Closed;
            }
            if seen.is_woken() {
                return Begin::Woken;
            }
            let begun = match seen.get(State::SLOT) {
                Holder::Empty => Begin::Vacant,
                Holder::Waiting => Begin::Occupied,
                Holder::Registering | Holder::Taking => return Begin::Busy,
            };
            // Acquire pairs with the release in `finish_register` or `release` by who had the slot
            // before: their access to it comes before ours.
            match self.exchange(seen, State::REGISTERING, Acquire) {
                Ok(()) => return begun,
                Err(now) => seen = now,
            }
        }
    }

    /// `Registering` to `Waiting`: gives the slot, with a waker in it, to whoever wakes.
    #[inline(always)]
    pub(super) fn finish_register(&self) -> Finish {
        // Release pairs with the acquire in `wake`, `close` and `begin_register`: they find the
        // waker written. Acquire, if it fails, pairs with the release of the wake-up or closing
        // that came first.
        match self.exchange(State::REGISTERING, State::WAITING, AcqRel) {
            Ok(()) => Finish::Waiting,
            // Only these two flags can change while the slot is held.
            Err(now) if now.is_closed() => Finish::Closed,
            Err(_) => Finish::Woken,
        }
    }

    /// `Registering` or `Taking` to `Empty`: gives the emptied slot back.
    #[inline(always)]
    pub(super) fn release(&self) {
        // Release pairs with the acquire in `begin_register`: the next holder's access comes after
        // ours. What others have put into the flags meanwhile stays.
        self.0.fetch_and(!State::TAKING.bits(), Release);
    }

    /// Takes the stored wake-up, if there is one: `Consumed`, or `Nothing`.
    ///
    /// Cheaper than [`consume`](Self::consume) where one is likely: it does not look first.
    #[inline(always)]
    pub(super) fn try_consume(&self) -> Consume {
        // Acquire as in `consume`. `CLOSED` never goes together with `WOKEN` (invariant 4).
        let before = self.0.fetch_and(!State::WOKEN_BIT.bits(), Acquire);
        if before & State::WOKEN_BIT.bits() != 0 {
            Consume::Consumed
        } else {
            Consume::Nothing
        }
    }

    /// Takes the stored wake-up.
    pub(super) fn consume(&self) -> Consume {
        let mut seen = self.load();
        loop {
            if seen.is_closed() {
                return Consume::Closed;
            }
            if !seen.is_woken() {
                return Consume::Nothing;
            }
            // Acquire pairs with the release in every `wake` that went into this wake-up: each of
            // them wrote the word, so all are in the release sequence that is read here.
            match self.exchange(seen, seen.with(State::WOKEN, false), Acquire) {
                Ok(()) => return Consume::Consumed,
                Err(now) => seen = now,
            }
        }
    }

    /// Stores a wake-up; `Waiting` becomes `Taking`.
    #[inline(always)]
    pub(super) fn wake(&self) -> Wake {
        // What most find is a waker that waits, so it is not looked for first: a load would only
        // fetch the word twice, once to read it and once to write it. Orders as in `wake_from`.
        match self.exchange(State::WAITING, State::WAKING, AcqRel) {
            Ok(()) => Wake::Take,
            Err(seen) => self.wake_from(seen),
        }
    }

    /// [`wake`](Self::wake) where no waker waited a moment ago.
    fn wake_from(&self, mut seen: State) -> Wake {
        loop {
            let (next, found) = if seen == State::WAITING {
                (State::WAKING, Wake::Take)
            } else if seen.is_closed() {
                return Wake::Closed;
            } else {
                // Written also where the flag is set already: whoever consumes it must see what
                // came before this wake-up too.
                (seen.with(State::WOKEN, true), Wake::Stored)
            };
            // Release pairs with the acquire in `consume` and `finish_register`; acquire with the
            // release in `finish_register`, by which the waker was written.
            match self.exchange(seen, next, AcqRel) {
                Ok(()) => return found,
                Err(now) => seen = now,
            }
        }
    }

    /// Sets `CLOSED` and forgets a stored wake-up; `Waiting` becomes `Taking`.
    pub(super) fn close(&self) -> Close {
        let mut seen = State::from_bits(self.0.load(Relaxed));
        loop {
            if seen.is_closed() {
                return Close::AlreadyClosed;
            }
            let closed = seen.with(State::WOKEN, false).with(State::CLOSED, true);
            let (next, found) = match seen.get(State::SLOT) {
                Holder::Waiting => (closed.with(State::SLOT, Holder::Taking), Close::Take),
                // Whoever has the slot empties it; nobody can take it again.
                Holder::Empty | Holder::Registering | Holder::Taking => (closed, Close::Closed),
            };
            // Release pairs with the acquire in `load` and `finish_register`; acquire with the
            // release in `finish_register`, by which the waker was written.
            match self.exchange(seen, next, AcqRel) {
                Ok(()) => return found,
                Err(now) => seen = now,
            }
        }
    }

    #[inline(always)]
    fn exchange(&self, from: State, to: State, success: Ordering) -> Result<(), State> {
        // Acquire on failure: some callers act on what they are told instead of trying again.
        self.0
            .compare_exchange(from.bits(), to.bits(), success, Acquire)
            .map(drop)
            .map_err(State::from_bits)
    }
}

impl fmt::Debug for AtomicState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}
