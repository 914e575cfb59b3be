//! A lock that many tasks may read by, or one may write by: a [`RwLock`].
//!
//! Who waits is served in the order in which they came. So a writer waits for the readers that were
//! there before it, readers that come later wait behind the writer, and neither starves.
//!
//! # States
//!
//! There are [`MAX_READERS`](RwLock::MAX_READERS) permits. Who reads has one of them, who writes has
//! all.
//!
//! ```text
//!      read, and the end of it                write, and the end of it
//!              ⟲  ┌─────────┐ ◄──────────┐ ┌──────────┐ ──────────► ┌─────────┐
//!                 │ n read  │            └─│   free   │             │ 1 writes│
//!                 └─────────┘ ───────────► └──────────┘ ◄────────── └─────────┘
//!                      │    ▲                                         │  ▲ │ downgrade: 1 reads
//!              write † │    │ the last who waits is served or leaves †│  │ ▼
//!                      ▼    │                                         ▼  │ read †, write †
//!                 ┌─────────────────────────────────────────────────────────┐
//!                 │                    … and somebody waits                 │
//!                 └─────────────────────────────────────────────────────────┘
//! ```
//!
//! The transitions marked † are made under the raw lock, with the list of who waits; the others are one
//! compare-exchange on a word. So reading with other readers, and writing alone, never touches it.
//!
//! # Deadlock
//!
//! A task that reads and reads again may wait for itself: if a writer waits, the second read waits
//! behind it, and the writer waits for the first. Pass the guard instead.

#[cfg(feature = "park")]
mod blocking;
mod future;
mod mapped_write;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned_mapped_write;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned_read;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned_write;
mod read;
#[cfg(test)]
mod tests;
mod write;

use core::{
    fmt,
    future::Future,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr::NonNull,
};

use pintle_core::{cell::UnsafeCell, const_fn};

pub use self::{
    mapped_write::RwLockMappedWriteGuard, read::RwLockReadGuard, write::RwLockWriteGuard,
};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::{
    owned_mapped_write::OwnedRwLockMappedWriteGuard, owned_read::OwnedRwLockReadGuard,
    owned_write::OwnedRwLockWriteGuard,
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::{Permits, Take, Word},
};

/// How many permits who writes has: all.
const ALL: usize = Word::MAX;

/// A value that many tasks may read at once, or one may write; the others wait asynchronously, first
/// come, first served.
///
/// Three words and the value with the default lock, no allocation however many wait. See the
/// [module](self) for the states, and for how a task can wait for itself.
///
/// There is no poisoning: if a task panics with a guard, the lock is released.
///
/// # The lock
///
/// `Lock` guards the list of those who wait, for a few instructions at a time, and only if somebody
/// waits: otherwise locking and unlocking are lock-free.
///
/// # How many readers
///
/// At most [`MAX_READERS`](Self::MAX_READERS) at a time: 2^61, 2^29 or 2^13, less one, by the target's
/// word. One more waits, and [`try_read`](Self::try_read) gives `None`; so also where that many guards
/// have been leaked.
///
/// # Memory order
///
/// What was done under the lock is visible to whoever writes next, and what was written to whoever
/// reads next.
///
/// # Contexts
///
/// [`try_read`](Self::try_read) and [`try_write`](Self::try_write) may be called anywhere. All else
/// takes `Lock` if somebody waits, so an interrupt handler may do it if `Lock` keeps that interrupt
/// out while it is held. All of it may be done in a `Drop` and by a waker. The end of a write keeps
/// up to 16 wakers on the stack.
///
/// # Invariants
///
/// `data` is written by whoever has all permits alone, and read by whoever has one; or through `&mut
/// self`, or by the owner.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::RwLock;
///
/// static NAMES: RwLock<Vec<&str>> = RwLock::new(Vec::new());
///
/// block_on(async {
///     NAMES.write().await.push("pintle");
///     let (one, another) = (NAMES.read().await, NAMES.read().await);
///     assert_eq!(one.len(), another.len());
///     assert!(NAMES.try_write().is_none());
/// });
/// ```
pub struct RwLock<T: ?Sized, Lock: ScopedRawMutex = DefaultMutex> {
    /// `ALL` permits, and never closed.
    permits: Permits<Lock>,
    data: UnsafeCell<T>,
}

// SAFETY: through a shared lock many threads reach `&T` at once (`T: Sync`), or one `&mut T`, which so
// goes from thread to thread (`T: Send`). The permits are shared: `Lock: Sync`.
unsafe impl<T: ?Sized + Send + Sync, Lock: ScopedRawMutex + Sync> Sync for RwLock<T, Lock> {}

