use crate::scheduler::Tick;

/// What the consumer counts, for the next [`Tick`].
///
/// Nobody counts when a task is woken: the consumer counts the tickets it takes out. One is there for
/// each spawn, which is counted, and for each wake-up. When a poll is over, the state says whether the task was
/// woken meanwhile. So of the tickets that come later as many are known not to be of external wake-ups.
pub(super) struct Tally {
    /// Tickets of this tick whose tasks were complete when they were taken out.
    void: usize,
    /// Tasks that this tick has completed.
    completed: usize,
    /// Spawns, and wake-ups during polls, that were reported, less the tickets that were taken out, and are
    /// accounted for. Below zero there are wake-ups to be reported whose tickets are gone.
    owed: isize,
    /// Not zero if one of the others is not.
    unsettled: usize,
}

// === impl Tally ===

impl Tally {
    pub(super) const fn new() -> Self {
        Self {
            void: 0,
            completed: 0,
            owed: 0,
            unsettled: 0,
        }
    }

    /// Takes note of a task that is complete.
    pub(super) fn count_completed(&mut self) {
        self.completed += 1;
        self.unsettled = 1;
    }

    /// Takes note of a ticket whose task was complete.
    pub(super) fn count_void(&mut self) {
        self.void += 1;
        self.unsettled = 1;
    }

    /// Zero if there is nothing to be accounted for but the tickets that a tick takes out: each is there for a
    /// wake-up that is not reported yet.
    #[inline(always)]
    pub(super) fn unsettled(&self) -> usize {
        self.unsettled
    }

    /// Takes out so many tickets for nobody's tick: the next one reports what they are there for.
    pub(super) fn take_out(&mut self, tickets: usize) {
        self.owed = self.owed.wrapping_sub_unsigned(tickets);
        self.unsettled = 1;
    }

    /// Ends a tick that is not reported, as a panic has come of it. Its arguments are as for `report`.
    pub(super) fn give_up(&mut self, taken: usize, internal: usize) {
        self.take_out(taken - self.void);
        self.owed = self.owed.wrapping_add_unsigned(internal);
        self.void = 0;
        self.completed = 0;
    }

    /// Reports a tick that has taken out `taken` tickets, and whose polls woke their own tasks `internal`
    /// times. `spawned` tasks were spawned since the last.
    #[inline]
    pub(super) fn report(&mut self, taken: usize, internal: usize, spawned: usize) -> Tick {
        let polled = taken - self.void;
        // There are as many as can be in memory.
        let owed = self.owed.wrapping_add_unsigned(internal + spawned);
        let left = owed.wrapping_sub_unsigned(polled);
        let tick = Tick {
            polled,
            completed: self.completed,
            has_remaining: false,
            spawned,
            woken_external: left.min(0).unsigned_abs(),
            woken_internal: internal,
        };
        *self = Self {
            owed: left.max(0),
            unsettled: left.max(0).unsigned_abs(),
            ..Self::new()
        };
        tick
    }
}
