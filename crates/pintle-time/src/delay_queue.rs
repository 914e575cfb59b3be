//! [`DelayQueue`]: values that come out when their time has come.
//!
//! ```text
//!             insert                    deadline             next, poll_expired
//!  vacant ──────────────▶ in the wheel ──────────▶ due ─────────────────────────▶ vacant
//!    ▲                     │  ▲    │                │                              (Expired)
//!    │                     └──┘    │                │
//!    │                     reset   │ remove, clear  │ remove, clear
//!    └─────────────────────────────┴────────────────┘
//! ```
//!
//! The queue belongs to one task. It has a wheel of its own (`delay_queue/wheel.rs`) and a
//! place in the timer's for its earliest value only: however many values it holds, whoever
//! inserts, resets and removes takes no lock.
//!
//! | what | cost |
//! |---|---|
//! | insert, reset, remove | O(1) |
//! | a value that comes out | O(1): it has moved in the wheel up to 15 times, once per four bits that its deadline was ahead |
//! | [`peek`](DelayQueue::peek) | O(values in the slot that comes first) |
//!
//! A value lies in a slot of the queue's [storage], which is a slice: an array
//! ([`Fixed`]) or, with the feature `alloc`, a vector ([`Growing`]). Slots refer to each other by their
//! index, where the timer's entries do by their address, for a sleep is pinned and stays. So a queue
//! can be moved and can grow, and there is no `unsafe` in it.

mod error;
mod expired;
mod key;
mod next;
mod queue_mut;
pub mod storage;
mod stream;
#[cfg(test)]
mod tests;
mod wheel;

pub use self::error::{Full, StaleKey};
pub use self::expired::Expired;
pub use self::key::Key;
pub use self::next::Next;
pub use self::queue_mut::QueueMut;
pub use self::storage::{Fixed, Growing};
pub use self::stream::DelayQueueStream;

use core::fmt;
use core::time::Duration;

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use self::storage::Storage;
use self::wheel::{Index, Place, Wheel};
use crate::clock::Ticks;
use crate::{Instant, Timer};

/// Holds values, and gives each back when its time has come.
///
/// Names and behaviour are those of tokio-util's `DelayQueue`: right for the expiry of cache entries
/// and connections, where a [`Sleep`](crate::Sleep) in a task for each would be too much.
///
/// Values come out in the order of their deadlines, and first in, first out where those are the
/// same tick. What is put in late, for a time that the queue has been asked at already, comes after
/// what was due by then. As with all of this crate, none comes out early.
///
/// # Examples
///
/// ```
/// use pintle_time::{Duration, Timer, clock::ManualClock};
/// use pintle_time::delay_queue::{DelayQueue, Fixed};
///
/// const MS: Duration = Duration::from_millis(1);
/// static CLOCK: ManualClock = ManualClock::new(MS);
/// static TIMER: Timer = Timer::new(CLOCK.clock());
///
/// // Up to 16 values, in place.
/// let mut sessions: DelayQueue<&str, Fixed<_, 16>> = DelayQueue::fixed(&TIMER);
/// let ada = sessions.insert("ada", 500 * MS);
/// let bob = sessions.insert("bob", 300 * MS);
/// let eve = sessions.insert("eve", 400 * MS);
///
/// CLOCK.run(&TIMER, async {
///     // Bob has shown up, and Eve has logged out.
///     sessions.reset(&bob, 700 * MS);
///     sessions.remove(&eve);
///
///     let expired = sessions.next().await.unwrap();
///     assert_eq!((expired.key(), expired.into_inner()), (ada, "ada"));
///     assert_eq!(sessions.next().await.unwrap().into_inner(), "bob");
///     assert!(sessions.next().await.is_none());
/// });
/// assert!(sessions.try_remove(&eve).is_none());
/// ```
///
/// # Keys
///
/// A [`Key`] names a value until it has come out. A slot that is used again gets another key, so a
/// key that is kept too long, a *stale* one, finds nothing: `try_` forms say so, the others panic.
/// (The same key comes again after its slot has been used 2³² times.)
///
/// # How long
///
/// Durations are rounded as those of [`Timer::sleep`] are. One that is longer than the clock can
/// measure ends when the clock's count does.
pub struct DelayQueue<'timer, T, S = Growing<T>, Lock = DefaultMutex>
where
    S: Storage<T>,
    Lock: ScopedRawMutex,
{
    timer: &'timer Timer<Lock>,
    wheel: Wheel,
    slots: S,
    /// A list of vacant slots, by `next`.
    vacant: Index,
    /// How many slots have ever been used; the others are vacant, too.
    touched: Index,
    len: usize,
    /// A moment that the clock has reached, as a sleep that has ended tells.
    seen: Ticks,
    _value: core::marker::PhantomData<T>,
}

