use core::fmt;

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

bitfield! {
    /// The count, and whether the channel is closed. Each value that is counted has a node on the
    /// heap, of two words at least: there is no memory for more than the count has room for.
    #[derive(PartialEq, Eq)]
    pub(super) struct State<usize> {
        const CLOSED: bool;
        /// How many values have been announced and not received.
        const COUNT = ..;
    }
}

/// The word, and every way to change it.
pub(super) struct AtomicState(AtomicBits<State>);

/// What a sender finds.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Announced {
    /// Its value is counted.
    Open,
    /// The channel is closed; nothing has changed.
    Closed,
}

// === impl AtomicState ===

impl AtomicState {
    const ONE: usize = State::COUNT.first_bit();

    pub(super) fn new() -> Self {
        Self(AtomicBits::from(State::new()))
    }

    /// Counts a value, if the channel is open.
    #[inline]
    pub(super) fn announce(&self) -> Announced {
        // Relaxed: the queue passes the value on. Acquire for `CLOSED` pairs with the release in
        // `close`.
        self.0.transition(Relaxed, Acquire, |seen| {
            if seen.get(State::CLOSED) {
                Transition::Stay(Announced::Closed)
            } else {
                Transition::To(State::from_bits(seen.bits() + Self::ONE), Announced::Open)
            }
        })
    }

    /// A value has been received.
    #[inline]
    pub(super) fn received(&self) {
        // Release, for who asks how many there are.
        self.0.fetch_sub(Self::ONE, Release);
    }

    /// Sets `CLOSED`. Says whether it was open.
    pub(super) fn close(&self) -> bool {
        // Release pairs with the acquire of who finds the flag; acquire with those who closed first.
        !self
            .0
            .fetch_set_all(State::CLOSED, AcqRel)
            .get(State::CLOSED)
    }

    pub(super) fn is_closed(&self) -> bool {
        // Acquire pairs with the release in `close`.
        self.0.load(Acquire).get(State::CLOSED)
    }

    /// Closed, and every value has been received.
    pub(super) fn is_finished(&self) -> bool {
        // Acquire as in `is_closed`.
        self.0.load(Acquire) == State::new().with(State::CLOSED, true)
    }

    pub(super) fn count(&self) -> usize {
        self.0.load(Acquire).get(State::COUNT)
    }
}

impl fmt::Debug for AtomicState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.load(Relaxed).fmt(f)
    }
}
