use core::fmt;

use pintle_core::const_fn;

use super::{Receiver, Sender, shared::Shared};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{AlreadySplit, Borrowed, Inline, Static},
};

/// The shared part of a channel for one value that changes, in a `static` or wherever its owner puts it.
///
/// Nothing is allocated. See [`storage`](crate::storage) for who may split it, and when again. The value
/// stays when all ends are gone, and is the first one of the next.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::watch;
///
/// static LEVEL: watch::Channel<u32> = watch::Channel::new(0);
///
/// let (tx, mut rx) = LEVEL.split_static().unwrap();
/// std::thread::spawn(move || tx.send(7));
/// assert_eq!(block_on(rx.changed()), Ok(()));
/// assert_eq!(rx.with(|level| *level), 7);
/// ```
pub struct Channel<T, Lock: ScopedRawMutex = DefaultMutex> {
    shared: Shared<T, Lock>,
}

/// The first two ends of a channel.
type Ends<T, S, Lock> = (Sender<T, S, Lock>, Receiver<T, S, Lock>);

// === impl Channel ===

impl<T> Channel<T> {
    const_fn! {
        /// A channel without ends, with its first value and the default lock.
        #[must_use]
        pub const fn new(initial: T) -> Self {
            Self::new_with_raw_mutex(initial, DefaultMutex::new())
        }
    }
}

impl<T, Lock: ScopedRawMutex> Channel<T, Lock> {
    const_fn! {
        /// A channel without ends, with its first value and a lock of the caller's choice.
        #[must_use]
        pub const fn new_with_raw_mutex(initial: T, lock: Lock) -> Self {
            Self { shared: Shared::vacant(initial, lock) }
        }
    }

    /// Makes a sender and a receiver, which borrow the channel. The receiver has seen the value.
    ///
    /// Ends of before may have been forgotten (`mem::forget`).
    pub fn split(&mut self) -> Ends<T, Inline<'_>, Lock> {
        self.shared.claim();
        let shared = &self.shared;
        (
            Sender::new(Borrowed::new(shared)),
            Receiver::first(Borrowed::new(shared)),
        )
    }

    /// Makes a sender and a receiver of a channel in a `static`. The receiver has seen the value.
    ///
    /// # Errors
    ///
    /// [`AlreadySplit`] until all ends of before are gone.
    pub fn split_static(&'static self) -> Result<Ends<T, Static, Lock>, AlreadySplit> {
        self.shared.try_claim()?;
        let shared = &self.shared;
        Ok((
            Sender::new(Borrowed::new(shared)),
            Receiver::first(Borrowed::new(shared)),
        ))
    }
}

impl<T: Default, Lock: ScopedRawMutex + Default> Default for Channel<T, Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(T::default(), Lock::default())
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for Channel<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