// === impl DelayQueue ===

impl<'timer, T, const N: usize, Lock: ScopedRawMutex> DelayQueue<'timer, T, Fixed<T, N>, Lock> {
    /// An empty queue by `timer`, for up to `N` values, which it holds in place.
    ///
    /// About 1.1 kB, and 24 bytes and the size of an `Option<T>` for each (64-bit).
    #[must_use]
    pub const fn fixed(timer: &'timer Timer<Lock>) -> Self {
        Self::with_storage(timer, Fixed::new())
    }
}

#[cfg(feature = "alloc")]
impl<'timer, T, Lock: ScopedRawMutex> DelayQueue<'timer, T, Growing<T>, Lock> {
    /// An empty queue by `timer`, which allocates as it grows.
    #[must_use]
    pub const fn growing(timer: &'timer Timer<Lock>) -> Self {
        Self::with_storage(timer, Growing::new())
    }

    /// Makes room for `additional` values more.
    ///
    /// # Panics
    ///
    /// If that is more than there can be.
    pub fn reserve(&mut self, additional: usize) {
        let touched = self.touched as usize;
        self.slots.reserve(
            touched,
            self.len.saturating_add(additional).saturating_sub(touched),
        );
    }
}

#[cfg(feature = "alloc")]
pintle_core::not_loom! {
    impl<T> DelayQueue<'static, T> {
        /// An empty queue by the [global timer](crate::set_global_timer), which allocates as it
        /// grows.
        ///
        /// # Panics
        ///
        /// If no global timer has been set.
        #[must_use]
        #[track_caller]
        #[expect(clippy::new_without_default, reason = "it panics without a global timer")]
        pub fn new() -> Self {
            match crate::global::timer() {
                Ok(timer) => Self::growing(timer),
                Err(error) => panic!("cannot make a delay queue: {error}"),
            }
        }

        /// As [`new`](Self::new), with room for `capacity` values.
        ///
        /// # Panics
        ///
        /// As [`new`](Self::new).
        #[must_use]
        #[track_caller]
        pub fn with_capacity(capacity: usize) -> Self {
            let mut queue = Self::new();
            queue.reserve(capacity);
            queue
        }
    }
}

impl<'timer, T, S: Storage<T>, Lock: ScopedRawMutex> DelayQueue<'timer, T, S, Lock> {
    const fn with_storage(timer: &'timer Timer<Lock>, slots: S) -> Self {
        Self {
            timer,
            wheel: Wheel::new(),
            slots,
            vacant: wheel::NIL,
            touched: 0,
            len: 0,
            seen: 0,
            _value: core::marker::PhantomData,
        }
    }

    /// Puts in `value`, to come out when at least `timeout` has passed.
    ///
    /// # Panics
    ///
    /// If the queue is full.
    #[track_caller]
    pub fn insert(&mut self, value: T, timeout: Duration) -> Key {
        expect_room(self.try_insert(value, timeout))
    }

