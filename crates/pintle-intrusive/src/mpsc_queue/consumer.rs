use core::{cell::Cell, fmt, marker::PhantomData};

use super::{Links, MpscQueue, TryDequeueError};
use crate::Linked;

/// The right to take elements out of an [`MpscQueue`], held until it is dropped.
///
/// It saves taking that right for each element. It may go to another thread, but not be shared: no
/// two threads may dequeue at a time. So it is `Send` where the queue is `Sync`, and never `Sync`:
///
/// ```compile_fail
/// # use pintle_intrusive::{Linked, mpsc_queue::{Consumer, Links}};
/// # fn is_sync(_: impl Sync) {}
/// fn share<T: Linked<Links<T>, Handle: Send> + Send>(consumer: Consumer<'_, T>) {
///     is_sync(consumer);
/// }
/// ```
///
/// while sending it is fine:
///
/// ```
/// # use pintle_intrusive::{Linked, mpsc_queue::{Consumer, Links}};
/// # fn is_send(_: impl Send) {}
/// fn send<T: Linked<Links<T>, Handle: Send> + Send>(consumer: Consumer<'_, T>) {
///     is_send(consumer);
/// }
/// ```
///
/// As an iterator it gives the elements up to the first time it finds the queue empty, as
/// [`dequeue`](Self::dequeue) does.
///
/// # Invariants
///
/// The queue's consumer flag is set, by this consumer.
pub struct Consumer<'q, T: Linked<Links<T, N>>, N: ?Sized = ()> {
    queue: &'q MpscQueue<T, N>,
    /// Two threads must not dequeue through one consumer.
    _not_sync: PhantomData<Cell<()>>,
}

// === impl Consumer ===

impl<'q, T: Linked<Links<T, N>>, N: ?Sized> Consumer<'q, T, N> {
    /// # Safety
    ///
    /// The caller has set the queue's consumer flag, and hands that over.
    #[inline]
    pub(super) unsafe fn new(queue: &'q MpscQueue<T, N>) -> Self {
        Self {
            queue,
            _not_sync: PhantomData,
        }
    }

    /// Takes out the first element, or says `None` if the queue is empty.
    ///
    /// Spins while a producer is in the middle of its [`enqueue`](MpscQueue::enqueue); see
    /// [`MpscQueue::dequeue`] for where it therefore must not be called.
    #[inline]
    pub fn dequeue(&self) -> Option<T::Handle> {
        // SAFETY: the consumer has the right, and is on one thread.
        unsafe { self.queue.dequeue_unchecked() }
    }

    /// Takes out the first element, without waiting. O(1).
    ///
    /// # Errors
    ///
    /// [`Empty`](TryDequeueError::Empty) or [`Inconsistent`](TryDequeueError::Inconsistent); never
    /// [`Busy`](TryDequeueError::Busy), as the right is this consumer's already.
    #[inline]
    pub fn try_dequeue(&self) -> Result<T::Handle, TryDequeueError> {
        // SAFETY: the consumer has the right, and is on one thread.
        unsafe { self.queue.try_dequeue_unchecked() }
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> Iterator for Consumer<'_, T, N> {
    type Item = T::Handle;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.dequeue()
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> Drop for Consumer<'_, T, N> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the flag is set by this consumer, which is gone now.
        unsafe { self.queue.consumer.release() };
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> fmt::Debug for Consumer<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Consumer").field(self.queue).finish()
    }
}
