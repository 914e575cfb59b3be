//! The wheel: a set of deadlines, ordered just as far as the next turn needs.
//!
//! This is a plain data structure over ticks. It knows no clock and no lock, and calls no waker; a
//! [`Timer`](crate::Timer) puts it behind both, and wakes.
//!
//! # Where an entry lies
//!
//! Cut the lowest `shift` bits off the deadline and off the wheel's time (`base`), and write the
//! rest in base 64. The highest digit in which the two differ, counted from 1, is the entry's
//! *level*; the deadline's digit there is its *slot*:
//!
//! ```text
//!  level   11   10   9    8    7  │  6    5    4    3    2    1  │  0
//!  base     0   0    0    0    0  │  0    0    0   17   40   11  │ shift
//!  deadline 0   0    0    0    0  │  0    0    0   19    2   63  │ bits   ▶ level 3, slot 19
//!                   far           │            near              │
//!        one pair of rings each   │     64 slots per level       │ one pair of rings
//! ```
//!
//! If no digit differs, both lie in the same slot of level 1, and the entry is on level 0. With a
//! shift of 0 there is none.
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
//! Nothing, before something is due: `bound` says that without a look at the slots, and when the
//! start of a slot goes by, its entries stay in it. Once `bound` has come,
//! [`advance`](Wheel::advance) moves `base` into the next slot, as far as the target allows, and
//! *drains* it: each entry in it is due now, or is filed anew. All lower levels are empty then, so
//! it lands on a lower one: an entry moves at most once per level. This goes on until the bound of
//! what is left is after the target.
//!
//! Draining is interruptible: after a full batch or [`MOVES`] moves, `advance` returns with the
//! slot in [`draining`](Wheel::draining), the caller lets go of the lock, wakes the batch, and
//! comes back (or another core does). In between, entries can be filed and removed as ever: those
//! in the slot being drained have not moved, and nothing new is filed there, for `base` already
//! has that slot's digit. The ring of a level without slots may get entries back while it is
//! drained: such levels have two rings, which swap when one of them is drained.
//!
//! # How wide a slot is
//!
//! A slot of level 1 is `1 << shift` ticks wide. The wheel's answers do not depend on it: each entry
//! is due at its own tick, and `soonest` is exact. What it decides is how far a deadline is sorted
//! before it comes near. With narrow slots an entry may move more often until it is due, with wide
//! ones it may be looked at more often, for each time that something is due in its slot of level 1,
//! all of the others in that slot are passed.
//!
//! # Invariants
//!
//! 1. An entry in `rings[p]` is [`Armed`](Phase::Armed) with the place `p`, and stays pinned and
//!    alive until it is taken out. `len` counts them all.
//! 2. Unless `p` is being drained: the entry's deadline is after `base`, its level is as above, and
//!    `p` is the level's slot of that digit or its active ring.
//! 3. A slot's bit in `occupied`, and a level's in `levels`, is set exactly if there is an entry in
//!    it that is not being drained.
//! 4. `base` never decreases, and does not change while a place is being drained.
//! 5. No deadline is before `bound`, as far as `known` says, apart from those being drained. While
//!    nothing is drained, `bound` is after `base`.
//! 6. `bound` gets earlier only by an entry that is filed with that deadline, unless it has been
//!    reached: who was told an earliest deadline is out of date only by [`Filing::Earliest`].

mod entry;
mod expired;
mod place;
mod soonest;
#[cfg(test)]
mod tests;
mod waker_slot;

pub(crate) use self::entry::{Entry, Phase};
pub(crate) use self::expired::Expired;
pub(crate) use self::waker_slot::WakerSlot;

use core::ptr::NonNull;

use pintle_intrusive::Ring;

use self::place::{NEAR_LEVELS, Place, Scale, is_near, pair};
use self::soonest::Known;
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

/// What became of an entry that was to be filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Filing {
    /// Its time has come already, so it is not in the wheel.
    Passed,
    /// It is in the wheel, and may be the earliest: whoever waits for the earliest deadline must
    /// look again.
    Earliest,
    /// It is in the wheel, and due no earlier than what was known to be the earliest.
    Later,
}

