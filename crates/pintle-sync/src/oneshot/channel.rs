use core::fmt;

use pintle_core::const_fn;

use super::{Receiver, Sender, shared::Shared, state::AtomicState};
use crate::storage::{AlreadySplit, Borrowed, Inline, Static};

/// The shared part of a channel for one value, in a `static` or wherever its owner puts it.
///
/// Nothing is allocated. See [`storage`](crate::storage) for who may split it, and when again.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::oneshot;
///
/// static ANSWER: oneshot::Channel<u32> = oneshot::Channel::new();
///
/// let (tx, rx) = ANSWER.split_static().unwrap();
/// std::thread::spawn(|| tx.send(42));
/// assert_eq!(block_on(rx), Ok(42));
/// ```
pub struct Channel<T> {
    shared: Shared<T>,
}

/// The two ends of a channel.
type Ends<T, S> = (Sender<T, S>, Receiver<T, S>);

// === impl Channel ===

impl<T> Channel<T> {
    const_fn! {
        /// A channel without ends.
        #[must_use]
        pub const fn new() -> Self {
            Self { shared: Shared::new(AtomicState::vacant()) }
        }
    }

    /// Makes the two ends, which borrow the channel.
    ///
    /// If ends of before have been forgotten (`mem::forget`), what they left is dropped first.
    pub fn split(&mut self) -> Ends<T, Inline<'_>> {
        self.shared.claim();
        let shared = &self.shared;
        (
            Sender::new(Borrowed::new(shared)),
            Receiver::new(Borrowed::new(shared)),
        )
    }

    /// Makes the two ends of a channel in a `static`.
    ///
    /// # Errors
    ///
    /// [`AlreadySplit`] until both ends of before are gone.
    pub fn split_static(&'static self) -> Result<Ends<T, Static>, AlreadySplit> {
        self.shared.try_claim()?;
        let shared = &self.shared;
        Ok((
            Sender::new(Borrowed::new(shared)),
            Receiver::new(Borrowed::new(shared)),
        ))
    }
}

impl<T> Default for Channel<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Channel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
