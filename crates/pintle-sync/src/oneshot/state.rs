use core::fmt;

use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::{
    atomic::Ordering::{AcqRel, Acquire, Relaxed, Release},
    const_fn,
};

use crate::storage::{AlreadySplit, Leave};

bitfield! {
    /// The state word. Seven bits at every width; nothing counts, so nothing overflows.
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
        /// The sender does not touch the shared part any more.
        const SENDER_LEFT: bool;
        /// The receiver does not touch it any more.
        const RECEIVER_LEFT: bool;
    }
}

/// The state word, and every way to change it.
pub(super) struct AtomicState(AtomicBits<State>);

/// What became of a value that was put in its place.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Sent {
    /// It is the receiver's, who does not wait. By the same step the sender has left.
    Unnoticed,
    /// It is the receiver's, who is to be woken.
    Awaited,
    /// The receiver wants none: it is the sender's again.
    Closed,
}

/// What came of the sender's going without a value.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Gone {
    /// By the same step the sender has left.
    Unnoticed,
    /// The receiver is to be woken.
    Awaited,
    /// The receiver has left: the sender is alone with the shared part.
    Alone,
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

// === impl State ===

impl State {
    /// Both ends have left, and what they left has been cleaned away. It says nothing else, so it is no
    /// state in which somebody is still cleaning: who leaves has said `SENT`, `GONE` or `CLOSED` before.
    const VACANT: Self =
        Self::from_bits(Self::SENDER_LEFT.first_bit() | Self::RECEIVER_LEFT.first_bit());

    /// The value was there, and nothing more will come. Nobody waits.
    const TAKEN: Self = Self::from_bits(Self::GONE.first_bit() | Self::CLOSED.first_bit());

    #[inline(always)]
    pub(super) fn found(self) -> Found {
        if self.get(Self::SENT) {
            Found::Value
        } else if self.get(Self::GONE) || self.get(Self::CLOSED) {
            Found::Nothing
        } else {
            Found::Empty
        }
    }

    /// Whether the receiver, who sees this, is alone with the shared part.
    #[inline(always)]
    pub(super) fn has_sender_left(self) -> bool {
        self.get(Self::SENDER_LEFT)
    }
}

// === impl AtomicState ===

impl AtomicState {
    const_fn! {
        /// Of a channel that has no ends.
        pub(super) const fn vacant() -> Self {
            Self(State::VACANT.into_atomic())
        }
    }

    const_fn! {
        /// Of a channel with two ends.
        pub(super) const fn split() -> Self {
            Self(State::new().into_atomic())
        }
    }

    /// Vacant to split.
    pub(super) fn try_claim(&self) -> Result<(), AlreadySplit> {
        // Acquire pairs with the release in `vacate`: the channel has been cleaned before.
        self.0
            .compare_exchange(State::VACANT, State::new(), Acquire, Relaxed)
            .map(drop)
            .map_err(|_| AlreadySplit)
    }

    /// Split, whatever it was.
    pub(super) fn claim(&mut self) {
        self.0.with_mut(|word| *word = State::new());
    }

    /// What is there, for who is alone by an exclusive reference.
    #[inline(always)]
    pub(super) fn look_alone(&mut self) -> Found {
        self.0.with_mut(|word| word.found())
    }

    /// Lets the channel be split again. Only for who is alone with the shared part.
    pub(super) fn vacate(&self) {
        // Release pairs with the acquire in `try_claim`.
        self.0.store(State::VACANT, Release);
    }

    /// The sender has put the value in its place.
    #[inline(always)]
    pub(super) fn send(&self) -> Sent {
        // Release pairs with the acquire in `look` and `leave_receiver`: the receiver finds the value
        // written, and what the sender did to the shared part comes before it is freed. Acquire pairs
        // with the release in `close`: what led to it is visible to who gets the value back; and in
        // `await_value`: the receiver's waker is registered.
        self.0.transition(AcqRel, Acquire, |seen| {
            let sent = seen.with(State::SENT, true);
            if seen.get(State::CLOSED) {
                Transition::Stay(Sent::Closed)
            } else if seen.get(State::RECEIVER_WAITS) {
                Transition::To(sent, Sent::Awaited)
            } else {
                Transition::To(sent.with(State::SENDER_LEFT, true), Sent::Unnoticed)
            }
        })
    }

