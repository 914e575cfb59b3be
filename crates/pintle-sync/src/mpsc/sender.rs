use core::{fmt, ptr};

use super::{
    Closed, OwnedPermit, Permit, Reserve, ReserveOwned, Send, TrySendError,
    gate::{Acquired, Claimed},
    shared::Shared,
    slot::Slot,
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// How an end holds a bounded channel.
pub(super) type Handle<T, S, Lock> =
    <S as Storage>::Handle<Shared<T, Lock, <S as Storage>::Row<Slot<T>>>>;

/// Sends values into a bounded channel. Clones send into the same one.
///
/// When the last one is dropped the receiver gets what is in the channel, and then `None`.
///
/// # Contexts
///
/// [`try_send`](Self::try_send), [`try_reserve`](Self::try_reserve), [`Permit::send`] and the
/// questions may be called from an interrupt handler and a critical section. They take no lock and
/// are lock-free; what they may call is the receiver's waker. Dropping the last sender and dropping
/// an unused permit take the lock while senders wait, so they may be done there if `Lock` keeps that
/// interrupt out.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use futures::executor::block_on;
/// use pintle_sync::mpsc;
///
/// let (tx, mut rx) = mpsc::channel(2);
/// let other = std::thread::spawn({
///     let tx = tx.clone();
///     move || block_on(tx.send("from a thread"))
/// });
/// drop(tx);
/// assert_eq!(block_on(rx.recv()), Some("from a thread"));
/// assert_eq!(block_on(rx.recv()), None);
/// # other.join().unwrap().unwrap();
/// # }
/// ```
pub struct Sender<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) shared: Handle<T, S, Lock>,
}

// === impl Sender ===

impl<T, S: Storage, Lock: ScopedRawMutex> Sender<T, S, Lock> {
    /// The caller has counted it.
    pub(super) fn new(shared: Handle<T, S, Lock>) -> Self {
        Self { shared }
    }

    /// Sends a value, waiting for room in the channel.
    ///
    /// Senders that wait get their turn in the order in which they were first polled. O(1).
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError), with the value, if the receiver is gone or has closed the channel. That it is
    /// sent does not say that it will be received.
    ///
    /// # Cancellation
    ///
    /// Dropping the future before it completes drops the value, which has not been sent, and gives
    /// up its place in the queue. To keep the value, wait by [`reserve`](Self::reserve) and send it
    /// by the permit.
    #[inline]
    pub fn send(&self, value: T) -> Send<'_, T, S, Lock> {
        Send::new(self, value)
    }

    /// Sends a value if there is room and nobody waits for it.
    ///
    /// Lock-free. O(1).
    ///
    /// # Errors
    ///
    /// [`TrySendError`], with the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::mpsc::{Channel, TrySendError};
    ///
    /// let mut channel = Channel::<_, 1>::new();
    /// let (tx, rx) = channel.split();
    /// assert_eq!(tx.try_send(1), Ok(()));
    /// assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)));
    /// drop(rx);
    /// assert_eq!(tx.try_send(3), Err(TrySendError::Closed(3)));
    /// ```
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match self.shared.gate.try_claim(self.shared.capacity()) {
            Claimed::Place(place) => {
                // SAFETY: the place has just been taken from the gate, and is used once.
                unsafe { self.shared.publish(place, value) };
                Ok(())
            }
            Claimed::Full => Err(TrySendError::Full(value)),
            Claimed::Closed => Err(TrySendError::Closed(value)),
        }
    }

    /// Waits for room for one value, and keeps it.
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError) if the receiver is gone or has closed the channel.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses its place in the queue and nothing else: room that has been given
    /// to it goes to the next.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::mpsc::Channel;
    ///
    /// let mut channel = Channel::<_, 1>::new();
    /// let (tx, mut rx) = channel.split();
    /// let permit = block_on(tx.reserve()).unwrap();
    /// assert!(tx.try_send(2).is_err(), "the room is reserved");
    /// permit.send(1);
    /// assert_eq!(rx.try_recv(), Ok(1));
    /// ```
    #[inline]
    pub fn reserve(&self) -> Reserve<'_, T, S, Lock> {
        Reserve::new(self)
    }

    /// [`reserve`](Self::reserve) that takes the sender with it.
    ///
    /// # Errors
    ///
    /// [`SendError`](super::SendError) if the receiver is gone or has closed the channel.
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops the sender too; else as for [`reserve`](Self::reserve).
    #[inline]
    pub fn reserve_owned(self) -> ReserveOwned<T, S, Lock> {
        ReserveOwned::new(self)
    }

    /// Keeps room for one value, if there is some and nobody waits for it.
    ///
    /// Lock-free. O(1).
    ///
    /// # Errors
    ///
    /// [`TrySendError`].
    #[inline]
    pub fn try_reserve(&self) -> Result<Permit<'_, T, S, Lock>, TrySendError<()>> {
        match self.shared.gate.try_acquire() {
            Acquired::Permit => Ok(Permit::new(self)),
            Acquired::Full => Err(TrySendError::Full(())),
            Acquired::Closed => Err(TrySendError::Closed(())),
        }
    }

    /// [`try_reserve`](Self::try_reserve) that takes the sender with it.
    ///
    /// # Errors
    ///
    /// [`TrySendError`], with the sender.
    #[inline]
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T, S, Lock>, TrySendError<Self>> {
        match self.shared.gate.try_acquire() {
            Acquired::Permit => Ok(OwnedPermit::new(self)),
            Acquired::Full => Err(TrySendError::Full(self)),
            Acquired::Closed => Err(TrySendError::Closed(self)),
        }
    }

    /// Waits until the receiver is gone or has closed the channel.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub fn closed(&self) -> Closed<'_, T, S, Lock> {
        Closed::new(self)
    }

    /// Whether the receiver is gone or has closed the channel.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.gate.is_closed()
    }

    /// How many values there is room for now, reserved room not counted.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.gate.free()
    }

    /// How many values there is room for in an empty channel.
    #[must_use]
    pub fn max_capacity(&self) -> usize {
        self.shared.capacity()
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
    #[inline]
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
