use core::{fmt, ptr};

use super::{
    Changed, RecvError, Ref,
    sender::Handle,
    version::{News, Version},
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// Sees the newest value of a channel, and is told when it has not seen it. A clone has seen what the
/// original has.
///
/// # Contexts
///
/// [`has_changed`](Self::has_changed) and the two marks are lock-free, and may be called anywhere. All else
/// takes the lock for a few instructions: an interrupt handler may do that if `Lock` keeps that interrupt
/// out while it is held.
pub struct Receiver<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    pub(super) shared: Handle<T, S, Lock>,
    /// The version that it has seen last.
    pub(super) seen: Version,
}

// === impl Receiver ===

impl<T, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// The caller has counted it.
    pub(super) fn new(shared: Handle<T, S, Lock>, seen: Version) -> Self {
        Self { shared, seen }
    }

    /// The one of a channel that has just been split, which its caller has counted.
    pub(super) fn first(shared: Handle<T, S, Lock>) -> Self {
        let seen = shared.version();
        Self::new(shared, seen)
    }

    /// Waits until there is a value that this receiver has not seen, which then counts as seen.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if there is none and all senders are gone.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing: a value counts as seen only when it has completed.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::watch;
    ///
    /// static LEVEL: watch::Channel<u32> = watch::Channel::new(0);
    ///
    /// let (tx, mut rx) = LEVEL.split_static()?;
    /// for n in 1..4 {
    ///     tx.send(n).unwrap();
    /// }
    /// drop(tx);
    /// assert!(block_on(rx.changed()).is_ok());
    /// assert_eq!(*rx.borrow(), 3);
    /// assert!(block_on(rx.changed()).is_err());
    /// # Ok::<_, pintle_sync::storage::AlreadySplit>(())
    /// ```
    #[inline]
    pub fn changed(&mut self) -> Changed<'_, T, Lock> {
        Changed::new(&self.shared, &mut self.seen)
    }

    /// Waits until the value fulfils `condition`, and borrows it. What it was asked for counts as seen.
    ///
    /// It is asked once at least, and then for each value that this receiver finds; not for each that is
    /// sent. It runs while the value is borrowed, with the lock free.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if the value does not fulfil it and all senders are gone.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing but that values count as seen for which `condition` was asked.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::watch;
    ///
    /// static LEVEL: watch::Channel<u32> = watch::Channel::new(0);
    ///
    /// let (tx, mut rx) = LEVEL.split_static()?;
    /// std::thread::spawn(move || (1..=100).for_each(|n| { tx.send_replace(n); }));
    /// assert_eq!(block_on(rx.wait_for(|n| *n >= 50)).map(|n| *n >= 50), Ok(true));
    /// # Ok::<_, pintle_sync::storage::AlreadySplit>(())
    /// ```
    pub async fn wait_for(
        &mut self,
        mut condition: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T, Lock>, RecvError> {
        let Self { shared, seen } = self;
        let mut closed = false;
        loop {
            // A scope, so that the borrow ends before the task waits, and the future is `Send`.
            {
                let (value, version) = Ref::new(shared, Some(*seen));
                *seen = version;
                // What it has been asked for already needs not be asked for again.
                if (!closed || value.has_changed()) && condition(&value) {
                    return Ok(value);
                }
            }
            if closed {
                return Err(RecvError);
            }
            closed = Changed::new(shared, seen).await.is_err();
        }
    }

    /// Borrows the value. It does not count as seen.
    ///
    /// # Panics
    ///
    /// If `usize::MAX` borrows have been forgotten.
    #[inline]
    pub fn borrow(&self) -> Ref<'_, T, Lock> {
        Ref::new(&self.shared, Some(self.seen)).0
    }

    /// Borrows the value, which counts as seen.
    ///
    /// # Panics
    ///
    /// As [`borrow`](Self::borrow).
    #[inline]
    pub fn borrow_and_update(&mut self) -> Ref<'_, T, Lock> {
        let (value, version) = Ref::new(&self.shared, Some(self.seen));
        self.seen = version;
        value
    }

    /// Runs `look` on the value, under the lock: it must not use the channel. The value does not count as
    /// seen.
    #[inline]
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        self.shared.with(|value, _| look(value))
    }

    /// Runs `look` on the value, which counts as seen, under the lock: it must not use the channel.
    #[inline]
    pub fn with_and_update<R>(&mut self, look: impl FnOnce(&T) -> R) -> R {
        let Self { shared, seen } = self;
        shared.with(|value, version| {
            *seen = version;
            look(value)
        })
    }

    /// Whether there is a value that this receiver has not seen. Lock-free.
    ///
    /// # Errors
    ///
    /// [`RecvError`] if all senders are gone, also if there is such a value.
    #[inline]
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let version = self.shared.version();
        if version.is_closed() {
            return Err(RecvError);
        }
        Ok(version.news(self.seen) == News::Changed)
    }

    /// Counts the value as seen. Lock-free.
    #[inline]
    pub fn mark_unchanged(&mut self) {
        self.seen = self.shared.version();
    }

    /// Counts the value as not seen, so that [`changed`](Self::changed) completes at once.
    #[inline]
    pub fn mark_changed(&mut self) {
        self.seen = self.shared.version().previous();
    }

    /// Whether both are receivers of the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        ptr::eq(&raw const *self.shared, &raw const *other.shared)
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Clone for Receiver<T, S, Lock> {
    /// # Panics
    ///
    /// If there are `usize::MAX`.
    fn clone(&self) -> Self {
        let _ = self.shared.add_receiver();
        Self::new(self.shared.clone(), self.seen)
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Drop for Receiver<T, S, Lock> {
    fn drop(&mut self) {
        self.shared.leave_receiver();
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Receiver<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("channel", &&*self.shared)
            .field("seen", &self.seen)
            .finish()
    }
}
