use core::{fmt, mem, ptr};

use super::{
    Closed, Receiver, Ref, SendError,
    shared::{Shared, Tell},
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// How an end holds its channel.
pub(super) type Handle<T, S, Lock> = <S as Storage>::Handle<Shared<T, Lock>>;

/// Changes the value of a channel, and tells its receivers. A clone sends into the same channel.
///
/// When the last one is dropped the receivers are told that nothing will come.
///
/// # Contexts
///
/// Sending takes the lock and calls wakers, up to 16 at a time. An interrupt handler may send if `Lock`
/// keeps that interrupt out while it is held, and whom it interrupts does not [`borrow`](Self::borrow): it would wait
/// for that borrow for ever. [`with`](Self::with) is for that.
pub struct Sender<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) shared: Handle<T, S, Lock>,
}

// === impl Sender ===

impl<T, S: Storage, Lock: ScopedRawMutex> Sender<T, S, Lock> {
    /// The caller has counted it.
    pub(super) fn new(shared: Handle<T, S, Lock>) -> Self {
        Self { shared }
    }

    /// Replaces the value, and tells the receivers.
    ///
    /// O(n) in the number of receivers that wait. The value of before is dropped with the lock free.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value, which stays as it was, if there is no receiver. (For that there is
    /// [`send_replace`](Self::send_replace).)
    ///
    /// # Panics
    ///
    /// If a waker panics; the value has been sent and the others have been woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::watch::{self, SendError};
    ///
    /// static LEVEL: watch::Channel<i32> = watch::Channel::new(1);
    ///
    /// let (tx, rx) = LEVEL.split_static()?;
    /// assert_eq!(tx.send(2), Ok(()));
    /// assert_eq!(*rx.borrow(), 2);
    /// drop(rx);
    /// assert_eq!(tx.send(3), Err(SendError(3)));
    /// assert_eq!(*tx.borrow(), 2);
    /// # Ok::<_, pintle_sync::storage::AlreadySplit>(())
    /// ```
    #[inline]
    pub fn send(&self, mut value: T) -> Result<(), SendError<T>> {
        let mut sent = false;
        self.shared.change(|receivers, current| {
            if receivers == 0 {
                return Tell::Nobody;
            }
            mem::swap(current, &mut value);
            sent = true;
            Tell::Everybody
        });
        if sent { Ok(()) } else { Err(SendError(value)) }
    }

    /// Replaces the value, tells the receivers if there are any, and returns the value of before.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    #[inline]
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|current| mem::swap(current, &mut value));
        value
    }

    /// Changes the value in place, and tells the receivers if there are any.
    ///
    /// `modify` runs under the lock: it must not use the channel. If it panics nobody is told, and the value is
    /// what it has made of it.
    ///
    /// # Panics
    ///
    /// If `modify` or a waker does.
    #[inline]
    pub fn send_modify(&self, modify: impl FnOnce(&mut T)) {
        self.shared.change(|_, value| {
            modify(value);
            Tell::Everybody
        });
    }

    /// Changes the value in place, and tells the receivers if `modify` says that it has. Returns what it says.
    ///
    /// `modify` runs under the lock: it must not use the channel. If it panics nobody is told, and the value is
    /// what it has made of it.
    ///
    /// # Panics
    ///
    /// If `modify` or a waker does.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::watch;
    ///
    /// static LEVEL: watch::Channel<i32> = watch::Channel::new(1);
    ///
    /// let (tx, rx) = LEVEL.split_static()?;
    /// let at_least = |n| move |it: &mut i32| *it < n && { *it = n; true };
    /// assert!(!tx.send_if_modified(at_least(0)));
    /// assert_eq!(rx.has_changed(), Ok(false));
    /// assert!(tx.send_if_modified(at_least(2)));
    /// assert_eq!(rx.has_changed(), Ok(true));
    /// # Ok::<_, pintle_sync::storage::AlreadySplit>(())
    /// ```
    #[inline]
    pub fn send_if_modified(&self, modify: impl FnOnce(&mut T) -> bool) -> bool {
        let mut modified = false;
        self.shared.change(|_, value| {
            modified = modify(value);
            if modified {
                Tell::Everybody
            } else {
                Tell::Nobody
            }
        });
        modified
    }

    /// Borrows the value. Nobody changes it as long as the [`Ref`] lives.
    ///
    /// # Panics
    ///
    /// If `usize::MAX` borrows have been forgotten.
    #[inline]
    pub fn borrow(&self) -> Ref<'_, T, Lock> {
        Ref::new(&self.shared, None).0
    }

    /// Runs `look` on the value, under the lock: it must not use the channel.
    #[inline]
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        self.shared.with(|value, _| look(value))
    }

    /// One receiver more, which has seen the value.
    ///
    /// # Panics
    ///
    /// If there are `usize::MAX`.
    pub fn subscribe(&self) -> Receiver<T, S, Lock> {
        let seen = self.shared.add_receiver();
        Receiver::new(self.shared.clone(), seen)
    }

    /// Waits until there is no receiver.
    ///
    /// It completes too if one has been [subscribed](Self::subscribe) since.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub fn closed(&self) -> Closed<'_, T, S, Lock> {
        Closed::new(self)
    }

    /// Whether there is no receiver. There may be one later: [`subscribe`](Self::subscribe).
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// How many receivers there are.
    #[must_use]
    pub fn receiver_count(&self) -> usize {
        self.shared.receivers()
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_count(&self) -> usize {
        self.shared.senders()
    }

    /// Whether both send into the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        ptr::eq(&raw const *self.shared, &raw const *other.shared)
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Clone for Sender<T, S, Lock> {
    /// # Panics
    ///
    /// If there are `usize::MAX`.
    fn clone(&self) -> Self {
        self.shared.add_sender();
        Self::new(self.shared.clone())
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Drop for Sender<T, S, Lock> {
    fn drop(&mut self) {
        self.shared.leave_sender();
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Sender<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("channel", &&*self.shared)
            .finish()
    }
}
