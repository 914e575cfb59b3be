//! Where a [`DelayQueue`](super::DelayQueue) keeps its values: [`Fixed`] or [`Growing`].

use super::wheel::{Index, NIL, Place};
use crate::clock::Ticks;

/// A slice of slots, which may be able to grow. [`Fixed`] and [`Growing`] are all there are.
#[expect(private_bounds, reason = "nobody else implements it")]
pub trait Storage<T>: Slots<T> {}

impl<T, S: Slots<T>> Storage<T> for S {}

/// What a storage is to its queue. Slots are used from the first on.
pub(super) trait Slots<T> {
    fn slots(&self) -> &[Slot<T>];

    fn slots_mut(&mut self) -> &mut [Slot<T>];

    /// Makes sure that there is a slot after the first `used`, or says that it cannot.
    fn make_room(&mut self, used: usize) -> bool;

    fn capacity(&self) -> usize;
}

/// Room for one value.
pub(super) struct Slot<T> {
    pub(super) value: Option<T>,
    pub(super) deadline: Ticks,
    /// The slot before it in its ring.
    pub(super) prev: Index,
    /// The slot after it in its ring, or in the list of vacant slots.
    pub(super) next: Index,
    /// How often it has been vacated.
    pub(super) generation: u32,
    /// Which ring it is in.
    pub(super) place: Place,
}

// === impl Slot ===

impl<T> Slot<T> {
    const VACANT: Self = Self {
        value: None,
        deadline: 0,
        prev: NIL,
        next: NIL,
        generation: 0,
        place: Place::VACANT,
    };
}

/// Room for `N` values, in place.
pub struct Fixed<T, const N: usize>([Slot<T>; N]);

// === impl Fixed ===

impl<T, const N: usize> Fixed<T, N> {
    pub(super) const fn new() -> Self {
        const { assert!(N < NIL as usize) };
        Self([const { Slot::VACANT }; N])
    }
}

impl<T, const N: usize> Slots<T> for Fixed<T, N> {
    fn slots(&self) -> &[Slot<T>] {
        &self.0
    }

    fn slots_mut(&mut self) -> &mut [Slot<T>] {
        &mut self.0
    }

    fn make_room(&mut self, used: usize) -> bool {
        used < N
    }

    fn capacity(&self) -> usize {
        N
    }
}

impl<T, const N: usize> core::fmt::Debug for Fixed<T, N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Fixed").field(&N).finish()
    }
}

/// Room for as many values as there is memory, up to 2³² − 1.
///
/// It exists in every build, as the default, and is a [`Storage`] with the feature `alloc`.
pub struct Growing<T> {
    #[cfg(feature = "alloc")]
    slots: alloc::vec::Vec<Slot<T>>,
    #[cfg(not(feature = "alloc"))]
    _value: core::marker::PhantomData<T>,
}

// === impl Growing ===

#[cfg(feature = "alloc")]
impl<T> Growing<T> {
    pub(super) const fn new() -> Self {
        Self {
            slots: alloc::vec::Vec::new(),
        }
    }

    /// Makes room for `additional` slots after the first `used`.
    pub(super) fn reserve(&mut self, used: usize, additional: usize) {
        self.slots.reserve(
            used.saturating_add(additional)
                .saturating_sub(self.slots.len()),
        );
    }
}

#[cfg(feature = "alloc")]
impl<T> Slots<T> for Growing<T> {
    fn slots(&self) -> &[Slot<T>] {
        &self.slots
    }

    fn slots_mut(&mut self) -> &mut [Slot<T>] {
        &mut self.slots
    }

    fn make_room(&mut self, used: usize) -> bool {
        if used == self.slots.len() && used < NIL as usize {
            self.slots.push(Slot::VACANT);
        }
        used < self.slots.len()
    }

    fn capacity(&self) -> usize {
        self.slots.capacity()
    }
}

impl<T> core::fmt::Debug for Growing<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Growing").finish_non_exhaustive()
    }
}