/// See the [module's documentation](self).
pub(crate) struct Wheel {
    /// The time that the wheel has reached.
    base: Ticks,
    bound: Ticks,
    /// What `bound` means.
    known: Known,
    scale: Scale,
    /// Per pair of rings, which of the two is the active one.
    swapped: u8,
    /// Which levels have an entry.
    levels: u16,
    /// The place whose entries are being fired or filed anew.
    draining: Option<Place>,
    /// How many entries there are.
    len: usize,
    /// Per near level, which slots have an entry.
    occupied: [u64; NEAR_LEVELS],
    rings: [Ring<Entry>; Place::COUNT],
}

// SAFETY: what makes a `Wheel` not `Send` are the pointers to its entries. Entries are shared with
// the futures that own them; every access to what is not atomic in them is made by the thread that holds
// the `&mut Wheel` (see `Entry`), and the wakers they hold are `Send`.
unsafe impl Send for Wheel {}

// === impl Wheel ===

impl Wheel {
    /// The widest slots are `1 <<` this many ticks wide.
    pub(crate) const MAX_SHIFT: u32 = Scale::MAX_SHIFT;

    /// An empty wheel at time zero, with slots of `1 << shift` ticks.
    ///
    /// # Panics
    ///
    /// If `shift` is more than [`MAX_SHIFT`](Self::MAX_SHIFT).
    pub(crate) const fn new(shift: u32) -> Self {
        Self {
            base: 0,
            bound: 0,
            known: Known::Nothing,
            scale: Scale::new(shift),
            swapped: 0,
            levels: 0,
            draining: None,
            len: 0,
            occupied: [0; NEAR_LEVELS],
            rings: [const { Ring::new() }; Place::COUNT],
        }
    }

    /// The time that the wheel has reached: everything due by then has been fired or is being
    /// drained. It may lag behind the time of the last turn, in which nothing was due.
    #[inline]
    pub(crate) fn base(&self) -> Ticks {
        self.base
    }

    /// How many entries are in the wheel.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Puts an entry into the wheel. O(1).
    ///
    /// `now` is any reading of the clock; the entry is filed as seen from there. If the wheel's
    /// time has already reached the deadline, the entry is [`Done`](Phase::Done).
    ///
    /// # Safety
    ///
    /// `entry` must be [`Idle`](Phase::Idle), must be given to this wheel alone, and must stay
    /// pinned and alive until it is done.
    #[inline]
    pub(crate) unsafe fn insert(&mut self, entry: NonNull<Entry>, now: Ticks) -> Filing {
        // SAFETY: the caller promises that the entry is alive.
        let entry_ref = unsafe { entry.as_ref() };
        let deadline = entry_ref.deadline();
        self.catch_up(now);
        if deadline <= self.base {
            entry_ref.finish_idle();
            return Filing::Passed;
        }
        let place = self.place_of(deadline);
        let filing = self.learn(deadline, place);
        self.len += 1;
        // SAFETY: the entry is alive and pinned until it is done, says the caller, is in no ring,
        // and its deadline is after `base`, as just checked.
        unsafe { self.file(entry, place) };
        filing
    }

    /// Takes an entry out of the wheel, if it is armed, which is what this returns. O(1).
    ///
    /// The caller must [`disarm`](Entry::disarm) it then, under the same lock.
    ///
    /// # Safety
    ///
    /// `entry` must have been given to this wheel by [`insert`](Self::insert), and be alive.
    #[inline]
    pub(crate) unsafe fn remove(&mut self, entry: NonNull<Entry>) -> bool {
        // SAFETY: the caller promises that the entry is alive.
        let entry_ref = unsafe { entry.as_ref() };
        let Some(place) = entry_ref.armed_at() else {
            return false;
        };
        // SAFETY: by invariant 1 an entry that is armed at `place` is in that ring.
        unsafe { self.unfile(entry, place) };
        self.len -= 1;
        if self.len == 0 {
            self.known = Known::Nothing;
            self.draining = None;
        }
        self.forget(entry_ref.deadline());
        true
    }

