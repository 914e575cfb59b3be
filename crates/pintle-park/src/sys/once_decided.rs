//! The choice between a process-wide barrier and fences, made once at run time.

use crate::barrier::Strategy;
use pintle_core::atomic::{
    AtomicU8,
    Ordering::{Relaxed, SeqCst},
    compiler_fence, fence,
};

const UNDECIDED: u8 = 0;
const FENCES: u8 = 1;
const PROCESS_BARRIER: u8 = 2;

/// Whether the application has chosen the process-wide barrier: then nothing is left to decide.
///
/// Not on Windows, where an emulation (Wine) may have a barrier that does nothing, and there is no
/// other that a heavy side could fall back on.
pub(crate) const FORCED: bool = cfg!(all(
    feature = "barrier-process",
    not(feature = "barrier-fences"),
    not(windows)
));

/// A strategy that is decided once, and read by every light side since.
///
/// ```text
///                       ┌─ decide: registration refused ─▶ FENCES
///   UNDECIDED ──────────┤
///   (light: full fence) └─ decide: registered ───────────▶ PROCESS_BARRIER
///                                                          (light: compiler fence)
/// ```
///
/// # Invariants
///
/// 1. The state leaves `UNDECIDED` once and changes no more.
/// 2. It becomes `PROCESS_BARRIER` only after the process has been registered.
///
/// # No two sides ever disagree
///
/// What would break is a light side that relies on the process-wide barrier while a heavy side
/// relies on the light side's fence. The light side leaves its fence out only where it has read
/// `PROCESS_BARRIER`. By 1 that is then the final state, so every heavy side, which decides before
/// it does anything else, gets it too and uses the barrier; by 2 the operating system grants it.
/// A light side that reads `UNDECIDED`, because it came early or because its `Relaxed` load was
/// answered late, makes a full fence, which goes with either kind of heavy side.
///
/// Where the process-wide barrier is forced at compile time, light sides read nothing, and every
/// heavy side uses it.
pub(crate) struct OnceDecided {
    state: AtomicU8,
}

impl OnceDecided {
    pub(crate) const fn new() -> Self {
        Self {
            state: AtomicU8::new(UNDECIDED),
        }
    }

    #[inline]
    pub(crate) fn light(&self) {
        if FORCED || self.state.load(Relaxed) == PROCESS_BARRIER {
            // Keeps the program order in the machine code; the heavy side makes the processor
            // keep it too.
            compiler_fence(SeqCst);
        } else {
            light_fence();
        }
    }

    /// The final strategy. `register` runs only if there is none yet, and may run in several
    /// threads at once: so it must be idempotent.
    #[inline]
    pub(crate) fn decide(&self, register: impl FnOnce() -> bool) -> Strategy {
        match self.state.load(Relaxed) {
            UNDECIDED => self.decide_first(register),
            state => Self::strategy(state),
        }
    }

    #[cold]
    fn decide_first(&self, register: impl FnOnce() -> bool) -> Strategy {
        let mine = if register() || FORCED {
            PROCESS_BARRIER
        } else {
            FENCES
        };
        // The first answer counts, even for a thread that got the other one: if the process is
        // registered for one of its threads, it is for all.
        match self
            .state
            .compare_exchange(UNDECIDED, mine, Relaxed, Relaxed)
        {
            Ok(_) => Self::strategy(mine),
            Err(theirs) => Self::strategy(theirs),
        }
    }

    fn strategy(state: u8) -> Strategy {
        if state == PROCESS_BARRIER {
            Strategy::ProcessBarrier
        } else {
            Strategy::Fences
        }
    }
}

/// Out of the way: where the barrier is cheap, this is not executed.
#[cold]
fn light_fence() {
    // Pairs with the heavy side's fence, or its barrier.
    fence(SeqCst);
}