    /// Puts in `value`, to come out at `when`.
    ///
    /// # Panics
    ///
    /// If the queue is full.
    #[track_caller]
    pub fn insert_at(&mut self, value: T, when: Instant) -> Key {
        expect_room(self.try_insert_at(value, when))
    }

    /// Puts in `value`, to come out when at least `timeout` has passed.
    ///
    /// # Errors
    ///
    /// [`Full`] has the value, if there is no room for it.
    pub fn try_insert(&mut self, value: T, timeout: Duration) -> Result<Key, Full<T>> {
        self.insert_by(value, self.deadline_in(timeout))
    }

    /// Puts in `value`, to come out at `when`.
    ///
    /// # Errors
    ///
    /// [`Full`] has the value, if there is no room for it.
    pub fn try_insert_at(&mut self, value: T, when: Instant) -> Result<Key, Full<T>> {
        self.insert_by(value, self.timer.clock().ticks_at(when))
    }

    /// Lets the value come out when at least `timeout` has passed from now, instead of when it would
    /// have.
    ///
    /// # Panics
    ///
    /// If `key` is [stale](Self#keys).
    #[track_caller]
    pub fn reset(&mut self, key: &Key, timeout: Duration) {
        expect_live(self.try_reset(key, timeout));
    }

    /// Lets the value come out at `when`, instead of when it would have.
    ///
    /// # Panics
    ///
    /// If `key` is [stale](Self#keys).
    #[track_caller]
    pub fn reset_at(&mut self, key: &Key, when: Instant) {
        expect_live(self.try_reset_at(key, when));
    }

    /// Lets the value come out when at least `timeout` has passed from now, instead of when it would
    /// have.
    ///
    /// # Errors
    ///
    /// [`StaleKey`] if `key` names no value.
    pub fn try_reset(&mut self, key: &Key, timeout: Duration) -> Result<(), StaleKey> {
        let deadline = self.deadline_in(timeout);
        self.refile(key, deadline)
    }

    /// Lets the value come out at `when`, instead of when it would have.
    ///
    /// # Errors
    ///
    /// [`StaleKey`] if `key` names no value.
    pub fn try_reset_at(&mut self, key: &Key, when: Instant) -> Result<(), StaleKey> {
        let deadline = self.timer.clock().ticks_at(when);
        self.refile(key, deadline)
    }

    /// Takes a value out before its time.
    ///
    /// # Panics
    ///
    /// If `key` is [stale](Self#keys).
    #[track_caller]
    pub fn remove(&mut self, key: &Key) -> Expired<T> {
        match self.try_remove(key) {
            Some(expired) => expired,
            None => panic!("{StaleKey}"),
        }
    }

    /// Takes a value out before its time, or `None` if `key` is [stale](Self#keys).
    pub fn try_remove(&mut self, key: &Key) -> Option<Expired<T>> {
        let index = self.find(key).ok()?;
        self.take(index)
    }

    /// When a value comes out.
    ///
    /// # Panics
    ///
    /// If `key` is [stale](Self#keys).
    #[must_use]
    #[track_caller]
    pub fn deadline(&self, key: &Key) -> Instant {
        let index = expect_live(self.find(key));
        self.instant(self.slots.slots()[index as usize].deadline)
    }

    /// The key of the value that comes out next.
    ///
    /// O(values in the slot that comes first).
    #[must_use]
    pub fn peek(&self) -> Option<Key> {
        let slots = self.slots.slots();
        let index = self.wheel.first(slots)?;
        Some(Key::new(index, slots[index as usize].generation))
    }

    /// Takes a value out whose time has come, if there is one. Does not wait.
    pub fn try_next(&mut self) -> Option<Expired<T>> {
        let now = self.now_ticks();
        let index = self.wheel.pop_due(self.slots.slots_mut(), now)?;
        self.take(index)
    }