    /// Gives an entry another deadline, if it is armed: `None` if it is not. O(1).
    ///
    /// If the deadline has passed, by `now` or by the wheel's time, the entry is not in the wheel
    /// any more, and the caller must [`disarm`](Entry::disarm) it under the same lock.
    ///
    /// # Safety
    ///
    /// As for [`remove`](Self::remove). The caller acts for the entry's owner.
    #[inline]
    pub(crate) unsafe fn reset(
        &mut self,
        entry: NonNull<Entry>,
        deadline: Ticks,
        now: Ticks,
    ) -> Option<Filing> {
        // SAFETY: the caller promises that the entry is alive.
        let entry_ref = unsafe { entry.as_ref() };
        let place = entry_ref.armed_at()?;
        let old = entry_ref.deadline();
        if deadline <= now || deadline <= self.base {
            // SAFETY: the caller's promise is the same.
            unsafe { self.remove(entry) };
            // SAFETY: the caller acts for the owner, and we hold the wheel's lock.
            unsafe { entry_ref.set_deadline(deadline) };
            return Some(Filing::Passed);
        }
        self.catch_up(now);
        // SAFETY: as above.
        unsafe { entry_ref.set_deadline(deadline) };
        let new_place = self.place_of(deadline);
        // A place that is being drained is never the new one, by what is said above.
        if new_place != place {
            // SAFETY: by invariant 1 an entry that is armed at `place` is in that ring.
            unsafe { self.unfile(entry, place) };
            // SAFETY: the entry is alive and pinned until it is done, in no ring now, and its
            // deadline is after `base`: that was checked, and `base` has gone no further than `now`.
            unsafe { self.file(entry, new_place) };
        }
        Some(self.relearn(old, deadline, new_place))
    }

    /// Moves the wheel's time towards `target`, and the wakers of what is due on the way into
    /// `expired`.
    ///
    /// Costs what expires, plus at most one move per level for what was armed far ahead. A target
    /// before [`base`](Self::base) is one that a concurrent turn has overtaken; it may help that
    /// turn, and changes nothing else.
    pub(crate) fn advance(&mut self, target: Ticks, expired: &mut Expired) -> Progress {
        let mut moves = MOVES;
        loop {
            if let Some(place) = self.draining {
                if self.drain(place, expired, &mut moves) == Progress::More {
                    return Progress::More;
                }
            }
            if self.is_idle_until(target) {
                self.catch_up(target);
                return Progress::Drained;
            }
            let Some((place, start)) = self.next_place() else {
                return Progress::Drained;
            };
            if start > target {
                self.base = self.base.max(target);
                self.raise(place, start);
                return Progress::Drained;
            }
            if moves == 0 {
                return Progress::More;
            }
            moves -= 1;
            self.open(place, start, target);
        }
    }

    /// Moves `base` to `now`, if no slot is in the way: nearer to the deadlines that are filed next,
    /// so that they move less often.
    #[inline]
    fn catch_up(&mut self, now: Ticks) {
        if now > self.base && self.draining.is_none() && self.is_idle_until(now) {
            match self.next_place() {
                Some((_, start)) if start <= now => {}
                _ => self.base = now,
            }
        }
    }

