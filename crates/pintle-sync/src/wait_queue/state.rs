#[cfg(test)]
mod tests;

use core::{fmt, task::Poll};

use pintle_bitfield::{AtomicBits, Transition, bitfield, enum_from_bits};
use pintle_core::{
    atomic::Ordering::{AcqRel, Acquire, Relaxed, Release},
    const_fn,
};

use crate::{Closed, waiters::Ticket};

bitfield! {
    /// The queue's word. The generation wraps; the module docs say what that does.
    #[derive(PartialEq, Eq)]
    pub(super) struct Word<usize> {
        /// What the queue is doing.
        const STATE: State;
        // Keeps the generation where a waiter's ticket has its note.
        const _UNUSED: bool;
        /// How often everybody has been woken.
        const GENERATION = ..;
    }
}

enum_from_bits! {
    /// What the queue is doing.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) enum State<u8> {
        /// Nobody waits, no wake-up is stored.
        Empty = 0,
        /// Somebody waits: the ring is not empty.
        Waiting = 1,
        /// Nobody waits, a wake-up is stored.
        Woken = 2,
        /// Closed for good.
        Closed = 3,
    }
}

/// The queue's word, and every way to change it.
pub(super) struct AtomicWord(AtomicBits<Word>);

/// What a waiter finds that is not queued yet.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Arrival {
    /// It is woken: it took the stored wake-up, or everybody has been woken since it was created.
    Woken,
    /// The queue is closed.
    Closed,
    /// It has to wait. If the lock is held the state is `Waiting` now.
    Wait,
}

/// What a wake-up for one waiter finds.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Permit {
    /// Nobody waits; it is stored.
    Stored,
    /// The queue is closed; nothing has changed.
    Closed,
    /// Somebody waits; nothing has changed.
    Waiting,
}

/// What waking or ending all waits finds.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Settle {
    /// Nobody waits, or the queue was closed already: there is nothing more to do.
    Settled,
    /// Somebody waits. Without the lock nothing has changed. With it, the state has moved on and
    /// the caller must empty the ring.
    Waiting,
}

// === impl Word ===

impl Word {
    /// One generation more is this much more in the word; it falls off the upper end.
    const ONE_GENERATION: usize = Self::GENERATION.first_bit();

    #[inline(always)]
    pub(super) fn is_closed(self) -> bool {
        self.get(Self::STATE) == State::Closed
    }

    #[inline(always)]
    pub(super) fn generation(self) -> usize {
        self.get(Self::GENERATION)
    }

    #[inline(always)]
    fn next_generation(self) -> Self {
        Self::from_bits(self.bits().wrapping_add(Self::ONE_GENERATION))
    }
}

/// Whether a waiter that is `Idle` is of the queue's generation, and the state `Empty` or `Waiting`.
#[inline(always)]
fn must_wait(ticket: Ticket, word: Word) -> bool {
    // The generations are in the same bits, and what is below them is 0 in an `Idle` ticket.
    ticket.bits() ^ word.bits() <= State::Waiting as usize
}

// === impl AtomicWord ===

