use pintle_bitfield::{bitfield, enum_from_bits};

bitfield! {
    /// A waiter's word.
    #[derive(PartialEq, Eq)]
    pub(crate) struct Ticket<usize> {
        /// How far it has come.
        pub(crate) const STAGE: Stage;
        /// What its primitive notes before it is queued; gone when it leaves `Idle`. 61, 29 or 13
        /// bits, by the target.
        pub(crate) const NOTE = ..;
    }
}

enum_from_bits! {
    /// How far a waiter has come. See the [module](super) for the transitions.
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum Stage<u8> {
        /// Not queued yet. Its owner's.
        Idle = 0,
        /// Linked in a ring. Whoever holds the lock may change it.
        Waiting = 1,
        /// Given what it waited for, not polled since: owes it to the next if it is dropped.
        Handed = 2,
        /// Ended for good, and owes nothing. Its owner's.
        Done = 3,
        /// Ended by the closing. Its owner's.
        Closed = 4,
    }
}

// === impl Ticket ===

impl Ticket {
    // The words that the hot paths compare whole; a waiter that is not `Idle` has no note. A test
    // compares them with what `with` builds.
    pub(crate) const WAITING: Self = Self::from_bits(1);
    pub(crate) const HANDED: Self = Self::from_bits(2);

    /// The ticket of a waiter that is not queued yet.
    #[inline(always)]
    pub(crate) fn idle(note: usize) -> Self {
        Self::new().with(Self::NOTE, note)
    }

    #[inline(always)]
    pub(crate) fn is_idle(self) -> bool {
        self.bits() & Self::STAGE.raw_mask() == Stage::Idle as usize
    }

    #[inline(always)]
    pub(crate) fn stage(self) -> Stage {
        self.get(Self::STAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_are_compared_whole_are_right() {
        let of = |stage| Ticket::new().with(Ticket::STAGE, stage);
        assert!(of(Stage::Waiting) == Ticket::WAITING);
        assert!(of(Stage::Handed) == Ticket::HANDED);
        assert!(of(Stage::Idle) == Ticket::idle(0));
        for stage in [
            Stage::Idle,
            Stage::Waiting,
            Stage::Handed,
            Stage::Done,
            Stage::Closed,
        ] {
            assert_eq!(of(stage).stage(), stage);
        }
    }

    #[test]
    fn a_note_is_kept_beside_the_stage() {
        for note in [0, 1, usize::MAX >> 3] {
            let ticket = Ticket::idle(note);
            assert!(ticket.is_idle());
            assert_eq!(ticket.get(Ticket::NOTE), note);
        }
        assert!(!Ticket::WAITING.is_idle());
        assert!(!Ticket::HANDED.is_idle());
    }
}
