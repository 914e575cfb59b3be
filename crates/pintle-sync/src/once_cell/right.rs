use core::mem;

use super::OnceCell;
use crate::blocking::ScopedRawMutex;

/// The right to make a cell's value. Dropped without having made it, it goes to the next in line.
///
/// # Invariants
///
/// There is one at a time: it stands for the one wake-up of the cell's queue, which has been taken.
pub(super) struct Right<'a, T, Lock: ScopedRawMutex>(&'a OnceCell<T, Lock>);

// === impl Right ===

impl<'a, T, Lock: ScopedRawMutex> Right<'a, T, Lock> {
    /// # Safety
    ///
    /// The caller has just taken the wake-up of the cell's queue, and gives it up to this.
    pub(super) unsafe fn taken(cell: &'a OnceCell<T, Lock>) -> Self {
        Self(cell)
    }

    /// Puts the value in.
    pub(super) fn set(self, value: T) {
        let cell = self.0;
        // It is used up.
        mem::forget(self);
        // SAFETY: this was the right to make the value.
        unsafe { cell.finish(value) };
    }
}

impl<T, Lock: ScopedRawMutex> Drop for Right<'_, T, Lock> {
    fn drop(&mut self) {
        self.0.queue.wake();
    }
}