    /// The sender goes without having sent.
    pub(super) fn go(&self) -> Gone {
        // Release pairs with the acquire in `look` and `leave_receiver`; acquire with the release in
        // `await_value` and `leave_receiver`.
        self.0.transition(AcqRel, Acquire, |seen| {
            let gone = seen.with(State::GONE, true);
            if seen.get(State::RECEIVER_LEFT) {
                Transition::Stay(Gone::Alone)
            } else if seen.get(State::RECEIVER_WAITS) {
                Transition::To(gone, Gone::Awaited)
            } else {
                Transition::To(gone.with(State::SENDER_LEFT, true), Gone::Unnoticed)
            }
        })
    }

    /// The sender leaves, which has told the receiver. Says whether it was the last.
    pub(super) fn leave_sender(&self) -> Leave {
        // Release pairs with the acquire in `leave_receiver`, and acquire with the release there: all
        // that the one who leaves first did to the shared part comes before it is freed or cleaned.
        self.0.transition(AcqRel, Acquire, |seen| {
            if seen.get(State::RECEIVER_LEFT) {
                Transition::Stay(Leave::Last)
            } else {
                Transition::To(seen.with(State::SENDER_LEFT, true), Leave::Others)
            }
        })
    }

    /// The receiver leaves, which has told the sender. Says whether it was the last.
    pub(super) fn leave_receiver(&self) -> Leave {
        // As in `leave_sender`, the other way.
        self.0.transition(AcqRel, Acquire, |seen| {
            if seen.has_sender_left() {
                Transition::Stay(Leave::Last)
            } else {
                Transition::To(seen.with(State::RECEIVER_LEFT, true), Leave::Others)
            }
        })
    }

    /// The receiver looks.
    #[inline(always)]
    pub(super) fn look(&self) -> State {
        // Acquire pairs with the release in `send`, `go` and `leave_sender`.
        self.0.load(Acquire)
    }

    /// The receiver has registered its waker, and looks once more.
    pub(super) fn await_value(&self) -> Found {
        // Release pairs with the acquire in `send` and `go`: the waker is registered. Acquire as in
        // `look`.
        self.0.fetch_set_all(State::RECEIVER_WAITS, AcqRel).found()
    }

    /// The sender has registered its waker. Says whether the channel is closed.
    pub(super) fn await_closing(&self) -> bool {
        // Release pairs with the acquire in `close`: the waker is registered. Acquire as in
        // `is_closed`.
        let before = self.0.fetch_set_all(State::SENDER_WAITS, AcqRel);
        before.get(State::CLOSED)
    }

    /// The receiver, who has `seen` the value, takes it.
    #[inline(always)]
    pub(super) fn taken(&self, seen: State) {
        if seen.has_sender_left() {
            // Nobody else changes the word any more.
            self.0
                .store(State::TAKEN.with(State::SENDER_LEFT, true), Relaxed);
        } else {
            self.taken_early(seen);
        }
    }

    /// [`taken`](Self::taken), where the sender may be about to say that it has left.
    #[cold]
    #[inline(never)]
    fn taken_early(&self, seen: State) {
        // Relaxed: what the sender releases by leaving stays for `look` and `leave_receiver` to
        // acquire, as this goes on with its release sequence.
        self.0.transition_from(seen, Relaxed, Relaxed, |seen| {
            let left = seen.has_sender_left();
            Transition::To(State::TAKEN.with(State::SENDER_LEFT, left), ())
        });
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
}

impl fmt::Debug for AtomicState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.load(Relaxed).fmt(f)
    }
}
