//! Receivers as [`Stream`]s, by the feature `stream`.
//!
//! They are so themselves, without a wrapper: `recv` and `close` stay at hand between two items.

use core::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;

use super::Receiver;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use super::UnboundedReceiver;
use crate::{blocking::ScopedRawMutex, storage::Storage};

/// The values that [`recv`](Receiver::recv) gives, to the end of the channel.
///
/// # Cancellation
///
/// Dropping a future that waits for the next item loses none.
///
/// # Examples
///
/// ```
/// use futures::{StreamExt, executor::block_on};
/// use pintle_sync::mpsc;
///
/// static NUMBERS: mpsc::Channel<u32, 4> = mpsc::Channel::new();
///
/// let (tx, rx) = NUMBERS.split_static()?;
/// std::thread::spawn(move || (0..10).try_for_each(|n| block_on(tx.send(n))));
/// let even = rx.filter(|n| core::future::ready(n % 2 == 0));
/// assert_eq!(block_on(even.collect::<Vec<_>>()), [0, 2, 4, 6, 8]);
/// # Ok::<_, pintle_sync::storage::AlreadySplit>(())
/// ```
impl<T, S: Storage, Lock: ScopedRawMutex> Stream for Receiver<T, S, Lock> {
    type Item = T;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().poll_recv(cx)
    }
}

/// The values that [`recv`](UnboundedReceiver::recv) gives, to the end of the channel.
///
/// # Cancellation
///
/// Dropping a future that waits for the next item loses none.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<T, Lock: ScopedRawMutex> Stream for UnboundedReceiver<T, Lock> {
    type Item = T;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.get_mut().poll_recv(cx)
    }
}
