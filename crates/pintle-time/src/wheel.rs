//! The wheel: a set of deadlines, ordered just as far as the next turn needs.
//!
//! This is a plain data structure over ticks. It knows no clock and no lock; a
//! [`Timer`](crate::Timer) puts it behind both.
//!
//! # Where an entry lies
//!
//! Write the deadline and the wheel's time (`base`) in base 64, eleven digits cover a `u64`. The
//! highest digit in which the two differ is the entry's *level*; the deadline's digit there is
//! its *slot*:
//!
//! ```text
//!  level   10   9    8    7    6  │  5    4    3    2    1    0
//!  base     0   0    0    0    0  │  0    0    0   17   40   11
//!  deadline 0   0    0    0    0  │  0    0    0   19    2   63   ▶ level 2, slot 19
//!                   far           │            near
//!           one ring per level    │     64 slots per level
//! ```
//!
//! In a level's ring or slot everything agrees with `base` above that level. So
//!
//! - what lies on a lower level is due before everything on a higher one, and a lower slot
//!   before a higher one: the next slot is two `trailing_zeros` away, however long the wheel
//!   has been idle;
//! - digits never wrap round, `u64::MAX` is a deadline like any other.
//!
//! # What moves it
//!
//! [`advance`](Wheel::advance) moves `base` to the start of the next slot and *drains* it: each
//! entry in it is due now, or agrees with the new `base` in one digit more and is filed on a
//! lower level. An entry moves at most once per level. It goes on until the next slot starts
//! after the target.
//!
//! Draining is interruptible: after a full batch or [`MOVES`] moves, `advance` returns with the
//! slot in [`draining`](Wheel::draining), the caller lets go of the lock, wakes the batch, and
//! comes back (or another core does). In between, entries can be filed and removed as ever: those
//! in the slot being drained have not moved, and nothing new is filed there, for `base` already
//! has that slot's digit. A far ring is drained while `base` has *another* digit, so entries may
//! have to return to it: far levels have two rings, which swap when one of them is drained.
//!
//! # Invariants
//!
//! 1. An entry in `rings[p]` is [`Armed`](Phase::Armed) with the place `p`, holds a waker, and
//!    stays pinned and alive until it is taken out.
//! 2. Unless `p` is being drained: the entry's deadline is after `base`, its level is the highest
//!    digit in which the two differ, and `p` is the level's slot of that digit or its active ring.
//! 3. A slot's bit in `occupied`, and a level's in `levels`, is set exactly if there is an entry in
//!    it that is not being drained.
//! 4. `base` never decreases, and does not change while a place is being drained.
//! 5. `soonest` tells the truth about the earliest deadline: if exactly, there is an entry with it.

mod entry;
mod expired;
mod place;
#[cfg(test)]
mod tests;

pub(crate) use self::entry::{Entry, Phase, Renewal};
pub(crate) use self::expired::Expired;

use core::ptr::NonNull;
use core::task::Waker;

use pintle_intrusive::Ring;

use self::place::{NEAR_LEVELS, Place};
use crate::clock::Ticks;

/// How many entries and slots one call of [`Wheel::advance`] touches at most: what a thread that
/// waits for the lock, or an interrupt that the lock holds off, may have to wait for.
pub(crate) const MOVES: usize = 64;

/// Whether [`Wheel::advance`] has done all there is to do up to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Progress {
    /// Nothing that is due is left.
    Drained,
    /// Call again, for the batch was full or the lock has been held for long enough.
    More,
}

/// What is known of the earliest deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Soonest {
    /// It must be looked for.
    Unknown,
    /// It was looked for in vain; this is the start of the slot that it was in.
    NotBefore(Ticks),
    /// There is an entry with this deadline, and none with an earlier one.
    Exactly(Ticks),
}

/// See the [module's documentation](self).
pub(crate) struct Wheel {
    /// The time that the wheel has reached.
    base: Ticks,
    soonest: Soonest,
    /// Per near level, which slots have an entry.
    occupied: [u64; NEAR_LEVELS],
    /// Which levels have an entry.
    levels: u16,
    /// Per far level, which of its two rings is the active one.
    swapped: u8,
    /// The place whose entries are being fired or filed anew.
    draining: Option<Place>,
    rings: [Ring<Entry>; Place::COUNT],
}

// SAFETY: what makes a `Wheel` not `Send` are the pointers to its entries. Entries are shared with
// the futures that own them; every access to what is not atomic in them is made by the thread that
// holds the `&mut Wheel` (see `Entry`), and the wakers they hold are `Send`.
unsafe impl Send for Wheel {}

// === impl Wheel ===

impl Wheel {
    /// An empty wheel at time zero.
    pub(crate) const fn new() -> Self {
        Self {
            base: 0,
            soonest: Soonest::Unknown,
            occupied: [0; NEAR_LEVELS],
            levels: 0,
            swapped: 0,
            draining: None,
            rings: [const { Ring::new() }; Place::COUNT],
        }
    }

