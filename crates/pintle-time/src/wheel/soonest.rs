//! What the wheel knows of its earliest deadline.

use super::place::Place;
use super::{Filing, Wheel};
use crate::clock::Ticks;

/// What [`Wheel::bound`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing: the wheel is empty, but for the place that is being drained, or no entry has been
    /// filed since that was opened.
    Nothing,
    /// No entry is due before.
    Bound,
    /// No entry is due before, and the earliest has been looked for in vain.
    Sought,
    /// No entry is due before, and there is one that is due then.
    Exact,
}

// === impl Wheel ===

impl Wheel {
    /// The earliest deadline in the wheel: exact, unless the slot that comes first holds more than
    /// `patience` entries. Then it is a moment before which none of them is due; or
    /// [`base`](Self::base), if the slot is being drained.
    pub(crate) fn soonest(&mut self, patience: usize) -> Option<Ticks> {
        if self.len == 0 {
            return None;
        }
        if self.draining.is_none() {
            match self.known {
                Known::Exact => return Some(self.bound),
                Known::Sought if patience < usize::MAX => return Some(self.bound),
                _ => {}
            }
        }
        Some(self.seek(patience))
    }

    /// A moment before which no entry is due, for those who read it without the lock.
    #[inline]
    pub(crate) fn horizon(&self) -> Option<Ticks> {
        if self.len == 0 {
            None
        } else if self.draining.is_some() {
            Some(self.base)
        } else {
            Some(self.bound)
        }
    }

    /// Whether no entry is due at `target`, for certain. The place that is being drained does not
    /// count.
    #[inline]
    pub(super) fn is_idle_until(&self, target: Ticks) -> bool {
        self.known == Known::Nothing || self.bound > target
    }

    /// Looks at the entries that may be the earliest. There are some.
    #[cold]
    fn seek(&mut self, patience: usize) -> Ticks {
        let next = self.next_place();
        let places = [self.draining, next.map(|(place, _)| place)];
        let mut soonest = [Ticks::MAX; 2];
        for (place, soonest) in places.into_iter().zip(&mut soonest) {
            let Some(place) = place else { continue };
            let mut entries = self.rings[place.index()].iter();
            for entry in entries.by_ref().take(patience) {
                *soonest = entry.deadline().min(*soonest);
            }
            if entries.next().is_some() {
                return self.give_up(next);
            }
        }
        // Remembered while a place is drained, too: what is filed between this and the answer that
        // we give must be `Filing::Earliest`.
        let [draining, filed] = soonest;
        self.bound = filed;
        self.known = match next {
            Some(_) => Known::Exact,
            None => Known::Nothing,
        };
        draining.min(filed)
    }

    /// Gives up looking.
    fn give_up(&mut self, next: Option<(Place, Ticks)>) -> Ticks {
        match next {
            Some((place, start)) if self.draining.is_none() => {
                self.raise(place, start);
                self.known = Known::Sought;
                self.bound
            }
            // Not for long, so it is not worth remembering.
            _ => self.base,
        }
    }

    /// Keeps the invariants when an entry is to be filed at `place`.
    #[inline]
    pub(super) fn learn(&mut self, deadline: Ticks, place: Place) -> Filing {
        if self.known == Known::Nothing {
            // What is not in the place that is being drained may be earlier than this.
            if self
                .draining
                .is_some_and(|draining| !place.is_within(draining))
            {
                return Filing::Earliest;
            }
        } else if deadline > self.bound {
            return Filing::Later;
        } else if deadline == self.bound {
            self.known = Known::Exact;
            return Filing::Later;
        }
        self.bound = deadline;
        self.known = Known::Exact;
        Filing::Earliest
    }

    /// Keeps the invariants when an entry has left that was due at `deadline`.
    #[inline]
    pub(super) fn forget(&mut self, deadline: Ticks) {
        if self.known == Known::Exact && self.bound == deadline {
            // Others may have the same deadline; who asks will look.
            self.known = Known::Bound;
            if self.draining.is_none() {
                self.settle();
            }
        }
    }

    /// Keeps the invariants when an entry's deadline has changed, and its place to `place`.
    #[inline]
    pub(super) fn relearn(&mut self, old: Ticks, deadline: Ticks, place: Place) -> Filing {
        let later = self.known != Known::Nothing && deadline >= self.bound;
        if self.len == 1 {
            self.known = Known::Nothing;
        } else {
            self.forget(old);
        }
        match self.learn(deadline, place) {
            Filing::Earliest if later => Filing::Later,
            filing => filing,
        }
    }

    /// Finds a bound when a place has been drained of the entries that had one.
    #[inline]
    pub(super) fn settle(&mut self) {
        match (self.known, self.next_place()) {
            (Known::Exact, _) => {}
            (_, None) => self.known = Known::Nothing,
            (_, Some((place, start))) => self.raise(place, start),
        }
    }

    /// Takes the start of the next place for a bound.
    #[inline]
    pub(super) fn raise(&mut self, place: Place, start: Ticks) {
        if self.known == Known::Nothing || self.bound <= start {
            self.bound = start;
            self.known = if self.scale.is_one_tick(place.level()) {
                Known::Exact
            } else {
                Known::Bound
            };
        }
    }
}
