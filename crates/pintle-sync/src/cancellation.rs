//! Telling tasks to stop, and all that they have started: a [`CancellationToken`].
//!
//! # The tree
//!
//! Tokens that were cloned from each other stand for one *node*; [`child_token`](CancellationToken::child_token)
//! makes a node below it. Cancelling a node cancels all below it, those first: who finds a node cancelled, which
//! takes no lock, finds all below it cancelled. All nodes of a tree share one lock, which guards everything that
//! links them:
//!
//! ```text
//!      token ──► ┌──────┐ ◄── token (clone)
//!                │ node │ waiters
//!                └──────┘
//!                 ▲ │ children, a ring
//!          parent │ ▼
//!                ┌──────┐    ┌──────┐
//!                │ node │ ◄─►│ node │ ◄── token (child)
//!                └──────┘    └──────┘
//! ```
//!
//! A node lives as long as a token or a future of it. When it goes without having been cancelled its children
//! become its parent's. Nobody owns a parent or a child, so the depth of the tree costs no stack.
//!
//! # Invariants
//!
//! Those of the crate's line of waiters, and, whenever the lock is free:
//!
//! 1. A node with a parent is in that one's ring, and a node in a ring has the ring's owner as its parent. Both
//!    live: a node that goes takes itself out of the one and its children out of the other.
//! 2. A cancelled node has no parent, no children and no waiters, and stays so.
//! 3. What a node has in its `inner` is touched only under the tree's lock.

mod guard;
mod node;
mod wait;

use alloc::sync::Arc;
use core::{
    fmt,
    future::{Future, poll_fn},
    panic::{RefUnwindSafe, UnwindSafe},
    pin::pin,
    task::Poll,
};

use self::node::Node;
pub use self::{
    guard::DropGuard,
    wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned},
};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// A token by which tasks are told to stop.
///
/// The names are those of tokio-util's `CancellationToken`. Clones are the same token; a child is cancelled with
/// its parent and not the other way round. Nothing is allocated but the node of a [`new`](Self::new) or
/// [`child_token`](Self::child_token). Dropping the last clone is O(n) in the number of its children, with the
/// lock held.
///
/// # Memory order
///
/// What happened before [`cancel`](Self::cancel) is visible to whoever finds the token, or one below it,
/// cancelled.
///
/// # Contexts
///
/// [`is_cancelled`](Self::is_cancelled) is a load and may be called from anywhere. The others may be called from a
/// `Drop` and a waker; from an interrupt handler if `Lock` keeps that interrupt out while it is held, and, for
/// what makes or drops tokens, the allocator may be used there.
///
/// # Examples
///
/// ```
/// use futures::executor::block_on;
/// use pintle_sync::CancellationToken;
///
/// let server = CancellationToken::new();
/// let request = server.child_token();
///
/// let worker = std::thread::spawn(move || {
///     block_on(request.run_until_cancelled(std::future::pending::<()>()))
/// });
/// server.cancel();
/// assert_eq!(worker.join().unwrap(), None);
/// ```
pub struct CancellationToken<Lock: ScopedRawMutex = DefaultMutex> {
    node: Arc<Node<Lock>>,
}

// === impl CancellationToken ===

impl CancellationToken {
    /// A token of a tree of its own, with the default lock.
    #[must_use]
    pub fn new() -> Self {
        Self::new_with_raw_mutex(DefaultMutex::new())
    }
}

impl<Lock: ScopedRawMutex> CancellationToken<Lock> {
    /// A token of a tree of its own, with a lock of the caller's choice.
    #[must_use]
    pub fn new_with_raw_mutex(lock: Lock) -> Self {
        Self {
            node: Arc::new(Node::root(lock)),
        }
    }

    /// A token that is cancelled when this one is, and can be by itself. O(1).
    ///
    /// If this one is cancelled already the child is as well.
    #[must_use]
    pub fn child_token(&self) -> Self {
        let node = Arc::new(Node::unlinked(&self.node));
        self.node.adopt(&node);
        Self { node }
    }

    /// Cancels this token and all below it, for good, and wakes who waits for that.
    ///
    /// Who finds one of them [cancelled](Self::is_cancelled) finds all below it cancelled as well, and when this
    /// returns all are. Cancelling again does nothing.
    ///
    /// O(n) in the number of tokens below, with the lock held, and in the number of those who wait, with the lock
    /// released after each 16.
    ///
    /// # Panics
    ///
    /// If a waker does; the others have been woken then.
    pub fn cancel(&self) {
        self.node.cancel();
    }

    /// Whether this token, or one above it, has been cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.node.is_cancelled()
    }

    /// A future that completes when the token is cancelled.
    ///
    /// # Cancellation
    ///
    /// Dropping it changes nothing.
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_, Lock> {
        WaitForCancellationFuture::new(&self.node)
    }

    /// A future that completes when the token is cancelled, and holds the token meanwhile.
    ///
    /// # Cancellation
    ///
    /// Dropping it drops the token.
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned<Lock> {
        WaitForCancellationFutureOwned::new(self.node)
    }

    /// A guard that cancels the token when it is dropped.
    ///
    /// ```
    /// use pintle_sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// drop(token.clone().drop_guard().disarm());
    /// assert!(!token.is_cancelled());
    /// drop(token.clone().drop_guard());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard<Lock> {
        DropGuard::new(self)
    }

    /// Runs `future` until it is done, or gives `None` when the token is cancelled.
    ///
    /// With a token that is cancelled already `future` is not polled. If both happen between two polls, the
    /// result counts for more.
    ///
    /// # Cancellation
    ///
    /// Dropping this drops `future`, as the token's cancelling does: what that means is up to `future`.
    pub async fn run_until_cancelled<F: Future>(&self, future: F) -> Option<F::Output> {
        if self.is_cancelled() {
            return None;
        }
        let (mut future, mut cancelled) = (pin!(future), pin!(self.cancelled()));
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            cancelled.as_mut().poll(cx).map(|()| None)
        })
        .await
    }

    /// As [`run_until_cancelled`](Self::run_until_cancelled), and holds the token meanwhile.
    ///
    /// # Cancellation
    ///
    /// As for [`run_until_cancelled`](Self::run_until_cancelled).
    pub async fn run_until_cancelled_owned<F: Future>(self, future: F) -> Option<F::Output> {
        self.run_until_cancelled(future).await
    }
}

impl<Lock: ScopedRawMutex> Clone for CancellationToken<Lock> {
    /// The same token once more.
    fn clone(&self) -> Self {
        Self {
            node: Arc::clone(&self.node),
        }
    }
}

impl<Lock: ScopedRawMutex + Default> Default for CancellationToken<Lock> {
    fn default() -> Self {
        Self::new_with_raw_mutex(Lock::default())
    }
}

impl<Lock: ScopedRawMutex> fmt::Debug for CancellationToken<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

// No user code runs under the lock, so a panic cannot be seen through a token.
impl<Lock: ScopedRawMutex> UnwindSafe for CancellationToken<Lock> {}
impl<Lock: ScopedRawMutex> RefUnwindSafe for CancellationToken<Lock> {}
