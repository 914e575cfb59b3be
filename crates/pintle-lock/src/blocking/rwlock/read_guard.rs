use super::{MappedRwLockReadGuard, RwLock};
use crate::blocking::RawRwLock;
use crate::spin::RwSpinlock;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;

/// Access to the value of an [`RwLock`] for reading, until it is dropped.
///
/// # Invariants
///
/// The lock is shared, and this guard alone stands for that share.
#[must_use = "the share ends as soon as the guard is dropped"]
pub struct RwLockReadGuard<'lock, T: ?Sized, Lock: RawRwLock = RwSpinlock> {
    rwlock: &'lock RwLock<T, Lock>,
    /// Says whether the lock may be released by another thread than the one that took it.
    marker: PhantomData<(&'lock T, Lock::GuardMarker)>,
}

// SAFETY: sending the guard gives the other thread a shared reference to data that the first may
// read as well (`T: Sync`), one to the lock (`Lock: Sync`), and has that released there, which the
// lock's marker allows or not.
unsafe impl<T, Lock> Send for RwLockReadGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawRwLock + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&T` and nothing else.
unsafe impl<T, Lock> Sync for RwLockReadGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawRwLock + Sync,
{
}

// === impl RwLockReadGuard ===

impl<'lock, T: ?Sized, Lock: RawRwLock> RwLockReadGuard<'lock, T, Lock> {
    /// Wraps an `RwLock` whose lock is shared already.
    ///
    /// # Safety
    ///
    /// The caller shares the lock and gives its share up to the guard.
    #[inline]
    pub(super) unsafe fn new(rwlock: &'lock RwLock<T, Lock>) -> Self {
        // INVARIANT: the caller hands over its share.
        Self {
            rwlock,
            marker: PhantomData,
        }
    }

    /// Narrows the guard to a part of the value.
    ///
    /// A function of the type and no method, so that it hides none of the value's. If `f` panics
    /// the share ends.
    ///
    /// ```
    /// use pintle_lock::blocking::{RwLock, RwLockReadGuard};
    ///
    /// let pair = RwLock::new((1, "one"));
    /// let name = RwLockReadGuard::map(pair.read(), |pair| &pair.1);
    /// assert_eq!(*name, "one");
    /// ```
    #[inline]
    pub fn map<U: ?Sized>(
        guard: Self,
        f: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'lock, U, Lock> {
        let part = core::ptr::from_ref(f(&guard));
        let rwlock = guard.into_rwlock();
        // SAFETY: `part` is part of the value, and the share is handed over: it is the guard's own,
        // which was not dropped.
        unsafe { MappedRwLockReadGuard::new(&rwlock.lock, part) }
    }

    /// Narrows the guard to a part of the value, if it has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` returned `None`.
    #[inline]
    pub fn try_map<U: ?Sized>(
        guard: Self,
        f: impl FnOnce(&T) -> Option<&U>,
    ) -> Result<MappedRwLockReadGuard<'lock, U, Lock>, Self> {
        let Some(part) = f(&guard).map(core::ptr::from_ref) else {
            return Err(guard);
        };
        let rwlock = guard.into_rwlock();
        // SAFETY: as in `map`.
        Ok(unsafe { MappedRwLockReadGuard::new(&rwlock.lock, part) })
    }

    /// Ends the guard without releasing the lock.
    #[inline]
    fn into_rwlock(self) -> &'lock RwLock<T, Lock> {
        ManuallyDrop::new(self).rwlock
    }
}

impl<T: ?Sized, Lock: RawRwLock> Deref for RwLockReadGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.rwlock.data.with(|data| {
            // SAFETY: the lock is shared by the guard, which is borrowed for as long as the result:
            // nobody writes.
            unsafe { &*data }
        })
    }
}

impl<T: ?Sized, Lock: RawRwLock> Drop for RwLockReadGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is shared, and that share ends only here.
        unsafe { self.rwlock.lock.unlock_shared() }
    }
}
