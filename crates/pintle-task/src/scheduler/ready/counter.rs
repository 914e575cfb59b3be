//! What is counted between two ticks, in a word that also says what state the queue is in.

use pintle_bitfield::bitfield;
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Relaxed},
    },
    const_fn,
};

bitfield! {
    /// The word of a [`Counter`].
    ///
    /// The count has 13 bits on 16-bit targets, 29 on 32-bit and 61 on 64-bit ones. What is counted
    /// between two ticks are tasks in memory, of which there can be no more than that.
    struct Count<usize> {
        const CLOSED: bool;
        const ASLEEP: bool;
        /// Of one of a queue's counters: somebody is its consumer.
        const CONSUMED: bool;
        const EVENTS = ..;
    }
}

const CLOSED: usize = Count::CLOSED.raw_mask();
const ASLEEP: usize = Count::ASLEEP.raw_mask();
const CONSUMED: usize = Count::CONSUMED.raw_mask();
const EVENTS: usize = Count::EVENTS.raw_mask();

/// Counts events between two ticks, and tells who counts what state the queue is in.
pub(super) struct Counter(AtomicUsize);

/// How many events a consumer has seen, as they stand in the word, and its mark.
#[derive(Clone, Copy)]
pub(super) struct Consumed(usize);

/// What a counter says about the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// Somebody sleeps until there is a task.
    Asleep,
    Closed,
}

// === impl Counter ===
//
// What orders other memory is AcqRel, as told at `ReadyQueue`: what was done before an operation on a
// counter is seen by who does a later one.

impl Counter {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    /// Counts one event.
    #[inline]
    pub(super) fn add(&self) -> Gate {
        self.add_many(1)
    }

    #[inline]
    pub(super) fn add_many(&self, events: usize) -> Gate {
        // AcqRel: pairs with `close`, `stop_consuming` and `fall_asleep`.
        gate(self.0.fetch_add(events * Count::EVENTS.first_bit(), AcqRel))
    }

    /// How many events there were that nobody has taken.
    pub(super) fn events(&self) -> usize {
        Count::EVENTS.unpack_bits(self.0.load(Relaxed))
    }

    /// Returns how many events there were since the last call, and starts anew. One at a time does so.
    #[inline]
    pub(super) fn take(&self) -> usize {
        let events = self.0.load(Relaxed) & EVENTS;
        if events != 0 {
            // Relaxed: it orders nothing.
            self.0.fetch_sub(events, Relaxed);
        }
        Count::EVENTS.unpack_bits(events)
    }

    /// As `take`, but several may at once.
    pub(super) fn take_shared(&self) -> usize {
        match self.events() {
            0 => 0,
            // Relaxed: it orders nothing.
            _ => Count::EVENTS.unpack_bits(self.0.fetch_and(!EVENTS, Relaxed)),
        }
    }

    /// Makes the caller the consumer, if there is none.
    #[inline]
    pub(super) fn try_consume(&self) -> bool {
        // AcqRel, also if there is one: pairs with `stop_consuming`.
        self.0.fetch_or(CONSUMED, AcqRel) & CONSUMED == 0
    }

    /// Ends the caller's being the consumer.
    #[inline]
    pub(super) fn stop_consuming(&self) -> Gate {
        // AcqRel: pairs with `add`, `close` and `try_consume`.
        gate(self.0.fetch_sub(CONSUMED, AcqRel))
    }

    /// How many events there are, and the mark of their consumer, who asks.
    #[inline]
    pub(super) fn consumed(&self) -> Consumed {
        let word = self.0.load(Relaxed);
        debug_assert!(word & CONSUMED != 0, "the consumer asks");
        Consumed(word & !(CLOSED | ASLEEP))
    }

    /// Ends the caller's being the consumer, and takes the events.
    #[inline]
    pub(super) fn stop_consuming_and_take(&self, consumed: Consumed) -> Gate {
        // AcqRel: as in `stop_consuming`.
        gate(self.0.fetch_sub(consumed.0, AcqRel))
    }

    /// Looks at the gate, and counts nothing.
    pub(super) fn look(&self) -> Gate {
        // Written, and AcqRel: pairs with `close`.
        gate(self.0.fetch_add(0, AcqRel))
    }

    /// Looks at the gate: a hint.
    pub(super) fn peek(&self) -> Gate {
        gate(self.0.load(Relaxed))
    }

    /// Says that somebody sleeps.
    pub(super) fn fall_asleep(&self) -> Gate {
        // AcqRel: pairs with `add`.
        gate(self.0.fetch_or(ASLEEP, AcqRel))
    }

    /// Whether somebody sleeps, whom the caller is the first to wake.
    pub(super) fn wake_up(&self) -> bool {
        // AcqRel: pairs with `fall_asleep`.
        self.0.fetch_and(!ASLEEP, AcqRel) & ASLEEP != 0
    }

    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(super) fn close(&self) {
        // AcqRel: pairs with `add`, `stop_consuming` and `look`.
        self.0.fetch_or(CLOSED, AcqRel);
    }
}

// === impl Consumed ===

impl Consumed {
    #[inline]
    pub(super) fn events(self) -> usize {
        Count::EVENTS.unpack_bits(self.0)
    }
}

#[inline]
fn gate(word: usize) -> Gate {
    // Where no scheduler can be closed, nothing of the closing is compiled.
    const CAN_CLOSE: bool = cfg!(all(feature = "alloc", target_has_atomic = "ptr"));
    // By mask, and the frequent answer first.
    if word & (CLOSED | ASLEEP) == 0 {
        Gate::Open
    } else if CAN_CLOSE && word & CLOSED != 0 {
        Gate::Closed
    } else {
        Gate::Asleep
    }
}