    /// Waits until the time of a value has come, and takes it out. `None` if the queue is empty.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost: a value that was not returned is still in the queue.
    #[expect(
        clippy::should_implement_trait,
        reason = "it waits, as a stream's does"
    )]
    pub fn next(&mut self) -> Next<'_, 'timer, T, S, Lock> {
        Next::new(self)
    }

    /// How many values are in the queue.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no value is in the queue.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many values the queue can hold: before it has to allocate, if it can.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// Drops all values. Their keys are stale from now on.
    ///
    /// O(the most values there have been in it at once).
    pub fn clear(&mut self) {
        for index in 0..self.touched {
            if self.slots.slots()[index as usize].place != Place::VACANT {
                self.take(index);
            }
        }
    }

    /// What the clock shows, or has shown another.
    fn now_ticks(&self) -> Ticks {
        self.timer.clock().now_ticks().max(self.seen)
    }

    fn deadline_in(&self, timeout: Duration) -> Ticks {
        let clock = self.timer.clock();
        match clock.ticks_to_cover(timeout) {
            Some(ticks) => clock.now_ticks().saturating_add(ticks),
            None => Ticks::MAX,
        }
    }

    fn instant(&self, ticks: Ticks) -> Instant {
        Instant::from_start(self.timer.clock().ticks_to_duration(ticks))
    }

    /// Calls no code of others, the clock's neither: what is half done here would stay so if that
    /// panicked.
    fn insert_by(&mut self, value: T, deadline: Ticks) -> Result<Key, Full<T>> {
        let Some(index) = self.vacancy() else {
            return Err(Full(value));
        };
        let slots = self.slots.slots_mut();
        let slot = &mut slots[index as usize];
        slot.value = Some(value);
        slot.deadline = deadline;
        let key = Key::new(index, slot.generation);
        self.wheel.file(slots, index);
        self.len += 1;
        Ok(key)
    }

    /// A vacant slot, which is on no list any more.
    fn vacancy(&mut self) -> Option<Index> {
        if self.vacant != wheel::NIL {
            let index = self.vacant;
            self.vacant = self.slots.slots()[index as usize].next;
            return Some(index);
        }
        self.slots.make_room(self.touched as usize).then(|| {
            self.touched += 1;
            self.touched - 1
        })
    }

    fn find(&self, key: &Key) -> Result<Index, StaleKey> {
        let (index, generation) = key.parts();
        match self.slots.slots().get(index as usize) {
            Some(slot) if slot.place != Place::VACANT && slot.generation == generation => Ok(index),
            _ => Err(StaleKey),
        }
    }

    fn refile(&mut self, key: &Key, deadline: Ticks) -> Result<(), StaleKey> {
        let index = self.find(key)?;
        let slots = self.slots.slots_mut();
        self.wheel.unfile(slots, index);
        slots[index as usize].deadline = deadline;
        self.wheel.file(slots, index);
        Ok(())
    }

    /// Vacates a slot that holds a value.
    fn take(&mut self, index: Index) -> Option<Expired<T>> {
        let slots = self.slots.slots_mut();
        self.wheel.unfile(slots, index);
        let slot = &mut slots[index as usize];
        let key = Key::new(index, slot.generation);
        slot.generation = slot.generation.wrapping_add(1);
        slot.next = self.vacant;
        self.vacant = index;
        self.len -= 1;
        let deadline = slot.deadline;
        let value = slot.value.take()?;
        Some(Expired::new(value, self.instant(deadline), key))
    }
}

#[track_caller]
fn expect_room<T>(inserted: Result<Key, Full<T>>) -> Key {
    match inserted {
        Ok(key) => key,
        Err(full) => panic!("{full}"),
    }
}

#[track_caller]
fn expect_live<T>(found: Result<T, StaleKey>) -> T {
    match found {
        Ok(found) => found,
        Err(stale) => panic!("{stale}"),
    }
}

impl<T, S: Storage<T>, Lock: ScopedRawMutex> fmt::Debug for DelayQueue<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelayQueue")
            .field("len", &self.len)
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}
