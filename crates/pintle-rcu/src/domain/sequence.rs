pintle_core::not_loom! {
    #[cfg(test)]
    mod tests;
}

use super::Cookie;
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
    },
    const_fn,
};

/// How many grace periods are over, whether one is under way, and who drives it.
///
/// ```text
///   n over, none          drive          n over, one      leave        n over, one
///   under way       ──────────────────▶  driven         ◀───────────▶  under way
///       ▲                                   │              drive
///       └─────────── n := n + 1 ◀───────────┘
///                      finish
/// ```
///
/// One word, so that a writer that is alone makes two changes to it: `join` and `finish`. The numbers wrap.
///
/// # Invariants
///
/// 1. Whoever has set `HELD` drives until it clears it, or is left behind by a fork: it has the
///    [`Scan`](super::scan::Scan).
/// 2. Every change is a read-modify-write operation, and so is taking a cookie. So they are in one order, and
///    each that acquires synchronizes with all before it that released: the release sequences do not break off.
pub(super) struct Sequence {
    word: AtomicUsize,
}

/// Somebody drives.
const HELD: usize = 1 << 0;
/// A grace period is under way, driven or not.
const RUNNING: usize = 1 << 1;
/// Who leads and would sleep has found somebody else driving.
const TURNED_AWAY: usize = 1 << 2;
/// Tasks sleep until a grace period is over.
const FOLLOWED: usize = 1 << 3;
/// One grace period.
const STEP: usize = 1 << 4;
const NUMBER: usize = !(STEP - 1);

/// Whether the caller is to drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drive {
    /// It drives.
    Drives,
    /// Somebody else drives.
    IsDriven,
    /// There is nothing to drive towards.
    Over,
}

/// Who is to be woken after somebody has driven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wake {
    pub(super) leader: bool,
    pub(super) followers: bool,
}

// === impl Sequence ===

impl Sequence {
    const_fn! {
        /// One grace period before the numbers wrap: what a wrap would break breaks at once.
        pub(super) const fn new() -> Self {
            Self {
                word: AtomicUsize::new(NUMBER),
            }
        }
    }

    /// The first grace period that begins from now on.
    pub(super) fn cookie(&self) -> Cookie {
        // Release: what came before is seen by whoever begins that grace period. The beginning is later in
        // the order of read-modify-writes, else this had seen it, and acquires.
        next(self.word.fetch_or(0, AcqRel))
    }

    /// As `cookie`, and drives if nobody does: then the second is true.
    pub(super) fn join(&self) -> (Cookie, bool) {
        // Release as in `cookie`, Acquire as in `drive`.
        let before = self.word.fetch_or(HELD | RUNNING, AcqRel);
        if before & RUNNING == 0 {
            // It is this one that we have begun.
            return (Cookie((before & NUMBER).wrapping_add(STEP)), true);
        }
        (next(before), before & HELD == 0)
    }

    pub(super) fn is_over(&self, cookie: Cookie) -> bool {
        // Acquire pairs with the Release in `finish`.
        is_over(self.word.load(Acquire), cookie)
    }

    /// Drives towards the grace period of `cookie` if nobody else does. If somebody does, and the caller would
    /// sleep, it is told to wake who leads.
    pub(super) fn drive(&self, cookie: Cookie, sleeps: bool) -> Drive {
        // Acquire as in `is_over`.
        let mut word = self.word.load(Acquire);
        loop {
            if is_over(word, cookie) {
                return Drive::Over;
            }
            let (next, outcome) = if word & HELD == 0 {
                (word | HELD | RUNNING, Drive::Drives)
            } else if sleeps {
                (word | TURNED_AWAY, Drive::IsDriven)
            } else {
                return Drive::IsDriven;
            };
            // Acquire pairs with the Release of each cookie taken before, if this begins a grace period: what
            // came before the cookie comes before it. And with the Release in `leave` and `finish`. Release:
            // only for invariant 2.
            match self.word.compare_exchange_weak(word, next, AcqRel, Acquire) {
                Ok(_) => return outcome,
                Err(now) => word = now,
            }
        }
    }

    /// As `drive`, but begins nothing.
    pub(super) fn drive_on(&self) -> bool {
        let mut word = self.word.load(Relaxed);
        while word & (HELD | RUNNING) == RUNNING {
            // Acquire as in `drive`.
            match self
                .word
                .compare_exchange_weak(word, word | HELD, AcqRel, Relaxed)
            {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Sees to it that followers are woken when a grace period is over; false if that of `cookie` is already.
    pub(super) fn follow(&self, cookie: Cookie) -> bool {
        // Acquire as in `is_over`. Either `finish` comes later, and sees this; or this sees it.
        !is_over(self.word.fetch_or(FOLLOWED, AcqRel), cookie)
    }

    /// Drives in the place of a thread that is not there any more, in the child of a fork; and of the tasks that sleep
    /// wakes none, as their wakers may be such a thread's.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(super) fn seize(&self) {
        // AcqRel: for invariant 2.
        self.word.fetch_or(HELD, AcqRel);
        self.clear(TURNED_AWAY | FOLLOWED);
    }

    /// Drives no more; the grace period is still under way.
    pub(super) fn leave(&self) -> Wake {
        // Release pairs with the Acquire in `drive`: the scan is as we leave it.
        let before = self.word.fetch_sub(HELD, Release);
        debug_assert!(before & HELD != 0);
        Wake {
            leader: before & TURNED_AWAY != 0 && self.clear(TURNED_AWAY),
            followers: false,
        }
    }

    /// Drives no more: the grace period is over.
    pub(super) fn finish(&self) -> Wake {
        // Release pairs with the Acquire in `is_over`: the sections that were waited for happen before what
        // comes after. And with that in `drive`. The number carries past the end.
        let before = self
            .word
            .fetch_add(STEP.wrapping_sub(HELD | RUNNING), AcqRel);
        debug_assert!(before & (HELD | RUNNING) == HELD | RUNNING);
        self.wake_after(before)
    }

    /// Who is to be woken, as the word was `before` the grace period was over.
    fn wake_after(&self, before: usize) -> Wake {
        let flags = before & (TURNED_AWAY | FOLLOWED);
        if flags == 0 {
            return Wake::default();
        }
        // Whoever has set one of these, even since then, is woken. One that was not set before may be of somebody who
        // came since then, whom we do not wake: it stays.
        self.clear(flags);
        Wake {
            leader: before & TURNED_AWAY != 0,
            followers: before & FOLLOWED != 0,
        }
    }

    #[cold]
    fn clear(&self, flags: usize) -> bool {
        // AcqRel: for invariant 2.
        self.word.fetch_and(!flags, AcqRel) & flags != 0
    }
}

/// The first grace period that begins after the word was `word`.
fn next(word: usize) -> Cookie {
    let begun = if word & RUNNING == 0 { STEP } else { 2 * STEP };
    Cookie((word & NUMBER).wrapping_add(begun))
}

fn is_over(word: usize, cookie: Cookie) -> bool {
    let ahead = cookie.0.wrapping_sub(word & NUMBER);
    // A cookie was never further ahead than two: such a one is so old that the numbers have wrapped.
    ahead == 0 || ahead > 2 * STEP
}
