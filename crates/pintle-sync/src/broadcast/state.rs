use core::{marker::PhantomData, mem};

use super::slot::Slot;
use crate::waiters::Waiters;

/// All that the lock of a channel guards. No method runs user code: values go in and out whole.
///
/// # Invariants
///
/// 1. `tail_place` is `tail` modulo the number of places: where the next value goes, and where the
///    oldest is kept.
/// 2. A value counts, in `left`, those receivers whose cursor has not passed it. Receivers pass one value after
///    the other; so of the places, from the oldest on, those that nobody is left for come first.
/// 3. Who waits in line has nothing to receive, or finds its value lent, and `awaited` then; or is about to be
///    woken by who has changed that.
pub(super) struct State<T, Row: ?Sized> {
    pub(super) waiters: Waiters,
    /// Who waits until there are no receivers. There are some, then.
    closings: Waiters,
    /// How many receivers there are: each gets what is sent.
    pub(super) receivers: usize,
    /// How many have been dropped, but have not yet passed what was theirs. (Where nobody has to see the last
    /// one go they are not counted.)
    leaving: usize,
    /// All senders are gone.
    pub(super) closed: bool,
    /// How many values have been sent.
    tail: u64,
    tail_place: usize,
    _values: PhantomData<T>,
    slots: Row,
}

/// Where a receiver is.
///
/// # Invariants
///
/// `place` is `next` modulo the number of places, and `next` is not beyond the tail.
#[derive(Copy, Clone, Debug)]
pub(super) struct Cursor {
    /// How many values had been sent before the next one.
    pub(super) next: u64,
    place: usize,
}

/// What a receiver finds.
#[derive(Debug)]
#[must_use]
pub(super) enum Taken<T> {
    /// A value that nobody else is left for.
    Whole(T),
    /// A value that is to be cloned, and given back by [`State::give_back`] for this cursor.
    Borrowed(Cursor, T),
    /// This many values are gone.
    Lagged(u64),
    /// Nothing now: nothing has been sent, or somebody else borrows it.
    Nothing,
    /// Nothing, and nothing will come.
    Closed,
}

/// What becomes of a value that is given back.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Returned {
    /// Nobody waits for it.
    Unnoticed,
    /// Somebody waits for it.
    Awaited,
}

// === impl Cursor ===

impl Cursor {
    /// Before the first value.
    pub(super) const START: Self = Self { next: 0, place: 0 };

    fn pass(&mut self, places: usize) {
        self.next += 1;
        self.place = after(self.place, places);
    }
}

// === impl State ===

impl<T, const N: usize> State<T, [Slot<T>; N]> {
    /// Without receivers and values.
    pub(super) const fn vacant() -> Self {
        assert!(N > 0, "a channel keeps one value at least");
        Self::new([const { Slot::Empty }; N], 0)
    }
}

impl<T, Row> State<T, Row> {
    pub(super) const fn new(slots: Row, receivers: usize) -> Self {
        Self {
            waiters: Waiters::new(),
            closings: Waiters::new(),
            receivers,
            leaving: 0,
            closed: false,
            tail: 0,
            tail_place: 0,
            _values: PhantomData,
            slots,
        }
    }
}

impl<T, Row: AsMut<[Slot<T>]> + ?Sized> State<T, Row> {
    /// Sends a value to all receivers; leaves in `value` the one that is overwritten, if there is one.
    /// To how many: if to none, nothing has happened.
    #[inline]
    pub(super) fn push(&mut self, value: &mut Option<T>) -> usize {
        if self.receivers == 0 {
            return 0;
        }
        let slots = self.slots.as_mut();
        if let Some(new) = value.take() {
            let slot = Slot::Full {
                value: new,
                left: self.receivers,
            };
            *value = mem::replace(&mut slots[self.tail_place], slot).into_value();
            self.tail += 1;
            self.tail_place = after(self.tail_place, slots.len());
        }
        self.receivers
    }

    /// Takes what is next at `cursor`, and passes it.
    #[inline]
    pub(super) fn take(&mut self, cursor: &mut Cursor) -> Taken<T> {
        if cursor.next == self.tail {
            return if self.closed {
                Taken::Closed
            } else {
                Taken::Nothing
            };
        }
        if let Some(missed) = self.catch_up(cursor) {
            return Taken::Lagged(missed);
        }
        let slots = self.slots.as_mut();
        let places = slots.len();
        let slot = &mut slots[cursor.place];
        match mem::replace(slot, Slot::Empty) {
            Slot::Full { value, left: 1 } => {
                cursor.pass(places);
                Taken::Whole(value)
            }
            Slot::Full { value, left } => {
                *slot = Slot::Lent {
                    left: left - 1,
                    awaited: false,
                };
                let borrowed = *cursor;
                cursor.pass(places);
                Taken::Borrowed(borrowed, value)
            }
            other => {
                // Lent: it cannot be empty, since it is for this receiver (invariant 2).
                debug_assert!(matches!(other, Slot::Lent { left: 1.., .. }));
                *slot = other;
                Taken::Nothing
            }
        }
    }

