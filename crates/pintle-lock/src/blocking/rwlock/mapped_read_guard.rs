use crate::blocking::RawRwLock;
use crate::spin::RwSpinlock;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;

/// Access to a part of the value of an [`RwLock`](super::RwLock) for reading, until it is dropped.
///
/// [`RwLockReadGuard::map`](super::RwLockReadGuard::map) makes it.
///
/// # Invariants
///
/// - The lock is shared, and this guard alone stands for that share.
/// - `part` points to a part of what the lock guards, which lives for `'lock`.
#[must_use = "the share ends as soon as the guard is dropped"]
pub struct MappedRwLockReadGuard<'lock, T: ?Sized, Lock: RawRwLock = RwSpinlock> {
    lock: &'lock Lock,
    /// No reference: that would be promised to live until the guard's end, and while the guard is
    /// dropped a writer may come in.
    part: *const T,
    /// Says whether the lock may be released by another thread than the one that took it.
    marker: PhantomData<(&'lock T, Lock::GuardMarker)>,
}

// SAFETY: as for the guard that it was made of: `&T`, `&Lock`, and the release.
unsafe impl<T, Lock> Send for MappedRwLockReadGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawRwLock + Sync,
    Lock::GuardMarker: Send,
{
}

// SAFETY: a shared guard gives out `&T` and nothing else.
unsafe impl<T, Lock> Sync for MappedRwLockReadGuard<'_, T, Lock>
where
    T: ?Sized + Sync,
    Lock: RawRwLock + Sync,
{
}

// === impl MappedRwLockReadGuard ===

impl<'lock, T: ?Sized, Lock: RawRwLock> MappedRwLockReadGuard<'lock, T, Lock> {
    /// # Safety
    ///
    /// The caller shares `lock` and gives its share up to the guard. `part` points to a part of what
    /// `lock` guards, which lives for `'lock`.
    #[inline]
    pub(super) unsafe fn new(lock: &'lock Lock, part: *const T) -> Self {
        // INVARIANT: the caller promises both.
        Self {
            lock,
            part,
            marker: PhantomData,
        }
    }

    /// Narrows the guard further. If `f` panics the share ends.
    #[inline]
    pub fn map<U: ?Sized>(
        guard: Self,
        f: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'lock, U, Lock> {
        let part = core::ptr::from_ref(f(&guard));
        // SAFETY: a part of the part; the guard's share is handed over, it is not dropped.
        unsafe { MappedRwLockReadGuard::new(ManuallyDrop::new(guard).lock, part) }
    }

    /// Narrows the guard further, if the part has that part.
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
        // SAFETY: as in `map`.
        Ok(unsafe { MappedRwLockReadGuard::new(ManuallyDrop::new(guard).lock, part) })
    }
}

impl<T: ?Sized, Lock: RawRwLock> Deref for MappedRwLockReadGuard<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: by the invariants the part lives, and nobody writes to it while the guard, which is
        // borrowed for as long as the result, shares the lock.
        unsafe { &*self.part }
    }
}

impl<T: ?Sized, Lock: RawRwLock> Drop for MappedRwLockReadGuard<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the guard's invariant the lock is shared, and that share ends only here.
        unsafe { self.lock.unlock_shared() }
    }
}
