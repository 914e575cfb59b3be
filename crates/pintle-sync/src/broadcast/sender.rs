use core::{fmt, ptr};

use super::{
    Closed, Receiver, SendError,
    shared::{Shared, Wake},
    slot::Slot,
    state::State,
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// How an end holds a channel.
pub(super) type Handle<T, S, Lock> =
    <S as Storage>::Handle<Shared<T, Lock, <S as Storage>::Row<Slot<T>>>>;

/// Sends values to all receivers of a channel. Clones send into the same one.
///
/// When the last one is dropped each receiver gets what is kept for it, and then
/// [`RecvError::Closed`](super::RecvError::Closed).
///
/// # Contexts
///
/// Every method takes the lock, for a few instructions. [`send`](Self::send) and dropping the last
/// sender call the wakers of those who wait, and the former drops the value that it overwrites. They may be
/// called from a `Drop`, from a waker and from a value's `Clone`; from an interrupt handler if `Lock` keeps that
/// interrupt out while it is held.
pub struct Sender<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) shared: Handle<T, S, Lock>,
}

// === impl Sender ===

impl<T, S: Storage, Lock: ScopedRawMutex> Sender<T, S, Lock> {
    /// The caller has counted it.
    pub(super) fn new(shared: Handle<T, S, Lock>) -> Self {
        Self { shared }
    }

    /// Sends a value to all receivers that there are now, and says how many.
    ///
    /// It never waits: if the channel is full the oldest value is overwritten, and who has not had it
    /// [lags](super::RecvError::Lagged). That it is sent does not say that anybody will receive it. O(1), and O(n) in
    /// the number of receivers that wait, which are woken, with the lock released after each 16.
    ///
    /// # Errors
    ///
    /// [`SendError`], with the value, if there is no receiver.
    ///
    /// # Panics
    ///
    /// If a waker or the drop of the overwritten value does; the value has been sent then, and everybody woken.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::broadcast::{Channel, SendError};
    ///
    /// let mut channel = Channel::<_, 1>::new();
    /// let (tx, rx) = channel.split();
    /// assert_eq!(tx.send("one"), Ok(1));
    /// drop(rx);
    /// assert_eq!(tx.send("two"), Err(SendError("two")));
    /// ```
    #[inline]
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let mut value = Some(value);
        let mut receivers = 0;
        self.shared.change(|state| {
            receivers = state.push(&mut value);
            match receivers {
                0 => Wake::Nobody,
                _ => Wake::All,
            }
        });
        match value {
            Some(unsent) if receivers == 0 => Err(SendError(unsent)),
            // What has been overwritten is dropped here, not under the lock.
            _ => Ok(receivers),
        }
    }

    /// A receiver that gets what is sent from now on. O(1).
    ///
    /// # Panics
    ///
    /// If there are `usize::MAX` receivers.
    #[must_use]
    pub fn subscribe(&self) -> Receiver<T, S, Lock> {
        let cursor = self.shared.subscribe();
        Receiver::new(self.shared.clone(), cursor)
    }

    /// Waits until there is no receiver.
    ///
    /// It completes too if one has been [subscribed](Self::subscribe) since.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::broadcast::Channel;
    ///
    /// static NEWS: Channel<u32, 4> = Channel::new();
    ///
    /// let (tx, rx) = NEWS.split_static()?;
    /// std::thread::spawn(move || drop(rx));
    /// block_on(tx.closed());
    /// assert_eq!(tx.receiver_count(), 0);
    /// # Ok::<_, pintle_sync::storage::AlreadySplit>(())
    /// ```
    pub fn closed(&self) -> Closed<'_, T, S, Lock> {
        Closed::new(self)
    }

    /// How many values are kept that some receiver has not had yet. O(log n) in the capacity.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::broadcast::Channel;
    ///
    /// let mut channel = Channel::<_, 4>::new();
    /// let (tx, mut first) = channel.split();
    /// let mut second = tx.subscribe();
    /// tx.send(1).unwrap();
    /// tx.send(2).unwrap();
    /// assert_eq!(tx.len(), 2);
    /// first.try_recv().unwrap();
    /// assert_eq!(tx.len(), 2);
    /// second.try_recv().unwrap();
    /// assert_eq!(tx.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.state.with_lock(State::len)
    }

    /// Whether no value is kept that some receiver has not had yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many receivers there are.
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.shared.state.with_lock(|state| state.receivers)
    }

    /// Whether both send into the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        ptr::addr_eq(&raw const *self.shared, &raw const *other.shared)
    }

    /// How many senders there are.
    #[must_use]
    pub fn strong_count(&self) -> usize {
        self.shared.claims.senders()
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Clone for Sender<T, S, Lock> {
    /// # Panics
    ///
    /// If there are too many; see [`storage`](crate::storage#overflow).
    fn clone(&self) -> Self {
        self.shared.claims.add_sender();
        Self::new(self.shared.clone())
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Drop for Sender<T, S, Lock> {
    fn drop(&mut self) {
        self.shared.leave_sender::<S>();
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Sender<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("channel", &&*self.shared)
            .finish()
    }
}
