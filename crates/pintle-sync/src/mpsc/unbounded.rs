//! Channels without a bound, on the heap: sending never waits.
//!
//! Each value is in a node of its own, and the nodes are in pintle-intrusive's `MpscQueue`. Two words
//! go with it:
//!
//! - the *count*: how many values have been announced and not received, and whether the channel is
//!   closed. A sender announces its value in the same step in which it sees that the channel is open.
//!   So a closed channel with the count zero is at its end, and no value comes after that.
//! - *awaited*: that the receiver sleeps. The receiver sets it when its waker is registered, and looks
//!   into the queue once more; a sender takes it back when its node is in the queue. Both by a
//!   read-modify-write of this one word, so one of them sees the other.
//!
//! What a sender has announced and not yet enqueued keeps the receiver from the end, and from what
//! others enqueue behind it; that sender wakes the receiver when it has done so.

#[cfg(feature = "park")]
mod blocking;
mod closed;
mod node;
mod receiver;
mod recv_many;
mod sender;
mod state;
mod weak;

use core::fmt;

use alloc::boxed::Box;
use pintle_core::atomic::{AtomicBool, Ordering::AcqRel};
use pintle_intrusive::MpscQueue;

pub use self::{
    closed::UnboundedClosed,
    receiver::{UnboundedReceiver, UnboundedRecv},
    recv_many::UnboundedRecvMany,
    sender::UnboundedSender,
    weak::WeakUnboundedSender,
};
use self::{
    node::Node,
    state::{Announced, AtomicState},
};
use crate::{
    WaitCell, WaitQueue,
    blocking::ScopedRawMutex,
    storage::{Claims, Leave},
};

/// The shared part of an unbounded channel.
///
/// # Invariants
///
/// The receiver is one, and nobody else dequeues.
struct Shared<T, Lock: ScopedRawMutex> {
    queue: MpscQueue<Node<T>>,
    state: AtomicState,
    awaited: AtomicBool,
    receiver: WaitCell,
    closed: WaitQueue<Lock>,
    claims: Claims,
}

// === impl Shared ===

impl<T, Lock: ScopedRawMutex + Default> Shared<T, Lock> {
    fn new() -> Self {
        Self {
            queue: MpscQueue::new_with_stub(Box::pin(Node::stub())),
            state: AtomicState::new(),
            awaited: AtomicBool::new(false),
            receiver: WaitCell::new(),
            closed: WaitQueue::default(),
            claims: Claims::split(),
        }
    }
}

impl<T, Lock: ScopedRawMutex> Shared<T, Lock> {
    fn send(&self, value: T) -> Result<(), T> {
        // First the node: if there is no memory, nothing has been announced.
        let node = Box::pin(Node::new(value));
        match self.state.announce() {
            Announced::Open => {}
            Announced::Closed => return Err(Node::into_value(node)),
        }
        self.queue.enqueue(node);
        // Acquire pairs with the release in `await_value`: the waker is registered. Release pairs
        // with its acquire: the receiver finds the node.
        if self.awaited.swap(false, AcqRel) {
            self.receiver.wake();
        }
        Ok(())
    }

    /// The receiver has registered its waker: whoever enqueues from now on wakes it. What has been
    /// enqueued before it finds.
    fn await_value(&self) {
        // Release and acquire pair with those in `send`.
        self.awaited.swap(true, AcqRel);
    }

    /// Takes the next value.
    ///
    /// # Safety
    ///
    /// The caller is the receiver.
    unsafe fn take(&self) -> Option<T> {
        // SAFETY: the receiver is the only consumer.
        let node = unsafe { self.queue.try_dequeue_unchecked() }.ok()?;
        self.state.received();
        Some(Node::into_value(node))
    }

    /// No more values, says the receiver.
    fn close(&self) {
        if self.state.close() {
            self.closed.close();
        }
    }

    fn leave_sender(&self) {
        match self.claims.leave_sender() {
            Leave::Others => {}
            Leave::Last => {
                if self.state.close() {
                    self.receiver.wake();
                    // Only waits that were forgotten are left.
                    self.closed.close();
                }
                self.leave_side();
            }
        }
    }

    /// The receiver goes. What is in the channel is dropped.
    ///
    /// # Safety
    ///
    /// The caller is the receiver.
    unsafe fn leave_receiver(&self) {
        // It would stay as long as there are senders. Dropped last, as that may panic.
        let _waker = self.receiver.unregister();
        let _rest = Rest(self);
        self.close();
    }

    /// The `Arc` sees the last end go. A model does not see what that orders, and sees this.
    fn leave_side(&self) {
        let _ = self.claims.leave_side();
    }
}

/// Drops what is in the channel, and makes the receiver leave, when it is dropped; also while the panic of a
/// waker unwinds.
///
/// # Invariants
///
/// It is made by the receiver, which does nothing else after it has been dropped.
struct Rest<'a, T, Lock: ScopedRawMutex>(&'a Shared<T, Lock>);

impl<T, Lock: ScopedRawMutex> Drop for Rest<'_, T, Lock> {
    fn drop(&mut self) {
        // If the drop of a value panics the others go with the channel.
        // SAFETY: this is the receiver (the invariant).
        while let Some(value) = unsafe { self.0.take() } {
            drop(value);
        }
        self.0.leave_side();
    }
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for Shared<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedChannel")
            .field("state", &self.state)
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

/// Makes a channel without a bound on the heap.
///
/// Its memory grows with what has been sent and not received: where a receiver may be slower than its
/// senders, use a bounded [`channel`](super::channel). One allocation for each value, and two for the
/// channel.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::mpsc;
///
/// let (tx, mut rx) = mpsc::unbounded_channel();
/// for n in 0..100 {
///     tx.send(n).unwrap();
/// }
/// drop(tx);
/// for n in 0..100 {
///     assert_eq!(block_on(rx.recv()), Some(n));
/// }
/// assert_eq!(block_on(rx.recv()), None);
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    unbounded_channel_with_lock()
}

/// [`unbounded_channel`] with a lock of the caller's choice, for those who wait for the closing.
pub fn unbounded_channel_with_lock<T, Lock: ScopedRawMutex + Default>()
-> (UnboundedSender<T, Lock>, UnboundedReceiver<T, Lock>) {
    let shared = alloc::sync::Arc::new(Shared::new());
    (
        UnboundedSender::new(shared.clone()),
        UnboundedReceiver::new(shared),
    )
}
