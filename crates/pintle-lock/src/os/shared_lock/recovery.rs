use super::SharedLock;
use crate::blocking::MutexGuard;
use core::fmt;
use core::ops::{Deref, DerefMut};

/// A mutex over a [`SharedLock`] that the calling thread has locked after its owner's death.
///
/// The value may be half changed: repair it, and [mark it as consistent](Self::mark_consistent). If
/// this is dropped instead, by a panic say, the mutex is unlocked, and the next one is told of the
/// death as well.
#[must_use = "the next one is told as well, until somebody says that the value is consistent"]
pub struct SharedRecovery<'a, T: ?Sized>(pub(super) MutexGuard<'a, T, SharedLock>);

// === impl SharedRecovery ===

impl<'a, T: ?Sized> SharedRecovery<'a, T> {
    /// Says that the value is as it should be: the mutex is an ordinary one again.
    pub fn mark_consistent(self) -> MutexGuard<'a, T, SharedLock> {
        MutexGuard::raw_mutex(&self.0).mark_sound();
        self.0
    }

    /// Says that the value cannot be repaired: all who wait, and who lock later, get
    /// [`NotRecoverable`](super::SharedLockError::NotRecoverable), in every process and for ever.
    pub fn give_up(self) {
        MutexGuard::raw_mutex(&self.0).mark_given_up();
    }
}

impl<T: ?Sized> Deref for SharedRecovery<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ?Sized> DerefMut for SharedRecovery<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for SharedRecovery<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedRecovery").field(&&**self).finish()
    }
}
