use core::fmt;

use pintle_core::const_fn;

use super::{Receiver, Sender, shared::Shared, slot::Slot};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{AlreadySplit, Borrowed, Inline, Static},
};

/// The shared part of a channel that keeps the last `N` values, in a `static` or wherever its owner
/// puts it.
///
/// Nothing is allocated. See [`storage`](crate::storage) for who may split it, and when again.
///
/// # Examples
///
/// ```
/// use pintle_sync::broadcast::{Channel, TryRecvError};
///
/// static TEMPERATURES: Channel<i16, 4> = Channel::new();
///
/// let (tx, mut display) = TEMPERATURES.split_static().unwrap();
/// let mut log = tx.subscribe();
/// tx.send(21).unwrap();
/// assert_eq!(display.try_recv(), Ok(21));
/// assert_eq!(log.try_recv(), Ok(21));
/// assert_eq!(log.try_recv(), Err(TryRecvError::Empty));
/// ```
pub struct Channel<T, const N: usize, Lock: ScopedRawMutex = DefaultMutex> {
    shared: Shared<T, Lock, [Slot<T>; N]>,
}

/// The two ends of a channel.
type Ends<T, S, Lock> = (Sender<T, S, Lock>, Receiver<T, S, Lock>);

// === impl Channel ===

impl<T, const N: usize> Channel<T, N> {
    const_fn! {
        /// A channel without ends, with the default lock.
        ///
        /// # Panics
        ///
        /// If `N` is zero.
        #[must_use]
        pub const fn new() -> Self {
            Self::new_with_raw_mutex(DefaultMutex::new())
        }
    }
}

impl<T, const N: usize, Lock: ScopedRawMutex> Channel<T, N, Lock> {
    const_fn! {
        /// A channel without ends, with a lock of the caller's choice.
        ///
        /// # Panics
        ///
        /// If `N` is zero.
        #[must_use]
        pub const fn new_with_raw_mutex(lock: Lock) -> Self {
            Self { shared: Shared::vacant(lock) }
        }
    }

    /// Makes the first two ends, which borrow the channel.
    ///
    /// If ends of before have been forgotten (`mem::forget`), what they left is dropped first. O(N)
    /// then.
    pub fn split(&mut self) -> Ends<T, Inline<'_>, Lock> {
        self.shared.claim();
        let shared: &Shared<T, Lock, [Slot<T>]> = &self.shared;
        (
            Sender::new(Borrowed::new(shared)),
            Receiver::first(Borrowed::new(shared)),
        )
    }

    /// Makes the first two ends of a channel in a `static`.
    ///
    /// # Errors
    ///
    /// [`AlreadySplit`] until all ends of before are gone.
    pub fn split_static(&'static self) -> Result<Ends<T, Static, Lock>, AlreadySplit> {
        self.shared.try_claim()?;
        let shared: &'static Shared<T, Lock, [Slot<T>]> = &self.shared;
        Ok((
            Sender::new(Borrowed::new(shared)),
            Receiver::first(Borrowed::new(shared)),
        ))
    }
}

impl<T, const N: usize, Lock: ScopedRawMutex + Default> Default for Channel<T, N, Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(Lock::default())
    }
}

impl<T, const N: usize, Lock: ScopedRawMutex> fmt::Debug for Channel<T, N, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
