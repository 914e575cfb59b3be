//! The state word, and every way to change it. The module above has the picture.

use pintle_bitfield::{AtomicBits, Transition, bitfield, enum_from_bits};
use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use pintle_core::const_fn;

bitfield! {
    /// The state word. Three bits; nothing counts, so nothing overflows. It has 32, as operating
    /// systems let threads sleep on such.
    #[derive(PartialEq, Eq)]
    pub(super) struct State<u32> {
        /// How far the value has come.
        pub(super) const PHASE: Phase;
        /// Somebody may sleep until the phase is another.
        const AWAITED: bool;
    }
}

enum_from_bits! {
    /// How far the value has come.
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum Phase<u8> {
        /// There is none, and nobody makes one.
        Empty = 0,
        /// Somebody makes it.
        Filling = 1,
        /// There it is.
        Full = 2,
    }
}

/// The state word, and every way to change it.
pub(crate) struct AtomicState(AtomicBits<State>);

/// What one finds who would fill the slot.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Begin<F> {
    /// Nothing in it: it is the caller's to fill.
    Begun(F),
    /// Somebody who fills it; nothing has changed.
    Filling,
    /// The value; nothing has changed.
    Full,
}

/// Whom to wake after a transition.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Wake {
    Nobody,
    Everybody,
}

// === impl State ===

impl State {
    // The words that are stored or compared whole. A test compares them with what `with` builds.
    pub(super) const EMPTY: Self = Self::from_bits(0);
    pub(super) const FULL: Self = Self::from_bits(2);

    /// Whom to wake when the state is no longer this one.
    fn wake(self) -> Wake {
        if self.get(Self::AWAITED) {
            Wake::Everybody
        } else {
            Wake::Nobody
        }
    }

    #[cfg(test)]
    pub(super) fn of(phase: Phase, awaited: bool) -> Self {
        Self::new()
            .with(Self::PHASE, phase)
            .with(Self::AWAITED, awaited)
    }
}

// === impl AtomicState ===

impl AtomicState {
    const_fn! {
        pub(super) const fn new(state: State) -> Self {
            Self(AtomicBits::from_atomic(AtomicU32::new(state.bits())))
        }
    }

    /// Whether the value is there, to be read.
    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        // Acquire pairs with the release in `finish`: the value is seen written.
        self.0.load(Acquire) == State::FULL
    }

    /// How far the value has come, for who does not touch it.
    pub(super) fn phase(&self) -> Phase {
        self.0.load(Relaxed).get(State::PHASE)
    }

    /// `Empty` to `Filling`: gives the caller the slot. Who sleeps goes on sleeping.
    pub(super) fn begin(&self) -> Begin<()> {
        // Acquire, of what is changed, pairs with the release in `abandon`: what the last initialiser
        // did comes before what the next one does. Of what is only seen it pairs with the release in
        // `finish`: the value is seen written.
        self.0
            .transition(Acquire, Acquire, |state| match state.get(State::PHASE) {
                Phase::Empty => {
                    Transition::To(state.with(State::PHASE, Phase::Filling), Begin::Begun(()))
                }
                Phase::Filling => Transition::Stay(Begin::Filling),
                Phase::Full => Transition::Stay(Begin::Full),
            })
    }

    /// `Filling` to `Full`: gives the slot, with the value in it, to everybody.
    pub(super) fn finish(&self) -> Wake {
        // Release pairs with the acquire in `is_full` and `begin`.
        self.0.swap(State::FULL, Release).wake()
    }

    /// `Filling` to `Empty`: gives the slot, with nothing in it, to whoever begins next.
    pub(super) fn abandon(&self) -> Wake {
        // Release pairs with the acquire in `begin`.
        self.0.swap(State::EMPTY, Release).wake()
    }

    /// Says that somebody is about to sleep until the phase is another than `phase`. The state that
    /// has to last for the sleep, or `None` if it is another already.
    #[cfg(feature = "os")]
    pub(super) fn await_change(&self, phase: Phase) -> Option<State> {
        // Relaxed: nothing is read for it but the word. Who is woken looks at it again.
        self.0.transition(Relaxed, Relaxed, |state| {
            if state.get(State::PHASE) == phase {
                let awaited = state.with(State::AWAITED, true);
                Transition::To(awaited, Some(awaited))
            } else {
                Transition::Stay(None)
            }
        })
    }

    /// Where the waiters sleep.
    #[cfg(feature = "os")]
    pub(super) fn as_atomic(&self) -> &AtomicU32 {
        self.0.as_atomic()
    }

    /// `Full` to `Empty`, or `Empty` as it was: by the owner, so nobody waits. Whether it was `Full`.
    pub(super) fn empty(&mut self) -> bool {
        self.0
            .with_mut(|state| core::mem::replace(state, State::EMPTY) == State::FULL)
    }
}
