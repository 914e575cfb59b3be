/// What a scheduler did in one tick.
///
/// The counts of spawned and woken tasks are exact: each spawn and each wake-up is reported by one
/// tick. (One that happens on another thread *while* a scheduler ticks may be polled by that tick and
/// counted by the next. And a scheduler in a static counts wake-ups when it polls: those that a tick leaves in
/// the queue, having polled as often as it may, are counted by a later one.)
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Tick {
    /// How many times a task was polled. A task that had been cancelled, and whose future was
    /// dropped instead, counts as well: it was taken from the queue.
    pub polled: usize,

    /// How many tasks were completed, cancelled ones included.
    pub completed: usize,

    /// Whether tasks were ready to be polled when the tick ended.
    pub has_remaining: bool,

    /// How many tasks were spawned since the last tick.
    pub spawned: usize,

    /// How many times a task was woken since the last tick while it was idle.
    pub woken_external: usize,

    /// How many times a task was woken while this tick polled it; mostly by itself, to
    /// [yield](crate::future::yield_now).
    pub woken_internal: usize,
}

// === impl Tick ===

impl Tick {
    /// Returns how many times tasks were woken, while idle and while polled.
    #[must_use]
    pub fn woken(&self) -> usize {
        self.woken_external + self.woken_internal
    }
}