    /// The time that the wheel has reached: everything due by then has been fired or is being
    /// drained.
    pub(crate) fn base(&self) -> Ticks {
        self.base
    }

    /// Whether no entry is in the wheel.
    pub(crate) fn is_empty(&self) -> bool {
        self.levels == 0 && self.draining_ring().is_none_or(Ring::is_empty)
    }

    /// Puts an entry into the wheel, to wake `waker` when its deadline has come. O(1).
    ///
    /// # Errors
    ///
    /// Gives the waker back if the wheel's time has already reached the deadline. The entry is
    /// [`Done`](Phase::Done) then.
    ///
    /// # Safety
    ///
    /// `entry` must be [`Idle`](Phase::Idle), must be given to this wheel alone, and must stay
    /// pinned and alive until it is [`Done`](Phase::Done).
    pub(crate) unsafe fn insert(
        &mut self,
        entry: NonNull<Entry>,
        waker: Waker,
    ) -> Result<(), Waker> {
        // SAFETY: the caller promises that the entry is alive.
        let entry_ref = unsafe { entry.as_ref() };
        let deadline = entry_ref.deadline();
        if deadline <= self.base {
            entry_ref.finish_idle();
            return Err(waker);
        }
        self.learn_soonest(deadline);
        // SAFETY: the caller holds the lock that gave out this `&mut Wheel`.
        let none = unsafe { entry_ref.set_waker(waker) };
        debug_assert!(none.is_none());
        // SAFETY: the entry is alive and pinned until it is done, holds a waker, is in no ring,
        // and its deadline is after `base`, as just checked.
        unsafe { self.file(entry) };
        Ok(())
    }

    /// Takes an entry out of the wheel and hands out its waker, which the caller must drop after
    /// it has let go of the lock. The entry is [`Done`](Phase::Done) then. `None` if it already
    /// was. O(1).
    ///
    /// # Safety
    ///
    /// `entry` must have been given to this wheel by [`insert`](Self::insert), and be alive.
    pub(crate) unsafe fn remove(&mut self, entry: NonNull<Entry>) -> Option<Waker> {
        // SAFETY: the caller promises that the entry is alive.
        let entry_ref = unsafe { entry.as_ref() };
        let place = entry_ref.armed_at()?;
        // SAFETY: by invariant 1 an entry that is armed at `place` is in that ring.
        unsafe { self.rings[place.index()].remove(entry) };
        self.vacate(place);
        self.forget_soonest(entry_ref.deadline());
        // SAFETY: we hold the `&mut Wheel` whose entry this is, and it is in no ring any more.
        unsafe { Entry::finish(entry) }
    }

    /// Moves the wheel's time towards `target`, and the wakers of what is due on the way into
    /// `expired`.
    ///
    /// Costs what expires, plus one move per level for what was armed far ahead. A target before
    /// [`base`](Self::base) is one that a concurrent turn has overtaken, and changes nothing.
    pub(crate) fn advance(&mut self, target: Ticks, expired: &mut Expired) -> Progress {
        for _ in 0..MOVES {
            match self.draining {
                Some(_) if expired.is_full() => return Progress::More,
                Some(place) => self.drain_one(place, expired),
                None => match self.next_place() {
                    Some((place, start)) if start <= target => self.open(place, start, target),
                    _ => {
                        self.base = self.base.max(target);
                        return Progress::Drained;
                    }
                },
            }
        }
        Progress::More
    }

    /// The earliest deadline in the wheel: exact, unless the slot that comes first holds more than
    /// `patience` entries. Then it is the slot's start, no entry being due before that; or `base`,
    /// if the slot is being drained.
    pub(crate) fn soonest(&mut self, patience: usize) -> Option<Ticks> {
        match self.soonest {
            Soonest::Exactly(soonest) => return Some(soonest),
            _ if self.is_empty() => return None,
            // Once that start has passed, the slot was left by all its entries.
            Soonest::NotBefore(start) if patience < usize::MAX && start > self.base => {
                return Some(start);
            }
            _ => {}
        }
        self.seek_soonest(patience)
    }

    /// Looks at the entries that may be the earliest.
    #[cold]
    fn seek_soonest(&mut self, patience: usize) -> Option<Ticks> {
        let next = self.next_place();
        let mut soonest = None;
        for place in self
            .draining
            .into_iter()
            .chain(next.map(|(place, _)| place))
        {
            let mut entries = self.rings[place.index()].iter();
            for entry in entries.by_ref().take(patience) {
                let deadline = entry.deadline();
                soonest = Some(soonest.map_or(deadline, |soonest| deadline.min(soonest)));
            }
            if entries.next().is_some() {
                return self.soonest_slot(next);
            }
        }
        self.soonest = soonest.map_or(Soonest::Unknown, Soonest::Exactly);
        soonest
    }

    /// Gives up looking: no entry is due before what this returns.
    fn soonest_slot(&mut self, next: Option<(Place, Ticks)>) -> Option<Ticks> {
        if self.draining.is_some() {
            // Not for long, so it is not worth remembering.
            return Some(self.base);
        }
        let (_, start) = next?;
        // So it stays until the slot is opened, whatever else comes and goes.
        self.soonest = Soonest::NotBefore(start);
        Some(start)
    }