    /// Notes that who is at `cursor`, and has found nothing, waits: be it for a borrower.
    pub(super) fn mark_awaited(&mut self, cursor: Cursor) {
        if cursor.next != self.tail {
            if let Slot::Lent { awaited, .. } = &mut self.slots.as_mut()[cursor.place] {
                *awaited = true;
            }
        }
    }

    /// Takes back what has been lent, unless it has been overwritten or nobody is left for it: then it stays
    /// in `value`.
    #[inline]
    pub(super) fn give_back(&mut self, borrowed: Cursor, value: &mut Option<T>) -> Returned {
        let slots = self.slots.as_mut();
        if self.tail - borrowed.next > slots.len() as u64 {
            // Who waited for it was woken by who has overwritten it.
            return Returned::Unnoticed;
        }
        let slot = &mut slots[borrowed.place];
        match (&*slot, value.take()) {
            (&Slot::Lent { left, awaited }, Some(back)) if left > 0 => {
                *slot = Slot::Full { value: back, left };
                if awaited {
                    return Returned::Awaited;
                }
            }
            (_, back) => {
                *value = back;
                *slot = Slot::Empty;
            }
        }
        Returned::Unnoticed
    }

    /// One receiver more, which gets what is sent from now on. `None`: there are too many.
    pub(super) fn subscribe(&mut self) -> Option<Cursor> {
        self.receivers = self.receivers.checked_add(1)?;
        Some(Cursor {
            next: self.tail,
            place: self.tail_place,
        })
    }

    /// One receiver less. What had been sent before has to be [passed](Self::pass_one), up to the position
    /// that this returns. `seen`: somebody has to see the last one go.
    pub(super) fn leave(&mut self, seen: bool) -> (u64, Waiters) {
        self.receivers -= 1;
        self.leaving += usize::from(seen);
        let closings = match self.receivers {
            0 => self.closings.take_all(),
            _ => Waiters::new(),
        };
        (self.tail, closings)
    }

    /// The line of those who wait for a value.
    pub(super) fn waiters(&mut self) -> &mut Waiters {
        &mut self.waiters
    }

    /// The line of those who wait until there are no receivers.
    pub(super) fn closings(&mut self) -> &mut Waiters {
        &mut self.closings
    }

    /// A receiver that [left](Self::leave) and was counted is done. Whether it was the last, and no other can come.
    pub(super) fn gone(&mut self) -> bool {
        self.leaving -= 1;
        self.closed && self.is_deserted()
    }

    /// All senders are gone. Whether all receivers are, too.
    pub(super) fn close(&mut self) -> bool {
        self.closed = true;
        self.is_deserted()
    }

    fn is_deserted(&self) -> bool {
        self.receivers == 0 && self.leaving == 0
    }

    /// Passes the next value, which there is, without looking at it. Gives back one that nobody else is left for.
    pub(super) fn pass_one(&mut self, cursor: &mut Cursor) -> Option<T> {
        if self.catch_up(cursor).is_some() {
            return None;
        }
        let slots = self.slots.as_mut();
        let places = slots.len();
        let slot = &mut slots[cursor.place];
        cursor.pass(places);
        match slot {
            Slot::Full { left: 1, .. } => mem::replace(slot, Slot::Empty).into_value(),
            Slot::Full { left, .. } | Slot::Lent { left, .. } => {
                *left -= 1;
                None
            }
            Slot::Empty => None,
        }
    }

    /// Moves on to the oldest value that is kept. How many were between.
    #[inline]
    fn catch_up(&mut self, cursor: &mut Cursor) -> Option<u64> {
        let oldest = self.tail.checked_sub(self.slots.as_mut().len() as u64)?;
        let missed = oldest.checked_sub(cursor.next)?;
        if missed == 0 {
            return None;
        }
        *cursor = Cursor {
            next: oldest,
            place: self.tail_place,
        };
        Some(missed)
    }

    /// How many values are kept that somebody is left for.
    pub(super) fn len(&mut self) -> usize {
        let slots = self.slots.as_mut();
        let (newer, older) = slots.split_at(self.tail_place);
        // Those that nobody is left for come first (invariant 2).
        let is_passed = |slot: &Slot<T>| slot.left() == 0;
        match older.partition_point(is_passed) {
            passed if passed < older.len() => slots.len() - passed,
            _ => newer.len() - newer.partition_point(is_passed),
        }
    }

    /// How many values have been sent since `cursor`.
    pub(super) fn len_from(&self, cursor: Cursor) -> u64 {
        self.tail - cursor.next
    }

    /// Takes what is in a place that has been left behind; `None` is the end of the places.
    pub(super) fn clear(&mut self, place: usize) -> Option<Slot<T>> {
        let slot = self.slots.as_mut().get_mut(place)?;
        Some(mem::replace(slot, Slot::Empty))
    }

    /// Begins anew with so many receivers. All places are empty, and nobody is there.
    pub(super) fn reset(&mut self, receivers: usize) {
        self.receivers = receivers;
        self.leaving = 0;
        self.closed = false;
        self.tail = 0;
        self.tail_place = 0;
    }
}

/// The place after `place`, of so many in a circle.
#[inline(always)]
fn after(place: usize, places: usize) -> usize {
    let next = place + 1;
    if next == places { 0 } else { next }
}
