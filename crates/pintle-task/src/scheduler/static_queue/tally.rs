use crate::scheduler::Tick;

/// What the consumer counts, for the next [`Tick`].
///
/// Nobody counts when a task is woken: the consumer counts the tickets it takes out. One is there for
/// each spawn, which is counted, and for each wake-up. When a poll is over, the state says whether the task was
/// woken meanwhile. So of the tickets that come later as many are known not to be of external wake-ups.
pub(super) struct Tally {
    /// Tickets that were taken out.
    pub(super) taken: usize,
    /// Of those, the ones of tasks that were complete by then.
    pub(super) void: usize,
    pub(super) completed: usize,
    /// Spawns, and wake-ups during polls, whose tickets were not among those that have been reported.
    owed: usize,
}

// === impl Tally ===

impl Tally {
    pub(super) const fn new() -> Self {
        Self {
            taken: 0,
            void: 0,
            completed: 0,
            owed: 0,
        }
    }

    /// Forgets what a tick has left that ended with a panic, and was reported by nobody: but for
    /// the wake-ups, which the next one reports.
    pub(super) fn start(&mut self) {
        self.taken -= self.void;
        self.void = 0;
        self.completed = 0;
    }

    /// Counts tickets that were taken out, and the wake-ups during polls.
    pub(super) fn settle(&mut self, taken: usize, internal: usize) {
        self.taken += taken;
        self.owed += internal;
    }

    /// Reports everything, and starts anew: a tick that has taken out `taken` tickets, and whose polls
    /// woke their own tasks `internal` times. `spawned` tasks were spawned since the last.
    pub(super) fn report(&mut self, taken: usize, internal: usize, spawned: usize) -> Tick {
        let valid = self.taken - self.void;
        let owed = self.owed + spawned;
        let known = valid.min(owed);
        let tick = Tick {
            polled: taken - self.void,
            completed: self.completed,
            has_remaining: false,
            spawned,
            woken_external: valid - known,
            woken_internal: internal,
        };
        *self = Self {
            owed: owed - known,
            ..Self::new()
        };
        tick
    }
}