impl AtomicWord {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Word::new().into_atomic())
        }
    }

    const_fn! {
        pub(super) const fn new_woken() -> Self {
            Self(Word::from_bits(State::Woken as usize).into_atomic())
        }
    }

    #[cfg(test)]
    pub(super) fn from_word(word: Word) -> Self {
        Self(word.into_atomic())
    }

    /// The word now. It may be another one by the time it is looked at.
    #[inline(always)]
    pub(super) fn load(&self) -> Word {
        // Acquire pairs with the release in `wake_all` and `close`: whoever sees the new
        // generation, or the closing, sees what led to it.
        self.0.load(Acquire)
    }

    /// Ends the wait of an `Idle` waiter, if it can be ended now.
    #[inline(always)]
    pub(super) fn arrive(&self, ticket: Ticket) -> Arrival {
        if must_wait(ticket, self.load()) {
            return Arrival::Wait;
        }
        self.arrive_as::<false>(ticket)
    }

    /// As [`arrive`](Self::arrive); if the waiter has to wait, makes the state `Waiting`.
    ///
    /// The lock is held, `first` says whether the ring is empty, and the caller puts the waiter into the
    /// ring before the lock is released.
    #[inline(always)]
    pub(super) fn arrive_locked(&self, ticket: Ticket, first: bool) -> Arrival {
        // The word in which the waiter has to wait, with others or as the first. An `Idle` ticket is the
        // word of an empty queue in the waiter's generation.
        let empty = Word::from_bits(ticket.bits());
        let waiting = Word::from_bits(ticket.bits() | State::Waiting as usize);
        debug_assert!(waiting == empty.with(Word::STATE, State::Waiting));
        let waits = if first {
            // Acquire as in `transition`. Nothing is released but what others released before, which an
            // exchange hands on: who sees the state `Waiting` takes the lock, which does the rest.
            self.0
                .compare_exchange(empty, waiting, Acquire, Acquire)
                .is_ok()
        } else {
            self.load() == waiting
        };
        if waits {
            return Arrival::Wait;
        }
        self.arrive_as::<true>(ticket)
    }

    /// Arrives, whatever is the matter.
    #[cold]
    #[inline(never)]
    fn arrive_as<const LOCKED: bool>(&self, ticket: Ticket) -> Arrival {
        self.transition(self.load(), |seen| {
            // The generation first: a waiter that was there when everybody was woken has been
            // woken, whatever has happened to the queue since.
            if ticket.get(Ticket::NOTE) != seen.generation() {
                return Transition::Stay(Arrival::Woken);
            }
            let to = |state, arrival| Transition::To(seen.with(Word::STATE, state), arrival);
            match seen.get(Word::STATE) {
                State::Closed => Transition::Stay(Arrival::Closed),
                State::Woken => to(State::Empty, Arrival::Woken),
                State::Empty if LOCKED => to(State::Waiting, Arrival::Wait),
                State::Empty | State::Waiting => Transition::Stay(Arrival::Wait),
            }
        })
    }

    /// `Woken` to `Empty`: takes the stored wake-up.
    pub(super) fn take_permit(&self) -> Poll<Result<(), Closed>> {
        self.transition(self.load(), |seen| match seen.get(Word::STATE) {
            State::Closed => Transition::Stay(Poll::Ready(Err(Closed))),
            State::Empty | State::Waiting => Transition::Stay(Poll::Pending),
            State::Woken => {
                Transition::To(seen.with(Word::STATE, State::Empty), Poll::Ready(Ok(())))
            }
        })
    }

    /// `Empty` or `Woken` to `Woken`: stores a wake-up.
    #[inline(always)]
    pub(super) fn store_permit(&self) -> Permit {
        self.transition(self.0.load(Relaxed), |seen| match seen.get(Word::STATE) {
            State::Waiting => Transition::Stay(Permit::Waiting),
            State::Closed => Transition::Stay(Permit::Closed),
            // Written also where one is stored already: whoever takes it must see what came
            // before this call too.
            State::Empty | State::Woken => {
                Transition::To(seen.with(Word::STATE, State::Woken), Permit::Stored)
            }
        })
    }

    /// Starts a new generation, if nobody waits.
    pub(super) fn wake_all(&self) -> Settle {
        self.settle::<false>(Word::next_generation)
    }

    /// Starts a new generation; `Waiting` becomes `Empty`. The lock is held.
    pub(super) fn wake_all_locked(&self) -> Settle {
        self.settle::<true>(|word| {
            let state = match word.get(Word::STATE) {
                State::Waiting => State::Empty,
                other => other,
            };
            word.next_generation().with(Word::STATE, state)
        })
    }

    /// Closes, if nobody waits.
    pub(super) fn close(&self) -> Settle {
        self.settle::<false>(|word| word.with(Word::STATE, State::Closed))
    }

    /// Closes. The lock is held.
    pub(super) fn close_locked(&self) -> Settle {
        self.settle::<true>(|word| word.with(Word::STATE, State::Closed))
    }

    #[inline(always)]
    fn settle<const LOCKED: bool>(&self, change: impl Fn(Word) -> Word) -> Settle {
        self.transition(self.0.load(Relaxed), |seen| match seen.get(Word::STATE) {
            State::Closed => Transition::Stay(Settle::Settled),
            State::Waiting if !LOCKED => Transition::Stay(Settle::Waiting),
            State::Waiting => Transition::To(change(seen), Settle::Waiting),
            State::Empty | State::Woken => Transition::To(change(seen), Settle::Settled),
        })
    }

    /// `Waiting` to `Empty`: the ring has become empty. The lock is held, the state is `Waiting`.
    #[inline(always)]
    pub(super) fn end_waiting(&self) {
        // Nobody else changes a `Waiting` word while the lock is held (invariant 2), so what is
        // loaded here is not overwritten by anybody before it is stored.
        let seen = self.0.load(Relaxed);
        debug_assert_eq!(seen.get(Word::STATE), State::Waiting);
        // Release pairs with the acquire in `load`: it hands on the generation, and who reads that
        // must see what came before the `wake_all` that began it.
        self.0.store(seen.with(Word::STATE, State::Empty), Release);
    }

    /// Whether the ring has somebody in it; for sure if the lock is held.
    #[inline(always)]
    pub(super) fn is_waiting(&self) -> bool {
        self.0.load(Relaxed).get(Word::STATE) == State::Waiting
    }

    /// Makes a transition; `seen` is what the word was a moment ago.
    #[inline(always)]
    fn transition<R>(&self, seen: Word, step: impl FnMut(Word) -> Transition<Word, R>) -> R {
        // Release pairs with the acquire of whoever takes a wake-up, sees a new generation or the
        // closing. Acquire, in success: with the release of each `wake` whose wake-up is taken
        // here (every one of them wrote the word, so all are in the release sequence), and, for a
        // first waiter, of each that came before it queued. In failure: what is seen is acted upon.
        self.0.transition_from(seen, AcqRel, Acquire, step)
    }
}

impl fmt::Debug for AtomicWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}
