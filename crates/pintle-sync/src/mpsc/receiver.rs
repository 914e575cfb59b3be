use core::{
    fmt,
    task::{Context, Poll},
};

use super::{Recv, TryRecvError, sender::Handle, slot::Mark};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    wait_cell::PollWaitError,
};

/// Receives the values of a bounded channel, in the order in which they were sent.
///
/// When it is dropped the channel is closed, and what is in it is dropped too.
///
/// # Contexts
///
/// [`try_recv`](Self::try_recv) and [`poll_recv`](Self::poll_recv) are lock-free while no sender
/// waits, and may then be called from an interrupt handler and a critical section. If one waits they
/// take the lock and call the sender's waker: they may be called there if `Lock` keeps that interrupt
/// out.
pub struct Receiver<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    shared: Handle<T, S, Lock>,
    /// The place of the next value. It is below the capacity.
    head: usize,
}

// === impl Receiver ===

impl<T, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// The caller has counted it, and the channel is new.
    pub(super) fn new(shared: Handle<T, S, Lock>) -> Self {
        Self { shared, head: 0 }
    }

    /// Receives a value, waiting for one.
    ///
    /// `None` says that nothing will come: the channel is closed, it is empty, and nobody has room
    /// reserved in it. A closed channel is received to its end first. O(1).
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no value: one that has been sent stays in the channel.
    #[inline]
    pub fn recv(&mut self) -> Recv<'_, T, S, Lock> {
        Recv::new(self)
    }

    /// Receives a value if there is one.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]. A value whose sender is still putting it in counts as not there.
    #[inline]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        match self.take() {
            Some(value) => Ok(value),
            None => self.try_recv_empty(),
        }
    }

    #[cold]
    fn try_recv_empty(&mut self) -> Result<T, TryRecvError> {
        if self.shared.is_finished() {
            return self.take().ok_or(TryRecvError::Disconnected);
        }
        Err(TryRecvError::Empty)
    }

    /// Receives a value, or registers the waker of `cx` for the next.
    ///
    /// This is what [`recv`](Self::recv) is made of. The waker of the last call counts.
    #[inline]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match self.take() {
            Some(value) => Poll::Ready(Some(value)),
            None => self.poll_empty(cx),
        }
    }

    /// Closes the channel: nothing more can be sent, but by permits that exist.
    ///
    /// Senders that wait get their error. What is in the channel, and what comes by permits, can
    /// still be received; then there is `None`. O(n) in the number of senders that wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::executor::block_on;
    /// use pintle_sync::mpsc::Channel;
    ///
    /// let mut channel = Channel::<_, 2>::new();
    /// let (tx, mut rx) = channel.split();
    /// tx.try_send(1).unwrap();
    /// rx.close();
    /// assert!(tx.try_send(2).is_err());
    /// assert_eq!(block_on(rx.recv()), Some(1));
    /// assert_eq!(block_on(rx.recv()), None);
    /// ```
    pub fn close(&mut self) {
        self.shared.gate.close();
    }

    /// Whether the channel is closed: by [`close`](Self::close), or because all senders are gone.
    ///
    /// There may still be something in it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.gate.is_closed()
    }

    /// Whether there is nothing to receive now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.shared.slots()[self.head].is_full()
    }

    /// How many values are in the channel. One whose sender is still putting it in may count too.
    #[must_use]
    pub fn len(&self) -> usize {
        let (tail, capacity) = (self.shared.gate.tail(), self.shared.capacity());
        match tail.checked_sub(self.head) {
            Some(0) if self.is_empty() => 0,
            Some(0) => capacity,
            Some(len) => len,
            None => tail + capacity - self.head,
        }
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

    /// How many senders there are.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.shared.claims.senders()
    }

    /// Takes the next value, and gives its permit back.
    #[inline(always)]
    fn take(&mut self) -> Option<T> {
        let value = self.take_only()?;
        self.shared.gate.release(1);
        Some(value)
    }

    /// Takes the next value, whose permit the caller gives back.
    #[inline(always)]
    fn take_only(&mut self) -> Option<T> {
        // SAFETY: `head` is below the capacity, which is the number of places.
        let slot = unsafe { self.shared.slots().get_unchecked(self.head) };
        // SAFETY: this is the receiver.
        let value = unsafe { slot.take() }?;
        let next = self.head + 1;
        self.head = if next == self.shared.capacity() {
            0
        } else {
            next
        };
        Some(value)
    }

    /// [`poll_recv`](Self::poll_recv), where nothing has been found.
    #[inline(never)]
    fn poll_empty(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        loop {
            // First registered, then looked: who comes after the look finds the waker.
            let busy = match self.shared.receiver.poll_wait(cx) {
                Poll::Pending => false,
                Poll::Ready(Err(PollWaitError::Busy)) => true,
                // A wake-up of before.
                Poll::Ready(Ok(()) | Err(PollWaitError::Closed)) => continue,
            };
            if self.shared.slots()[self.head].mark_awaited() == Mark::Full {
                return Poll::Ready(self.take());
            }
            if self.shared.is_finished() {
                return Poll::Ready(self.take());
            }
            if busy {
                // Somebody is waking this receiver right now, and has the slot of its waker.
                pintle_core::hint::spin_loop();
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
    }
}

#[cfg(feature = "alloc")]
impl<T, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// Receives up to `limit` values into `buffer`, waiting for the first. Gives their number.
    ///
    /// Zero says that nothing will come, or that `limit` is zero. Senders that wait are woken when
    /// all have been taken.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no value: `buffer` is filled only by the poll that completes.
    pub fn recv_many<'a>(
        &'a mut self,
        buffer: &'a mut alloc::vec::Vec<T>,
        limit: usize,
    ) -> super::RecvMany<'a, T, S, Lock> {
        super::RecvMany::new(self, buffer, limit)
    }

    /// [`recv_many`](Self::recv_many) by hand: receives what is there, up to `limit`, or registers
    /// the waker of `cx`.
    pub fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut alloc::vec::Vec<T>,
        limit: usize,
    ) -> Poll<usize> {
        /// Gives the permits back, also if the buffer cannot grow.
        struct Taken<'a, T, S: Storage, Lock: ScopedRawMutex> {
            receiver: &'a mut Receiver<T, S, Lock>,
            permits: usize,
        }

        impl<T, S: Storage, Lock: ScopedRawMutex> Drop for Taken<'_, T, S, Lock> {
            fn drop(&mut self) {
                if self.permits > 0 {
                    self.receiver.shared.gate.release(self.permits);
                }
            }
        }

        if limit == 0 {
            return Poll::Ready(0);
        }
        let mut taken = Taken {
            receiver: self,
            permits: 0,
        };
        while taken.permits < limit {
            let Some(value) = taken.receiver.take_only() else {
                break;
            };
            taken.permits += 1;
            buffer.push(value);
        }
        let n = taken.permits;
        drop(taken);
        if n > 0 {
            return Poll::Ready(n);
        }
        match self.poll_empty(cx) {
            Poll::Ready(Some(value)) => {
                buffer.push(value);
                Poll::Ready(1)
            }
            Poll::Ready(None) => Poll::Ready(0),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Drop for Receiver<T, S, Lock> {
    fn drop(&mut self) {
        self.shared.leave_receiver::<S>(self.head);
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Receiver<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("channel", &&*self.shared)
            .finish()
    }
}

// The pointer and the number that it holds are not looked into by pinning.
impl<T, S: Storage, Lock: ScopedRawMutex> Unpin for Receiver<T, S, Lock> {}
