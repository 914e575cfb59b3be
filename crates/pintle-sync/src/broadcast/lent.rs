use super::{
    shared::{Shared, Wake},
    slot::Slot,
    state::{Cursor, Returned},
};
use crate::blocking::ScopedRawMutex;

/// A value that has been taken out to be cloned. It is given back when this is dropped, also while the
/// panic of a clone unwinds.
pub(super) struct Lent<'a, T, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> {
    shared: &'a Shared<T, Lock, Row>,
    from: Cursor,
    /// It is there until it is given back.
    value: Option<T>,
}

// === impl Lent ===

impl<'a, T, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> Lent<'a, T, Lock, Row> {
    /// The value has been [`Borrowed`](super::state::Taken::Borrowed) from there.
    pub(super) fn new(shared: &'a Shared<T, Lock, Row>, from: Cursor, value: T) -> Self {
        Self {
            shared,
            from,
            value: Some(value),
        }
    }
}

impl<T: Clone, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> Lent<'_, T, Lock, Row> {
    /// Clones the value and gives it back. `None` cannot be: it is there.
    pub(super) fn into_clone(self) -> Option<T> {
        self.value.clone()
    }
}

impl<T, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> Drop for Lent<'_, T, Lock, Row> {
    fn drop(&mut self) {
        let Self {
            shared,
            from,
            value,
        } = self;
        shared.change(|state| match state.give_back(*from, value) {
            Returned::Awaited => Wake::All,
            Returned::Unnoticed => Wake::Nobody,
        });
        // If it was not taken back, it is dropped with `self`: not under the lock.
    }
}
