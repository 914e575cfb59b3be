//! Channels of many senders and many receivers, each of which gets every value.
//!
//! `channel` (feature `alloc`) makes one on the heap, as tokio's; [`Channel`] is one in a `static` or
//! in place ([`storage`](crate::storage) says more). Names and behaviour are tokio's.
//!
//! | | |
//! |---|---|
//! | [`Sender`] | `send`, which never waits; `subscribe` |
//! | [`Receiver`] | `recv`, `try_recv`, `resubscribe`, `blocking_recv` (feature `park`) |
//!
//! A receiver gets what is sent after it was made. The last `capacity` values are kept for those that
//! have not had them yet; each more that is sent overwrites the oldest. A receiver that misses values by that is
//! told how many, by [`RecvError::Lagged`], and goes on with the oldest that is kept.
//!
//! # How it works
//!
//! ```text
//!    a receiver's cursor        another's               tail: the next place
//!            ▼                      ▼                         ▼
//!   ─┬───────────────┬───────┬──────────────┬───────────────┬─────────
//!    │ Full, 2 left  │ Empty │ Lent, 1 left │ Full, 2 left  │ oldest …    a ring of places
//!   ─┴───────────────┴───────┴──────────────┴───────────────┴─────────
//!
//!              send: counts the receivers †
//!   ┌───────┐ ────────────────────────────► ┌──────┐  take: others are left †   ┌──────┐
//!   │ Empty │                               │ Full │ ─────────────────────────► │ Lent │
//!   └───────┘ ◄──────────────────────────── └──────┘ ◄───────────────────────── └──────┘
//!       ▲       take: it is the last one's †    ▲      give back †                │  │
//!       │                                       └─────────────────────────────────┘  │
//!       └────────────────────────────────────────────────────────────────────────────┘
//!          give back: who was left is gone, the value is dropped      send overwrites †
//! ```
//!
//! († under the lock.) Every word of the channel is the lock's, which is held for a few instructions
//! at a time. What is *user code* runs outside it: a clone of a value, its drop, a waker.
//!
//! - Each value counts for how many receivers it still is. The last one gets the value itself, which
//!   is not cloned: a channel with one receiver never clones.
//! - Any other *borrows* it: takes it out of its place, clones it, and puts it back. So the clones of one
//!   value are made one after the other, and `T: Send` is enough, `T: Sync` is not asked for. A
//!   receiver that comes meanwhile waits and is woken when the value is back.
//! - A sender does not wait for a borrower: it puts the new value into the place. The borrower sees that it has
//!   been overtaken, and drops what it has borrowed.
//! - A clone that panics puts the value back for the others; the receiver goes on with the next.
//!
//! # Memory order
//!
//! What happened before a value was sent is visible to who has received it.
//!
//! # Capacity
//!
//! Any number from one on. Positions are counted in 64 bits on every target, so they do not come round.

mod channel;
mod closed;
mod error;
mod lent;
mod receiver;
mod recv;
mod sender;
mod shared;
mod slot;
mod state;
#[cfg(feature = "stream")]
mod stream;

pub use self::{
    channel::Channel,
    closed::Closed,
    error::{RecvError, SendError, TryRecvError},
    receiver::Receiver,
    recv::Recv,
    sender::Sender,
};
#[cfg(feature = "stream")]
pub use self::{error::BroadcastStreamRecvError, stream::BroadcastStream};

/// Makes a channel on the heap that keeps the last `capacity` values.
///
/// One allocation for the channel and one for its places.
///
/// # Panics
///
/// If `capacity` is zero.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::broadcast::{self, RecvError};
///
/// let (tx, mut slow) = broadcast::channel(2);
/// let mut fast = tx.subscribe();
/// for n in 1..=3 {
///     assert_eq!(tx.send(n), Ok(2));
///     assert_eq!(block_on(fast.recv()), Ok(n));
/// }
/// drop(tx);
/// assert_eq!(block_on(fast.recv()), Err(RecvError::Closed));
///
/// assert_eq!(block_on(slow.recv()), Err(RecvError::Lagged(1)));
/// assert_eq!(block_on(slow.recv()), Ok(2));
/// assert_eq!(block_on(slow.recv()), Ok(3));
/// assert_eq!(block_on(slow.recv()), Err(RecvError::Closed));
/// ```
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    channel_with_lock(capacity)
}

/// [`channel`] with a lock of the caller's choice.
///
/// # Panics
///
/// As [`channel`].
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub fn channel_with_lock<T, Lock>(
    capacity: usize,
) -> (
    Sender<T, crate::storage::Heap, Lock>,
    Receiver<T, crate::storage::Heap, Lock>,
)
where
    Lock: crate::blocking::ScopedRawMutex + Default,
{
    let shared = alloc::sync::Arc::new(shared::Shared::boxed(capacity));
    (Sender::new(shared.clone()), Receiver::first(shared))
}
