use alloc::sync::Arc;
use core::{cell::Cell, fmt, marker::PhantomData};

use pintle_core::atomic::{Ordering::Acquire, fence};

use super::{Links, MpscQueue, TryDequeueError};
use crate::Linked;

/// The right to take elements out of an [`MpscQueue`], with a share in the queue itself.
///
/// What a [`Consumer`](super::Consumer) is to a borrowed queue, this is to one in an [`Arc`]. Like it, it is `Send`
/// where the queue is `Sync`, and never `Sync`.
///
/// # Invariants
///
/// The queue's consumer flag is set, by this consumer.
pub struct OwnedConsumer<T: Linked<Links<T, N>>, N: ?Sized = ()> {
    queue: Arc<MpscQueue<T, N>>,
    /// Two threads must not dequeue through one consumer.
    _not_sync: PhantomData<Cell<()>>,
}

// === impl MpscQueue ===

impl<T: Linked<Links<T, N>>, N: ?Sized> MpscQueue<T, N> {
    /// Waits for the right to dequeue, and takes it together with this share in the queue.
    ///
    /// Spins while another consumer holds the right, so it must not be called where that consumer
    /// cannot go on, such as in an interrupt handler of its core.
    #[must_use = "the right is given back when the consumer is dropped"]
    pub fn consume_owned(self: Arc<Self>) -> OwnedConsumer<T, N> {
        core::mem::forget(self.consume());
        // What was forgotten is the flag being set, which is the new consumer's now.
        OwnedConsumer {
            queue: self,
            _not_sync: PhantomData,
        }
    }

    /// Takes the right to dequeue together with this share in the queue, or says `None` if
    /// another consumer has it (and drops the share).
    #[must_use = "the right is given back when the consumer is dropped"]
    pub fn try_consume_owned(self: Arc<Self>) -> Option<OwnedConsumer<T, N>> {
        core::mem::forget(self.try_consume()?);
        // What was forgotten is the flag being set, which is the new consumer's now.
        Some(OwnedConsumer {
            queue: self,
            _not_sync: PhantomData,
        })
    }
}

// === impl OwnedConsumer ===

impl<T: Linked<Links<T, N>>, N: ?Sized> OwnedConsumer<T, N> {
    /// Takes out the first element, or says `None` if the queue is empty.
    ///
    /// As [`Consumer::dequeue`](super::Consumer::dequeue).
    #[inline]
    pub fn dequeue(&self) -> Option<T::Handle> {
        // SAFETY: the consumer has the right, and is on one thread.
        unsafe { self.queue.dequeue_unchecked() }
    }

    /// Takes out the first element, without waiting. O(1).
    ///
    /// # Errors
    ///
    /// As [`Consumer::try_dequeue`](super::Consumer::try_dequeue).
    #[inline]
    pub fn try_dequeue(&self) -> Result<T::Handle, TryDequeueError> {
        // SAFETY: the consumer has the right, and is on one thread.
        unsafe { self.queue.try_dequeue_unchecked() }
    }

    /// Whether anybody else has a share in the queue, and could enqueue.
    ///
    /// `true` may be out of date when it arrives; `false` stays so, except for
    /// [`Weak`](alloc::sync::Weak) references. After `false` all that the others enqueued is there
    /// to be dequeued: `None` then means that nothing will come any more.
    #[must_use]
    pub fn has_producers(&self) -> bool {
        if Arc::strong_count(&self.queue) > 1 {
            return true;
        }
        // Acquire: pairs with the Release by which an `Arc` gives up its share, since the count
        // itself is read Relaxed. It orders what the last producer enqueued before what this
        // consumer looks for next.
        fence(Acquire);
        false
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> Drop for OwnedConsumer<T, N> {
    fn drop(&mut self) {
        // SAFETY: the flag is set by this consumer, which is gone now.
        unsafe { self.queue.consumer.release() };
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> fmt::Debug for OwnedConsumer<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedConsumer").field(&self.queue).finish()
    }
}
