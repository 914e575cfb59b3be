//! A lock that tasks wait for without blocking their thread: a [`Mutex`].
//!
//! Its guard may be held across an `.await`. Who waits is served in the order in which they came:
//! the guard that is dropped hands the lock over to the first, and nobody who comes later gets it
//! in between.
//!
//! # States
//!
//! A mutex is one permit, which whoever locks it has. See the state diagram of the permits:
//!
//! ```text
//!              lock, try_lock                     lock by another †
//!  ┌──────────┐ ────────────► ┌────────┐ ───────────────────────► ┌──────────────────────┐
//!  │ Unlocked │               │ Locked │                          │ Locked, somebody waits│ ⟲ lock †,
//!  └──────────┘ ◄──────────── └────────┘ ◄─────────────────────── └──────────────────────┘   unlock †
//!                  unlock         the last of them served or cancelled †
//! ```
//!
//! The transitions marked † are made under the raw lock `L`, with the list of who waits; the others
//! are one compare-exchange on a word. So a mutex that nobody waits for never touches `L`.
//!
//! # Which mutex?
//!
//! This one, if the lock is held across an `.await` or is held for long. If it is held for a few
//! instructions, a [`blocking::Mutex`](crate::blocking::Mutex) is smaller and faster.

#[cfg(feature = "park")]
mod blocking;
mod guard;
mod lock;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod lock_owned;
mod mapped;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned_mapped;

use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

use pintle_core::{cell::UnsafeCell, const_fn};

pub use self::{guard::MutexGuard, lock::Lock, mapped::MappedMutexGuard};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::{
    lock_owned::LockOwned, owned::OwnedMutexGuard, owned_mapped::OwnedMappedMutexGuard,
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    permits::{Permits, Take},
};

/// A value that one task at a time may use; the others wait asynchronously, first come, first
/// served.
///
/// Three words and the value with the default lock, no allocation however many wait. See the
/// [module](self) for the states.
///
/// There is no poisoning: if a task panics with a guard, the mutex is unlocked.
///
/// # The lock
///
/// `L` guards the list of those who wait, for a few instructions at a time, and only if somebody
/// waits: otherwise locking and unlocking are lock-free.
///
/// # Memory order
///
/// What was done under the lock is visible to whoever locks it next.
///
/// # Contexts
///
/// [`try_lock`](Self::try_lock) may be called anywhere. Polling a [`Lock`], dropping one and
/// dropping a guard take `L` if somebody waits, so an interrupt handler may do that if `L` keeps that
/// interrupt out while it is held. All of it may be done in a `Drop` and by a waker.
///
/// # Invariants
///
/// `data` is touched by whoever has the permit alone, or through `&mut self`, or by the owner.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::Mutex;
///
/// static LOG: Mutex<Vec<&str>> = Mutex::new(Vec::new());
///
/// async fn log(line: &'static str) {
///     let mut log = LOG.lock().await;
///     log.push(line);
/// }
///
/// block_on(log("hello"));
/// block_on(log("world"));
/// assert_eq!(*block_on(LOG.lock()), ["hello", "world"]);
/// ```
pub struct Mutex<T: ?Sized, L: ScopedRawMutex = DefaultMutex> {
    /// One permit, and never closed.
    permits: Permits<L>,
    data: UnsafeCell<T>,
}

// SAFETY: through a shared mutex one task at a time reaches the data, which so goes from thread to
// thread: `T: Send`. The permits are shared: `L: Sync`.
unsafe impl<T: ?Sized + Send, L: ScopedRawMutex + Sync> Sync for Mutex<T, L> {}

// SAFETY: the mutex owns its data and its lock, so it may go where both may.
unsafe impl<T: ?Sized + Send, L: ScopedRawMutex + Send> Send for Mutex<T, L> {}

// A panic with a guard unlocks, and what the value is then is as visible as it is to the one who
// catches the panic: as with every lock without poisoning.
impl<T: ?Sized, L: ScopedRawMutex> UnwindSafe for Mutex<T, L> {}
impl<T: ?Sized, L: ScopedRawMutex> RefUnwindSafe for Mutex<T, L> {}

// === impl Mutex ===

impl<T> Mutex<T> {
    const_fn! {
        /// Guards `data`, with the default lock for those who wait.
        #[must_use]
        pub const fn new(data: T) -> Self {
            Self::new_with_raw_mutex(data, DefaultMutex::new())
        }
    }
}

impl<T, L: ScopedRawMutex> Mutex<T, L> {
    const_fn! {
        /// Guards `data`, with a lock of the caller's choice for those who wait.
        ///
        /// ```
        /// use pintle_sync::{Mutex, spin::Spinlock};
        ///
        /// static COUNT: Mutex<u32, Spinlock> = Mutex::new_with_raw_mutex(0, Spinlock::new());
        /// # assert!(COUNT.try_lock().is_some());
        /// ```
        #[must_use]
        pub const fn new_with_raw_mutex(data: T, lock: L) -> Self {
            Self {
                permits: Permits::new(1, lock),
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

impl<T: ?Sized, L: ScopedRawMutex> Mutex<T, L> {
    /// Creates a future that locks the mutex and gives a guard, which unlocks it when it is dropped.
    ///
    /// It takes its place in the line when it is first polled.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place in the line and nothing else: if the lock has been handed
    /// to it already, the next one gets it.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let mutex = pintle_sync::Mutex::new(1);
    /// *mutex.lock().await += 1;
    /// assert_eq!(*mutex.lock().await, 2);
    /// # });
    /// ```
    #[inline]
    pub fn lock(&self) -> Lock<'_, T, L> {
        Lock::new(self)
    }

    /// Locks the mutex if it is unlocked and nobody waits for it. Lock-free.
    ///
    /// # Examples
    ///
    /// ```
    /// let mutex = pintle_sync::Mutex::new(());
    /// let guard = mutex.try_lock();
    /// assert!(guard.is_some());
    /// assert!(mutex.try_lock().is_none());
    /// ```
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T, L>> {
        match self.permits.take_only(1) {
            // SAFETY: the permit has just been taken, and is the guard's.
            Take::Taken => Some(unsafe { MutexGuard::new(self) }),
            Take::Short | Take::Closed => None,
        }
    }

    /// Reaches the value without locking: an exclusive borrow needs no lock.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.data.with_mut(|data| {
            // SAFETY: nobody else can have the permit, since the mutex is exclusively borrowed, for
            // as long as the result. (A guard that was leaked is not used any more.)
            unsafe { &mut *data }
        })
    }
}

impl<T: Default, L: ScopedRawMutex + Default> Default for Mutex<T, L> {
    fn default() -> Self {
        Self::new_with_raw_mutex(T::default(), L::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

/// Shows the value if it can be locked at once.
impl<T: ?Sized + fmt::Debug, L: ScopedRawMutex> fmt::Debug for Mutex<T, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Mutex");
        match self.try_lock() {
            Some(guard) => debug.field("data", &&*guard),
            // Waiting here would make a log line a deadlock.
            None => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish_non_exhaustive()
    }
}