// SAFETY: it owns its data and its lock, so it may go where both may.
unsafe impl<T: ?Sized + Send, Lock: ScopedRawMutex + Send> Send for RwLock<T, Lock> {}

// A panic with a guard unlocks, and what the value is then is as visible as it is to the one who
// catches the panic: as with every lock without poisoning.
impl<T: ?Sized, Lock: ScopedRawMutex> UnwindSafe for RwLock<T, Lock> {}
impl<T: ?Sized, Lock: ScopedRawMutex> RefUnwindSafe for RwLock<T, Lock> {}

// === impl RwLock ===

impl<T> RwLock<T> {
    const_fn! {
        /// Guards `data`, with the default lock for those who wait.
        #[must_use]
        pub const fn new(data: T) -> Self {
            Self::new_with_raw_mutex(data, DefaultMutex::new())
        }
    }
}

impl<T, Lock: ScopedRawMutex> RwLock<T, Lock> {
    const_fn! {
        /// Guards `data`, with a lock of the caller's choice for those who wait.
        ///
        /// ```
        /// use pintle_sync::{RwLock, spin::Spinlock};
        ///
        /// static LIMIT: RwLock<u32, Spinlock> = RwLock::new_with_raw_mutex(0, Spinlock::new());
        /// # assert!(LIMIT.try_read().is_some());
        /// ```
        #[must_use]
        pub const fn new_with_raw_mutex(data: T, lock: Lock) -> Self {
            Self {
                permits: Permits::new(ALL, lock),
                data: UnsafeCell::new(data),
            }
        }
    }

    /// Takes the value out: an owner needs no lock.
    #[inline]
    #[must_use]
    pub fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized, Lock: ScopedRawMutex> RwLock<T, Lock> {
    /// How many tasks can read at once: `usize::MAX >> 3`.
    pub const MAX_READERS: usize = ALL;

    /// Locks for reading, and gives a guard that unlocks when it is dropped.
    ///
    /// It takes its place in the line when the future is first polled.
    ///
    /// The future is fused: polled again after it has given a guard it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place in the line and nothing else: a permit that it has been
    /// given already goes to the next.
    #[inline]
    pub fn read(&self) -> impl Future<Output = RwLockReadGuard<'_, T, Lock>> {
        // SAFETY: a permit has just been taken, and is the guard's.
        future::take(&self.permits, 1, || unsafe { RwLockReadGuard::new(self) })
    }

    /// Locks for writing, and gives a guard that unlocks when it is dropped.
    ///
    /// It takes its place in the line when the future is first polled.
    ///
    /// The future is fused: polled again after it has given a guard it stays pending for ever.
    ///
    /// # Cancellation
    ///
    /// As for [`read`](Self::read). Readers that waited behind it and behind nobody else go on.
    #[inline]
    pub fn write(&self) -> impl Future<Output = RwLockWriteGuard<'_, T, Lock>> {
        // SAFETY: all permits have just been taken, and are the guard's.
        future::take(&self.permits, ALL, || unsafe {
            RwLockWriteGuard::new(self)
        })
    }

    /// Locks for reading, if nobody writes and nobody waits. Lock-free.
    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T, Lock>> {
        match self.permits.take(1) {
            // SAFETY: a permit has just been taken, and is the guard's.
            Take::Taken => Some(unsafe { RwLockReadGuard::new(self) }),
            Take::Short | Take::Closed => None,
        }
    }

    /// Locks for writing, if nobody reads or writes and nobody waits. Lock-free.
    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T, Lock>> {
        match self.permits.take(ALL) {
            // SAFETY: all permits have just been taken, and are the guard's.
            Take::Taken => Some(unsafe { RwLockWriteGuard::new(self) }),
            Take::Short | Take::Closed => None,
        }
    }

    /// Reaches the value without locking: an exclusive borrow needs no lock.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.data.with_mut(|data| {
            // SAFETY: nobody else can have a permit, since the lock is exclusively borrowed, for as
            // long as the result. (A guard that was leaked is not used any more.)
            unsafe { &mut *data }
        })
    }

    /// A pointer to the value, good for whatever the caller's permits allow.
    #[inline(always)]
    fn value(&self) -> NonNull<T> {
        // Not `with_mut`: others may be reading. It is the cell's pointer all the same.
        self.data.with(|data| {
            // SAFETY: a cell's pointer is not null.
            unsafe { NonNull::new_unchecked(data.cast_mut()) }
        })
    }
}

impl<T: Default, Lock: ScopedRawMutex + Default> Default for RwLock<T, Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(T::default(), Lock::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

/// Shows the value if it can be read at once.
impl<T: ?Sized + fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for RwLock<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RwLock");
        match self.try_read() {
            Some(guard) => debug.field("data", &&*guard),
            // Waiting here would make a log line a deadlock.
            None => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}
