use crate::blocking::RawRwLock;
use crate::spin::RwSpinlock;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

/// Access to a part of the value of an [`RwLock`](super::RwLock) for writing, until it is dropped.
///
/// [`RwLockWriteGuard::map`](super::RwLockWriteGuard::map) makes it. It cannot be downgraded: a `Cell` in the
/// value might have lent the part out by an exclusive borrow, which readers must not share.
///
/// # Invariants
///
/// - The lock is held exclusively, and this guard alone stands for it.
/// - `part` points to a part of what the lock guards, which lives for `'lock`, and nobody else has a
///   reference to it.
#[must_use = "the lock is released as soon as the guard is dropped"]
pub struct MappedRwLockWriteGuard<'lock, T: ?Sized, Lock: RawRwLock = RwSpinlock> {
    lock: &'lock Lock,
    part: *mut T,
    /// Says whether the lock may be released by another thread than the one that took it.
    marker: PhantomData<(&'lock mut T, Lock::GuardMarker)>,
}

// SAFETY: sending the guard gives the other thread the part (`T: Send`) and a shared reference to
// the lock (`Lock: Sync`), which is released there, as its marker allows or not. It is never
// downgraded, so nobody reads the part beside it.
unsafe impl<T, Lock> Send for MappedRwLockWriteGuard<'_, T, Lock>
where
    T: ?Sized + Send,
    Lock: RawRwLock + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&T` and nothing else.
unsafe impl<T, Lock> Sync for MappedRwLockWriteGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawRwLock + Sync,
{
}

// === impl MappedRwLockWriteGuard ===

impl<'lock, T: ?Sized, Lock: RawRwLock> MappedRwLockWriteGuard<'lock, T, Lock> {
    /// # Safety
    ///
    /// The caller holds `lock` exclusively and gives it up to the guard. `part` points to a part of
    /// what `lock` guards, which lives for `'lock`, and which nobody has another reference to.
    #[inline]
    pub(super) unsafe fn new(lock: &'lock Lock, part: *mut T) -> Self {
        // INVARIANT: the caller promises both.
        Self {
            lock,
            part,
            marker: PhantomData,
        }
    }

    /// Narrows the guard further. If `f` panics the lock is released.
    #[inline]
    pub fn map<U: ?Sized>(
        mut guard: Self,
        f: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'lock, U, Lock> {
        let part = core::ptr::from_mut(f(&mut guard));
        // SAFETY: a part of the part; the guard's lock is handed over, it is not dropped.
        unsafe { MappedRwLockWriteGuard::new(ManuallyDrop::new(guard).lock, part) }
    }

    /// Narrows the guard further, if the part has that part.
    ///
    /// # Errors
    ///
    /// The guard itself, if `f` returned `None`.
    #[inline]
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        f: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedRwLockWriteGuard<'lock, U, Lock>, Self> {
        let Some(part) = f(&mut guard).map(core::ptr::from_mut) else {
            return Err(guard);
        };
        // SAFETY: as in `map`.
        Ok(unsafe { MappedRwLockWriteGuard::new(ManuallyDrop::new(guard).lock, part) })
    }
}

impl<T: ?Sized, Lock: RawRwLock> Deref for MappedRwLockWriteGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: by the invariants the part lives, and nobody writes to it but through this guard,
        // which is borrowed for as long as the result.
        unsafe { &*self.part }
    }
}

impl<T: ?Sized, Lock: RawRwLock> DerefMut for MappedRwLockWriteGuard<'_, T, Lock> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: by the invariants the part lives, and nobody else reaches it while the guard, which
        // is borrowed exclusively for as long as the result, holds the lock.
        unsafe { &mut *self.part }
    }
}

impl<T: ?Sized, Lock: RawRwLock> Drop for MappedRwLockWriteGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is held, and it is released only here.
        unsafe { self.lock.unlock_exclusive() }
    }
}
