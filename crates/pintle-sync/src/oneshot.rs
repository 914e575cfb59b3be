//! A channel for one value.
//!
//! `channel` (feature `alloc`) makes one on the heap, as tokio's; [`Channel`] is one in a `static` or
//! in place ([`storage`](crate::storage) says more). Names and behaviour are tokio's.
//!
//! # States
//!
//! ```text
//!                  send                    taken
//!    ┌───────┐ ──────────────► ┌──────┐ ──────────────► ┌───────────────┐
//!    │ (new) │                 │ SENT │                 │ GONE + CLOSED │
//!    └───────┘                 └──────┘                 └───────────────┘
//!      │   │ close, the receiver is dropped               ▲
//!      │   ▼                                              │
//!      │ ┌────────┐   the sender goes                     │
//!      │ │ CLOSED │ ──────────────────────────────────────┤
//!      │ └────────┘                                       │
//!      │       ┌──────┐   the receiver goes               │
//!      └─────► │ GONE │ ──────────────────────────────────┘
//!  the sender  └──────┘
//!  is dropped
//! ```
//!
//! A value may be `SENT` and then `CLOSED`: it is received all the same.
//!
//! # Invariants
//!
//! 1. The place of the value is the sender's until `SENT`, and the receiver's from then on.
//! 2. `SENT` never comes after `CLOSED`: the sender gets its value back.
//! 3. Who waits registers its waker, and then says so in the word by an operation that also tells
//!    what the other side has done. Who changes the word finds there whether it has to wake. There
//!    is no lock, and no order between two words to get wrong.
//! 4. An end leaves, in the same word, when it has done all that it does to the shared part. A sender
//!    that finds nobody to wake leaves by the very step that sends. Who leaves and finds that the other
//!    has left before is alone: it frees the shared part, or lets a [`Channel`] be split again. So a
//!    channel on the heap needs no `Arc`, and a send, a receipt and two drops are one
//!    read-modify-write.
//!
//! # Memory order
//!
//! What happened before [`Sender::send`] is visible to who has received the value. What happened
//! before [`Receiver::close`] or the receiver's drop is visible to who is told that the channel is
//! closed.

#[cfg(feature = "park")]
mod blocking;
mod channel;
mod closed;
mod error;
mod receiver;
mod sender;
mod shared;
mod state;

pub use self::{
    channel::Channel,
    closed::Closed,
    error::{RecvError, TryRecvError},
    receiver::Receiver,
    sender::Sender,
};

/// Makes a channel for one value on the heap. One allocation.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::oneshot;
///
/// let (tx, rx) = oneshot::channel();
/// std::thread::spawn(|| tx.send("done"));
/// assert_eq!(block_on(rx), Ok("done"));
/// ```
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = crate::storage::Owned::pair(shared::Shared::on_heap());
    (Sender::new(sender), Receiver::new(receiver))
}
