//! Channels of one value that changes: receivers see the newest, and are told that it is new.
//!
//! `channel` (feature `alloc`) makes one on the heap, as tokio's; [`Channel`] is one in a `static` or
//! in place ([`storage`](crate::storage) says more). Names and behaviour are tokio's.
//!
//! | | |
//! |---|---|
//! | [`Sender`] | `send`, `send_replace`, `send_modify`, `send_if_modified`: they never wait for a receiver; `subscribe`, `closed` |
//! | [`Receiver`] | `changed`, `wait_for`, `has_changed`, `borrow_and_update`; a clone has seen what the original has |
//! | both | `borrow`, which gives a [`Ref`]; `with`, which runs a closure on the value |
//!
//! # How it works
//!
//! The value has a *version*, which each change increments. A receiver remembers which it has seen last: if
//! that is another one there is something new. So a receiver that is slow misses values, and never the
//! newest one.
//!
//! ```text
//!            send: the next version †             the last sender goes †
//!                  ⟲                            ┌────────────────────────┐
//!            ┌───────────┐ ─────────────────────┘                        ▼
//!            │ version n │                                      ┌──────────────────┐
//!            └───────────┘                                      │ version n CLOSED │
//!                                                               └──────────────────┘
//! ```
//!
//! († under the lock, and whoever waits for it is taken out of the line in the same step, to be woken
//! afterwards.) A receiver looks at the version without the lock, and queues up under it.
//!
//! # Two ways to look at the value
//!
//! | | `with`, `send_modify`, … (closures) | `borrow` ([`Ref`]) |
//! |---|---|---|
//! | holds | the lock, as long as the closure runs | a count, and the lock for a few instructions |
//! | others meanwhile | wait for the lock | may look too; a change waits until no [`Ref`] is left |
//! | good for | short looks; values that an interrupt handler sends, by a lock that keeps it out | looks of any length, `.await` excepted |
//!
//! A change that finds the value borrowed gives way and tries again, without sleeping: a [`Ref`] is to be short-lived.
//! Who borrows does not wait for who wants to change. So borrowing twice never locks a thread out; the
//! price is that borrows which overlap without end keep a change from ever being made.
//!
//! # User code
//!
//! A closure that is handed to `with` or `send_modify` runs *under the lock*: it must not use the channel. If it
//! panics the lock is released, and nobody is told of a change. The value that has been replaced is dropped,
//! values are cloned, the condition of `wait_for` is asked and wakers are called with the lock free.
//!
//! # Memory order
//!
//! What happened before a change is visible to who sees it, by its version or by its value.
//!
//! # Overflow
//!
//! The version has 63 bits on a 64-bit target, 31 on a 32-bit one and 15 on a 16-bit one. It wraps, and is
//! compared for equality only: a receiver that does not look during an exact multiple of 2^63, 2^31 or 2^15
//! changes believes that there was none.

#[cfg(feature = "park")]
mod blocking;
mod changed;
mod channel;
mod closed;
mod error;
mod guard;
mod receiver;
mod sender;
mod shared;
#[cfg(feature = "stream")]
mod stream;
mod version;

#[cfg(feature = "stream")]
pub use self::stream::WatchStream;
pub use self::{
    changed::Changed,
    channel::Channel,
    closed::Closed,
    error::{RecvError, SendError},
    guard::Ref,
    receiver::Receiver,
    sender::Sender,
};

/// Makes a channel on the heap, with its first value. One allocation.
///
/// The receiver has seen the first value.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::watch;
///
/// let (tx, mut rx) = watch::channel("starting");
/// assert_eq!(*rx.borrow(), "starting");
///
/// let worker = std::thread::spawn(move || {
///     block_on(async {
///         while rx.changed().await.is_ok() {
///             if *rx.borrow_and_update() == "stopping" {
///                 return true;
///             }
///         }
///         false
///     })
/// });
/// tx.send("running").unwrap();
/// tx.send("stopping").unwrap();
/// assert!(worker.join().unwrap());
/// ```
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub fn channel<T>(initial: T) -> (Sender<T>, Receiver<T>) {
    channel_with_lock(initial)
}

/// [`channel`] with a lock of the caller's choice.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub fn channel_with_lock<T, Lock>(
    initial: T,
) -> (
    Sender<T, crate::storage::Heap, Lock>,
    Receiver<T, crate::storage::Heap, Lock>,
)
where
    Lock: crate::blocking::ScopedRawMutex + Default,
{
    let mut shared = shared::Shared::vacant(initial, Lock::default());
    shared.claim();
    let shared = alloc::sync::Arc::new(shared);
    (Sender::new(shared.clone()), Receiver::first(shared))
}
