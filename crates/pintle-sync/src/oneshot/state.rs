use core::fmt;

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::{
    atomic::Ordering::{AcqRel, Acquire, Relaxed},
    const_fn,
};

bitfield! {
    /// The state word. Five bits at every width; nothing counts, so nothing overflows.
    #[derive(PartialEq, Eq)]
    pub(super) struct State<usize> {
        /// The value is in its place.
        const SENT: bool;
        /// The sender is gone without a value, or the value has been taken.
        const GONE: bool;
        /// The receiver wants no value any more.
        const CLOSED: bool;
        /// The receiver's waker is registered.
        const RECEIVER_WAITS: bool;
        /// The sender's waker is registered.
        const SENDER_WAITS: bool;
    }
}

/// The state word, and every way to change it.
pub(super) struct AtomicState(AtomicBits<State>);

/// What became of a value that was put in its place.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Sent {
    /// It is the receiver's, who has not come by.
    Unnoticed,
    /// It is the receiver's, who is to be woken.
    Awaited,
    /// The receiver wants none: it is the sender's again.
    Closed,
}

/// What the receiver finds.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Found {
    /// The value, which is the receiver's.
    Value,
    /// Nothing, and nothing will come.
    Nothing,
    /// Nothing yet.
    Empty,
}

// === impl AtomicState ===

impl AtomicState {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(State::new().into_atomic())
        }
    }

    /// The sender has put the value in its place.
    #[inline(always)]
    pub(super) fn send(&self) -> Sent {
        // Release pairs with the acquire in `look`: the receiver finds the value written. Acquire
        // pairs with the release in `close`: what led to it is visible to who gets the value back.
        self.0.transition(AcqRel, Acquire, |seen| {
            let sent = seen.with(State::SENT, true);
            if seen.get(State::CLOSED) {
                Transition::Stay(Sent::Closed)
            } else if seen.get(State::RECEIVER_WAITS) {
                Transition::To(sent, Sent::Awaited)
            } else {
                Transition::To(sent, Sent::Unnoticed)
            }
        })
    }

    /// The sender goes without having sent. Says whether the receiver is to be woken.
    pub(super) fn go(&self) -> bool {
        // Release pairs with the acquire in `look`; acquire with the release in `await_value`.
        let before = self.0.fetch_set_all(State::GONE, AcqRel);
        before.get(State::RECEIVER_WAITS)
    }

    /// The receiver looks.
    #[inline(always)]
    pub(super) fn look(&self) -> Found {
        // Acquire pairs with the release in `send` and `go`.
        Self::found(self.0.load(Acquire))
    }

    /// The receiver has registered its waker, and looks once more.
    pub(super) fn await_value(&self) -> Found {
        // Release pairs with the acquire in `send` and `go`: the waker is registered. Acquire as in
        // `look`.
        Self::found(self.0.fetch_set_all(State::RECEIVER_WAITS, AcqRel))
    }

    /// The sender has registered its waker. Says whether the channel is closed.
    pub(super) fn await_closing(&self) -> bool {
        // Release pairs with the acquire in `close`: the waker is registered. Acquire as in
        // `is_closed`.
        let before = self.0.fetch_set_all(State::SENDER_WAITS, AcqRel);
        before.get(State::CLOSED)
    }

    #[inline(always)]
    fn found(seen: State) -> Found {
        if seen.get(State::SENT) {
            Found::Value
        } else if seen.get(State::GONE) || seen.get(State::CLOSED) {
            Found::Nothing
        } else {
            Found::Empty
        }
    }

    /// The receiver has taken the value. Nobody else changes the word after `SENT`.
    #[inline(always)]
    pub(super) fn taken(&self) {
        let taken = State::new().with(State::GONE, true);
        self.0.store(taken.with(State::CLOSED, true), Relaxed);
    }

    /// The receiver wants no value any more. Says whether one is there, and whether the sender is to
    /// be woken.
    pub(super) fn close(&self) -> (Found, bool) {
        // Release pairs with the acquire in `send` and `is_closed`, acquire with the release in
        // `send` and `await_closing`.
        let before = self.0.fetch_set_all(State::CLOSED, AcqRel);
        let found = if before.get(State::SENT) {
            Found::Value
        } else {
            Found::Nothing
        };
        (found, before.get(State::SENDER_WAITS))
    }

    pub(super) fn is_closed(&self) -> bool {
        // Acquire pairs with the release in `close`.
        self.0.load(Acquire).get(State::CLOSED)
    }

    /// The word of a new channel. The caller is alone with it.
    pub(super) fn reset(&self) {
        self.0.store(State::new(), Relaxed);
    }
}

impl fmt::Debug for AtomicState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.load(Relaxed).fmt(f)
    }
}
