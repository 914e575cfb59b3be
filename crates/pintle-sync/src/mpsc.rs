//! Channels of many senders and one receiver.
//!
//! `channel` (feature `alloc`) makes a bounded one on the heap, as tokio's; [`Channel`] is one in a
//! `static` or in place ([`storage`](crate::storage) says more). `unbounded_channel` is on the heap
//! always, as its values are. Names and behaviour are tokio's.
//!
//! | | |
//! |---|---|
//! | [`Sender`] | `send`, `try_send`, `reserve` (room first, value later), `closed` |
//! | [`Receiver`] | `recv`, `try_recv`, `recv_many`, `poll_recv`, `close` |
//! | `WeakSender` (on the heap) | a sender that does not keep the channel open: `upgrade` |
//! | [`Permit`], [`OwnedPermit`] | reserved room: sending by it never waits and never fails |
//!
//! # How a bounded one works
//!
//! ```text
//!   senders                                                    receiver
//!   ┌───────────────────────────┐
//!   │ gate: FREE, TAIL, flags   │ ◄──────── release ────────────────┐
//!   └───────────────────────────┘                                   │
//!        │ one permit and a place: one compare-exchange             │
//!        ▼                                                          │
//!   ┌───────┬───────┬───────┬───────┬───────┐                       │
//!   │ Empty │ Full  │ Full  │ Full  │ Empty │  a ring of places ────┘ head
//!   └───────┴───────┴───────┴───────┴───────┘
//!                                      ▲ fill: one swap, which says if the receiver waits here
//! ```
//!
//! - A sender takes a permit and a place by one compare-exchange of the *gate*'s word, writes the
//!   value, and publishes it by a swap of the *place*'s state. If that says that the receiver waits
//!   there, the sender wakes it.
//! - The receiver knows the place of the next value. It takes the value out and gives its permit
//!   back by an addition to the gate's word, whose flags say if a sender waits; if so it hands the
//!   permit to the one that has waited longest, under the lock.
//!
//! So nobody takes a lock while nobody waits for room; a message costs three read-modify-writes;
//! and each wake-up hangs on *one* word that both sides write, so that there is no order between
//! two words to get wrong, and no fence. The ring of places with a state each is D. Vyukov's bounded
//! queue ("Bounded MPMC queue", 1024cores), without its positions in the places: permits say that a
//! place is free, so no position is ever compared, and none can come round too early.
//!
//! Values are received in the order in which their senders took their places. A sender that is
//! stopped between taking a place and filling it keeps the receiver from those behind it.
//!
//! # Memory order
//!
//! What happened before a value was sent is visible to who has received it. What happened before a
//! value was received is visible to who sends the value that its room allows.
//!
//! # Capacity
//!
//! At most 2^31 - 1 values on a 64-bit target, 2^15 - 1 on a 32-bit one and 127 on a 16-bit one. Any
//! number from one on is as good as any other.

#[cfg(feature = "park")]
mod blocking;
mod channel;
mod closed;
mod error;
mod gate;
mod permit;
mod receiver;
mod recv;
#[cfg(feature = "alloc")]
mod recv_many;
mod reserve;
mod send;
mod sender;
mod shared;
mod slot;
#[cfg(feature = "stream")]
mod stream;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod unbounded;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod weak;

#[cfg(feature = "alloc")]
pub use self::recv_many::RecvMany;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::unbounded::{
    UnboundedClosed, UnboundedReceiver, UnboundedRecv, UnboundedRecvMany, UnboundedSender,
    WeakUnboundedSender, unbounded_channel, unbounded_channel_with_lock,
};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::weak::WeakSender;
pub use self::{
    channel::Channel,
    closed::Closed,
    error::{SendError, TryRecvError, TrySendError},
    permit::{OwnedPermit, Permit},
    receiver::Receiver,
    recv::Recv,
    reserve::{Reserve, ReserveOwned},
    send::Send,
    sender::Sender,
};

/// Makes a bounded channel on the heap, for `capacity` values.
///
/// One allocation for the channel and one for its places.
///
/// # Panics
///
/// If `capacity` is zero, or more than a channel can have: see the [module](self#capacity).
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::mpsc;
///
/// let (tx, mut rx) = mpsc::channel(16);
/// std::thread::spawn(move || {
///     for n in 0..100 {
///         block_on(tx.send(n)).expect("the receiver is there");
///     }
/// });
/// for n in 0..100 {
///     assert_eq!(block_on(rx.recv()), Some(n));
/// }
/// assert_eq!(block_on(rx.recv()), None);
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
    (Sender::new(shared.clone()), Receiver::new(shared))
}