    /// The place whose entries are due before all others', and the moment before which none of
    /// them is. The place that is being drained does not count.
    #[inline]
    fn next_place(&self) -> Option<(Place, Ticks)> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as usize;
        Some(if is_near(level) {
            let slot = self.occupied[level - 1].trailing_zeros() as usize;
            (
                Place::near(level, slot),
                self.scale.start(self.base, level, slot),
            )
        } else if level == 0 {
            (self.active(0), self.bound.max(self.base + 1))
        } else {
            // Its entries have a higher digit than `base` at this level; the next such moment
            // exists, or they would not.
            (self.active(level), self.scale.end(self.base, level) + 1)
        })
    }

    /// Begins to drain `place`, which [`next_place`](Self::next_place) returned with `start`.
    fn open(&mut self, place: Place, start: Ticks, target: Ticks) {
        debug_assert!(self.draining.is_none());
        debug_assert!(self.base < start && start <= target);
        let level = place.level();
        // All lower levels are empty, so the time may jump to the target, but not past the end of
        // what the entries agree on, where those of the next place would have to be filed anew.
        if is_near(level) {
            // All of the slot's entries agree with `start` from this level up.
            self.base = target.min(self.scale.end(start, level));
            self.clear_bits(place);
        } else {
            // All of the ring's entries agree with `base` above this level.
            self.base = target.min(self.scale.end(self.base, level + 1));
            self.swapped ^= 1 << pair(level);
            self.levels &= !(1 << level);
        }
        self.known = Known::Nothing;
        self.draining = Some(place);
    }

    /// Fires or files anew the entries of the place that is being drained.
    #[inline]
    fn drain(&mut self, place: Place, expired: &mut Expired, moves: &mut usize) -> Progress {
        while !self.rings[place.index()].is_empty() {
            if *moves == 0 || expired.is_full() {
                return Progress::More;
            }
            *moves -= 1;
            let Some(entry) = self.rings[place.index()].pop_front() else {
                break;
            };
            // SAFETY: by invariant 1 the entry that was in the ring is alive.
            let deadline = unsafe { entry.as_ref() }.deadline();
            if deadline > self.base {
                let place = self.place_of(deadline);
                let _ = self.learn(deadline, place);
                // SAFETY: by invariant 1 it is alive and pinned; it is in no ring now, and its
                // deadline is after `base`.
                unsafe { self.file(entry, place) };
            } else {
                self.len -= 1;
                // SAFETY: by invariant 1 it is alive and pinned; it is in no ring now, and we hold
                // the `&mut Wheel` whose entry this is.
                unsafe { expired.take(entry) };
            }
        }
        self.draining = None;
        self.settle();
        Progress::Drained
    }

    /// Where an entry belongs that is due at `deadline`, which is after `base`.
    #[inline]
    fn place_of(&self, deadline: Ticks) -> Place {
        debug_assert!(self.base < deadline);
        let level = self.scale.level(self.base, deadline);
        if is_near(level) {
            Place::near(level, self.scale.digit(deadline, level))
        } else {
            self.active(level)
        }
    }

    /// Puts an entry where it belongs.
    ///
    /// # Safety
    ///
    /// The entry is alive and pinned until it is done, is in no ring, its deadline is after `base`,
    /// and `place` is where it belongs.
    #[inline]
    unsafe fn file(&mut self, entry: NonNull<Entry>, place: Place) {
        let level = place.level();
        if is_near(level) {
            self.occupied[level - 1] |= 1 << place.slot();
        }
        self.levels |= 1 << level;
        // SAFETY: the caller promises that the entry is alive.
        unsafe { entry.as_ref() }.set_armed_at(place);
        self.rings[place.index()].push_back(entry);
    }

    /// Takes an entry out of its place.
    ///
    /// # Safety
    ///
    /// The entry is in the ring of `place`.
    #[inline]
    unsafe fn unfile(&mut self, entry: NonNull<Entry>, place: Place) {
        let ring = &mut self.rings[place.index()];
        // SAFETY: the caller's promise is the same.
        unsafe { ring.remove(entry) };
        if ring.is_empty() && self.draining != Some(place) {
            self.clear_bits(place);
        }
    }

    /// Marks a place as empty.
    #[inline]
    fn clear_bits(&mut self, place: Place) {
        let level = place.level();
        if is_near(level) {
            self.occupied[level - 1] &= !(1 << place.slot());
            if self.occupied[level - 1] != 0 {
                return;
            }
        }
        self.levels &= !(1 << level);
    }

    /// The ring that entries are filed in on a level that has no slots.
    #[inline]
    fn active(&self, level: usize) -> Place {
        let pair = pair(level);
        Place::of_pair(pair, usize::from(self.swapped >> pair & 1))
    }
}
