use pintle_core::{Backoff, thread};

/// So often a waiter looks before it lets other threads run: all of it takes longer than most critical
/// sections.
const LOOKS: u8 = 16;

/// What a waiter does between its looks at a lock, or at a cell that another thread fills.
///
/// It spins, twice as long each time. With feature `os` it gives its processor away after a while, to
/// a holder that waits for one: else it would spin until its time slice is over.
#[derive(Default)]
pub(crate) struct Patience {
    backoff: Backoff,
    looks: u8,
}

// === impl Patience ===

impl Patience {
    pub(crate) fn wait(&mut self) {
        self.backoff.spin();
        if self.looks < LOOKS {
            self.looks += 1;
        } else {
            thread::yield_now();
        }
    }
}
