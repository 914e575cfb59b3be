use core::fmt;

use pintle_core::const_fn;

use super::{Receiver, Sender, shared::Shared, slot::Slot};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{AlreadySplit, Borrowed, Inline, Static},
};

/// The shared part of a bounded channel for `N` values, in a `static` or wherever its owner puts it.
///
/// Nothing is allocated. See [`storage`](crate::storage) for who may split it, and when again.
///
/// # Examples
///
/// ```
/// use futures::{executor::block_on, future::join};
/// use pintle_sync::mpsc::Channel;
///
/// let mut channel = Channel::<u32, 1>::new();
/// let (tx, mut rx) = channel.split();
/// let sum = block_on(async {
///     let send = async move {
///         for n in 1..=10 {
///             tx.send(n).await.unwrap();
///         }
///     };
///     let receive = async {
///         let mut sum = 0;
///         while let Some(n) = rx.recv().await {
///             sum += n;
///         }
///         sum
///     };
///     join(send, receive).await.1
/// });
/// assert_eq!(sum, 55);
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
        /// If `N` is zero, or more than a channel can have: see [`mpsc`](super#capacity).
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
        /// If `N` is zero, or more than a channel can have: see [`mpsc`](super#capacity).
        #[must_use]
        pub const fn new_with_raw_mutex(lock: Lock) -> Self {
            Self { shared: Shared::vacant(lock) }
        }
    }

    /// Makes the two ends, which borrow the channel.
    ///
    /// If ends of before have been forgotten (`mem::forget`), what they left is dropped first. O(N)
    /// then.
    pub fn split(&mut self) -> Ends<T, Inline<'_>, Lock> {
        self.shared.claim();
        self.ends()
    }

    /// Makes the two ends of a channel in a `static`.
    ///
    /// # Errors
    ///
    /// [`AlreadySplit`] until all ends of before are gone.
    pub fn split_static(&'static self) -> Result<Ends<T, Static, Lock>, AlreadySplit> {
        self.shared.try_claim()?;
        let shared: &'static Shared<T, Lock, [Slot<T>]> = &self.shared;
        Ok((
            Sender::new(Borrowed::new(shared)),
            Receiver::new(Borrowed::new(shared)),
        ))
    }

    /// The ends of a channel that has been claimed.
    fn ends(&self) -> Ends<T, Inline<'_>, Lock> {
        let shared: &Shared<T, Lock, [Slot<T>]> = &self.shared;
        (
            Sender::new(Borrowed::new(shared)),
            Receiver::new(Borrowed::new(shared)),
        )
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
