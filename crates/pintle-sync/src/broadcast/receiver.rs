use core::{
    fmt,
    pin::Pin,
    ptr,
    task::{Poll, Waker},
};

use super::{
    Recv, RecvError, TryRecvError,
    lent::Lent,
    sender::Handle,
    state::{Cursor, State, Taken},
};
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
    trace::event,
    waiters::{Stage, Waiter},
};

/// Receives every value that is sent since it was made, or is told how many it has missed.
///
/// A value is cloned for each receiver but the last one to come. When a receiver is dropped it leaves
/// what it has not received to the others; what nobody else is left for is dropped. O(n) in the number of such
/// values.
///
/// # Contexts
///
/// Every method takes the lock, for a few instructions, and [`try_recv`](Self::try_recv) and
/// [`recv`](Self::recv) may call the wakers of other receivers, which wait for the same value. They may be
/// called from a `Drop`, from a waker and from a value's `Clone`; from an interrupt handler if `Lock` keeps that
/// interrupt out while it is held.
pub struct Receiver<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    shared: Handle<T, S, Lock>,
    cursor: Cursor,
}

// === impl Receiver ===

impl<T, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// The caller has counted it.
    pub(super) fn new(shared: Handle<T, S, Lock>, cursor: Cursor) -> Self {
        Self { shared, cursor }
    }

    /// That of a channel that is new, which has counted it.
    pub(super) fn first(shared: Handle<T, S, Lock>) -> Self {
        Self::new(shared, Cursor::START)
    }

    /// Another receiver, which gets what is sent from now on: not what this one has still to receive.
    /// O(1).
    ///
    /// # Panics
    ///
    /// If there are `usize::MAX` receivers.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::broadcast::{Channel, TryRecvError};
    ///
    /// let mut channel = Channel::<_, 4>::new();
    /// let (tx, mut early) = channel.split();
    /// tx.send(1).unwrap();
    /// let mut late = early.resubscribe();
    /// assert_eq!(early.try_recv(), Ok(1));
    /// assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
    /// ```
    #[must_use]
    pub fn resubscribe(&self) -> Self {
        let cursor = self.shared.subscribe();
        Self::new(self.shared.clone(), cursor)
    }

    /// How many values have been sent that this receiver has not received.
    ///
    /// If they are more than the channel keeps, the next receive says how many have been missed.
    #[must_use]
    pub fn len(&self) -> usize {
        let len = self
            .shared
            .state
            .with_lock(|state| state.len_from(self.cursor));
        usize::try_from(len).unwrap_or(usize::MAX)
    }

    /// Whether nothing has been sent that this receiver has not received.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all senders are gone. There may still be something to receive.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.state.with_lock(|state| state.closed)
    }

    /// How many senders there are.
    #[must_use]
    pub fn sender_strong_count(&self) -> usize {
        self.shared.claims.senders()
    }

    /// Whether both receive from the same channel.
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        ptr::addr_eq(&raw const *self.shared, &raw const *other.shared)
    }

    /// Leaves the line, as the future is dropped.
    #[inline]
    pub(super) fn cancel(&self, waiter: Pin<&Waiter>) {
        self.shared.leave(waiter, State::waiters);
    }
}