    /// Keeps invariant 5 when an entry comes.
    fn learn_soonest(&mut self, deadline: Ticks) {
        let earliest = match self.soonest {
            Soonest::Exactly(soonest) => deadline < soonest,
            Soonest::NotBefore(start) if deadline < start => true,
            _ => self.is_empty(),
        };
        if earliest {
            self.soonest = Soonest::Exactly(deadline);
        }
    }

    /// Keeps invariant 5 when an entry leaves. Others may have the same deadline; who asks will
    /// look.
    fn forget_soonest(&mut self, deadline: Ticks) {
        if self.soonest == Soonest::Exactly(deadline) {
            self.soonest = Soonest::Unknown;
        }
    }

    /// The place whose entries are due before all others', and the moment before which none of
    /// them is. The place that is being drained does not count.
    fn next_place(&self) -> Option<(Place, Ticks)> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize;
        Some(if level < NEAR_LEVELS {
            let slot = self.occupied[level].trailing_zeros() as usize;
            (
                Place::near(level, slot),
                place::slot_start(self.base, level, slot),
            )
        } else {
            // Its entries have a higher digit than `base` at this level; the next such moment
            // exists, or they would not.
            (
                self.active_far(level),
                place::block_end(self.base, level) + 1,
            )
        })
    }

    /// Begins to drain `place`, which [`next_place`](Self::next_place) returned with `start`.
    fn open(&mut self, place: Place, start: Ticks, target: Ticks) {
        debug_assert!(self.draining.is_none());
        debug_assert!(self.base < start && start <= target);
        if let Soonest::NotBefore(_) = self.soonest {
            self.soonest = Soonest::Unknown;
        }
        let level = place.level();
        if level < NEAR_LEVELS {
            // All of the slot's entries agree with `start` from this level up.
            self.base = start;
            self.clear_bits(place);
        } else {
            // All of the ring's entries agree with `base` above this level. All lower levels
            // are empty, so the time may jump to the target, but not past the end of what they
            // agree on, where the next higher level's entries would have to be filed anew.
            self.base = target.min(place::block_end(self.base, level + 1));
            self.swapped ^= 1 << (level - NEAR_LEVELS);
            self.levels &= !(1 << level);
        }
        self.draining = Some(place);
    }

    /// Fires or files anew one entry of the place that is being drained.
    fn drain_one(&mut self, place: Place, expired: &mut Expired) {
        let Some(entry) = self.rings[place.index()].pop_front() else {
            self.draining = None;
            return;
        };
        // SAFETY: by invariant 1 the entry that was in the ring is alive.
        let deadline = unsafe { entry.as_ref() }.deadline();
        if deadline > self.base {
            // SAFETY: by invariant 1 it is alive and pinned, and holds a waker; it is in no ring
            // now, and its deadline is after `base`.
            unsafe { self.file(entry) };
            return;
        }
        self.forget_soonest(deadline);
        // SAFETY: we hold the `&mut Wheel` whose entry this is, and it is in no ring any more.
        let waker = unsafe { Entry::finish(entry) };
        // An armed entry has a waker, by invariant 1.
        debug_assert!(waker.is_some());
        waker.into_iter().for_each(|waker| expired.push(waker));
    }

    /// Puts an entry where it belongs.
    ///
    /// # Safety
    ///
    /// The entry is alive and pinned until it is done, holds a waker, is in no ring, and its
    /// deadline is after `base`.
    unsafe fn file(&mut self, entry: NonNull<Entry>) {
        // SAFETY: the caller promises that the entry is alive.
        let entry_ref = unsafe { entry.as_ref() };
        let deadline = entry_ref.deadline();
        let level = place::level(self.base, deadline);
        let place = if level < NEAR_LEVELS {
            let slot = place::digit(deadline, level);
            self.occupied[level] |= 1 << slot;
            Place::near(level, slot)
        } else {
            self.active_far(level)
        };
        self.levels |= 1 << level;
        entry_ref.set_armed_at(place);
        self.rings[place.index()].push_back(entry);
    }

    /// Keeps invariant 3 after an entry was removed from `place`.
    fn vacate(&mut self, place: Place) {
        if self.draining != Some(place) && self.rings[place.index()].is_empty() {
            self.clear_bits(place);
        }
    }

    /// Marks a place as empty.
    fn clear_bits(&mut self, place: Place) {
        let level = place.level();
        if level < NEAR_LEVELS {
            self.occupied[level] &= !(1 << place.slot());
            if self.occupied[level] != 0 {
                return;
            }
        }
        self.levels &= !(1 << level);
    }

    fn active_far(&self, level: usize) -> Place {
        Place::far(
            level,
            usize::from(self.swapped >> (level - NEAR_LEVELS) & 1),
        )
    }

    fn draining_ring(&self) -> Option<&Ring<Entry>> {
        self.draining.map(|place| &self.rings[place.index()])
    }
}
