//! [`Horizon`]: the moment before which a turn has nothing to do, told without the lock.
//!
//! It is written under the wheel's lock, and read by turns that want to know whether they need the
//! lock at all. On targets of 64 bits it is one word, the wheel's bound. A `u64` is more than a word
//! on smaller ones, and two halves read one after the other may be of two different bounds. There,
//! time is cut into *epochs* of a quarter of the word's range, and `next` holds the bound's low bits:
//!
//! ```text
//!               epoch − 1           epoch            epoch + 1          epoch + 2
//!          ├─────────────────┼──────────────────┼──────────────────┼─────────────────┤
//!  now            lock          compare with next        lock               lock
//!  bound         DUE          low bits of the bound, the end of epoch + 1 at most
//! ```
//!
//! A reader loads `epoch` first. Unless its own time lies in that very epoch, it takes the lock, and
//! the turn it makes then brings the epoch up to date. If it does, its time and the bound are less
//! than half the word's range apart, so the sign of the difference of their low bits tells which
//! comes first.
//!
//! # Why a stale or mixed reading does no harm
//!
//! - All stores are made under the lock, so a reader that comes *after* an arm (the order in which
//!   the two happened is what "after" means, not the clock) finds what the arm has stored, or
//!   something newer, by the coherence of one atomic word. If it comes neither before nor after, it
//!   might as well have taken the lock first.
//! - `epoch` never goes back and is stored after `next`, with Release; it is loaded before `next`,
//!   with Acquire. So the `next` that a reader finds is as new as its `epoch`, or newer. If newer,
//!   and of a later epoch, then another turn has overtaken the reader, which is of no use any more;
//!   whatever it decides is right. But the later bound might be *before* that epoch, where a sleep
//!   was started by a clock that ran behind: so such a bound is not stored, but [`DUE`](Horizon::DUE)
//!   is, and everybody takes the lock.
//! - When the count of epochs is at its end, readers are of a later one, and take the lock. On 32 bits that is after 2⁶²
//!   ticks, 146 years of nanoseconds; on 16 bits after 2³⁰ ticks.

use pintle_core::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use pintle_core::const_fn;

use super::Ticks;

/// What a look at the horizon tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// There is no sleep.
    Nothing,
    /// No sleep ends now, and none before this.
    Clear(Ticks),
    /// A sleep may end: take the lock.
    Due,
}

/// See the [module's documentation](self). `BITS` is how many bits of each word are used.
pub(super) struct Horizon<const BITS: u32 = { usize::BITS }> {
    next: AtomicUsize,
    /// Unused where a word holds all of a bound.
    epoch: AtomicUsize,
}

// === impl Horizon ===

impl<const BITS: u32> Horizon<BITS> {
    /// All ones.
    const MASK: Ticks = Ticks::MAX >> (Ticks::BITS - BITS);
    /// What `next` is when there is no sleep: none is ever pending that is due at 0.
    const NOTHING: Ticks = 0;
    /// What `next` is when only the lock can tell, where it does not hold a bound whole.
    const DUE: Ticks = 1;
    /// Whether `next` holds a bound whole.
    const WHOLE: bool = BITS == Ticks::BITS;
    /// An epoch is `1 <<` this many ticks.
    const EPOCH: u32 = BITS - 2;

    const_fn! {
        /// There is no sleep.
        pub(super) const fn new() -> Self {
            const { assert!(BITS > 2 && BITS <= usize::BITS) };
            Self {
                next: AtomicUsize::new(Self::NOTHING as usize),
                epoch: AtomicUsize::new(0),
            }
        }
    }

    /// What a turn at `now` has to do.
    #[inline]
    pub(super) fn look(&self, now: Ticks) -> Sight {
        if Self::WHOLE {
            let next = self.next.load(Relaxed) as Ticks;
            return if now < next {
                Sight::Clear(next)
            } else if next == Self::NOTHING {
                Sight::Nothing
            } else {
                Sight::Due
            };
        }
        // Acquire pairs with the Release in `publish`: `next` is as new as this, or newer.
        let epoch = self.epoch.load(Acquire) as Ticks;
        let next = self.next.load(Relaxed) as Ticks;
        if next == Self::NOTHING {
            return Sight::Nothing;
        }
        let ahead = next.wrapping_sub(now) & Self::MASK;
        let in_epoch = now >> Self::EPOCH == epoch;
        if in_epoch && next != Self::DUE && ahead != 0 && ahead <= Self::MASK / 2 {
            return Sight::Clear(now.saturating_add(ahead));
        }
        Sight::Due
    }

    /// Makes known that no sleep ends before `bound`, or that there is none. Under the lock.
    ///
    /// `seen` is a moment that the clock has reached: the later, the more of the time to come is in
    /// reach.
    #[inline]
    pub(super) fn publish(&self, bound: Option<Ticks>, seen: Ticks) {
        if Self::WHOLE {
            self.store(bound.unwrap_or(Self::NOTHING));
            return;
        }
        let old = self.epoch.load(Relaxed) as Ticks;
        let epoch = old.max(seen >> Self::EPOCH).min(Self::MASK);
        let start = epoch << Self::EPOCH;
        self.store(match bound {
            None => Self::NOTHING,
            Some(bound) if bound < start => Self::DUE,
            Some(bound) => {
                let limit = start.saturating_add((2 << Self::EPOCH) - 1);
                match bound.min(limit) & Self::MASK {
                    // Before the bound, if only just.
                    Self::NOTHING | Self::DUE => Self::MASK,
                    next => next,
                }
            }
        });
        if epoch != old {
            // Release pairs with the Acquire in `look`.
            self.epoch.store(epoch as usize, Release);
        }
    }

    /// Stores it always, for the line is that of the lock which the caller holds; and a model sees
    /// more, since loom takes a thread's own load for the last access that a store depends on.
    #[inline]
    fn store(&self, next: Ticks) {
        self.next.store(next as usize, Relaxed);
    }
}