impl<T: Clone, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// Receives the next value, waiting for it.
    ///
    /// O(1); if a value is awaited that another receiver is cloning, that one wakes all who wait.
    ///
    /// # Errors
    ///
    /// [`RecvError`]. What is kept in a closed channel is received first.
    ///
    /// # Panics
    ///
    /// If the clone of the value does: this receiver goes on with the next then, the others get the value. Also if
    /// the waker of another receiver does.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing: what it would have received is received next.
    #[inline]
    pub fn recv(&mut self) -> Recv<'_, T, S, Lock> {
        Recv::new(self)
    }

    /// Receives the next value if it is there.
    ///
    /// O(1).
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]. A value that another receiver is cloning at this moment counts as not there yet:
    /// [`Empty`](TryRecvError::Empty).
    ///
    /// # Panics
    ///
    /// As [`recv`](Self::recv).
    #[inline]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Self { shared, cursor } = self;
        let taken = shared.state.with_lock(|state| state.take(cursor));
        match self.finish(taken) {
            Some(received) => received.map_err(|error| match error {
                RecvError::Closed => TryRecvError::Closed,
                RecvError::Lagged(missed) => TryRecvError::Lagged(missed),
            }),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Goes on with a wait.
    ///
    /// The waiter is this receiver's future's, which [cancels](Self::cancel) it before it is freed, and uses
    /// it here only.
    #[inline]
    pub(super) fn poll(
        &mut self,
        mut waiter: Pin<&mut Waiter>,
        waker: &Waker,
    ) -> Poll<Result<T, RecvError>> {
        if waiter.ticket().stage() == Stage::Waiting {
            // SAFETY: the waiter is this channel's, so this is its lock.
            if unsafe { waiter.as_ref().offer(&self.shared.state, waker) } {
                return Poll::Pending;
            }
        }
        let Self { shared, cursor } = self;
        let taken = shared.state.with_lock(|state| state.take(cursor));
        if let Some(received) = self.finish(taken) {
            return Poll::Ready(received);
        }
        // Woken, and come too late: for a value that somebody else is cloning.
        if waiter.stage() != Stage::Idle {
            waiter.retire();
            waiter.set(Waiter::new(0, ()));
        }
        self.start(waiter.as_ref(), waker)
    }

    /// Stands in line, from `Idle`, unless a value has come meanwhile.
    #[inline(never)]
    fn start(&mut self, waiter: Pin<&Waiter>, waker: &Waker) -> Poll<Result<T, RecvError>> {
        // Cloned here, and dropped at the end of this function if it is not needed: not under the
        // lock.
        let mut mine = Some(waker.clone());
        let Self { shared, cursor } = self;
        let taken = shared.state.with_lock(|state| {
            let taken = state.take(cursor);
            if matches!(taken, Taken::Nothing) {
                state.mark_awaited(*cursor);
                // SAFETY: the waiter is `Idle`. Its owner is the future that is being polled, which
                // cancels it before it is freed; and it is this channel's, whose lock is held.
                unsafe { state.waiters.push_back(waiter, &mut mine) };
            }
            taken
        });
        match self.finish(taken) {
            Some(received) => Poll::Ready(received),
            None => {
                event!(&*self.shared, "wait");
                Poll::Pending
            }
        }
    }

    /// Makes of what was taken what is received: `None` is nothing yet.
    #[inline]
    fn finish(&self, taken: Taken<T>) -> Option<Result<T, RecvError>> {
        match taken {
            Taken::Whole(value) => Some(Ok(value)),
            Taken::Borrowed(from, value) => {
                Lent::new(&*self.shared, from, value).into_clone().map(Ok)
            }
            Taken::Lagged(missed) => Some(Err(RecvError::Lagged(missed))),
            Taken::Closed => Some(Err(RecvError::Closed)),
            Taken::Nothing => None,
        }
    }
}

#[cfg(feature = "park")]
impl<T: Clone, S: Storage, Lock: ScopedRawMutex> Receiver<T, S, Lock> {
    /// Receives the next value; the thread sleeps until it is there.
    ///
    /// Not for a task, an interrupt handler or a critical section: who sends might need this very thread to go
    /// on. Allocates if it has to wait.
    ///
    /// # Errors
    ///
    /// [`RecvError`].
    ///
    /// # Panics
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_sync::broadcast::{self, RecvError};
    ///
    /// let (tx, mut rx) = broadcast::channel(4);
    /// let other = std::thread::spawn(move || tx.send("from a thread"));
    /// assert_eq!(rx.blocking_recv(), Ok("from a thread"));
    /// assert_eq!(rx.blocking_recv(), Err(RecvError::Closed));
    /// # other.join().unwrap().unwrap();
    /// ```
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        match self.try_recv() {
            Ok(value) => Ok(value),
            Err(TryRecvError::Closed) => Err(RecvError::Closed),
            Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
            Err(TryRecvError::Empty) => crate::util::block_on(self.recv()),
        }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Drop for Receiver<T, S, Lock> {
    fn drop(&mut self) {
        self.shared.leave_receiver::<S>(self.cursor);
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Receiver<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("channel", &&*self.shared)
            .field("cursor", &self.cursor)
            .finish()
    }
}

// The pointer and the numbers that it holds are not looked into by pinning.
impl<T, S: Storage, Lock: ScopedRawMutex> Unpin for Receiver<T, S, Lock> {}
