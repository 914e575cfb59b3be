use alloc::sync::Arc;
use core::{
    marker::PhantomPinned,
    pin::Pin,
    ptr::NonNull,
    task::{Poll, Waker},
};

use pintle_core::{
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Release},
    },
    cell::UnsafeCell,
};
use pintle_intrusive::{Linked, Ring, linked, list};

use crate::{
    blocking::{Mutex, ScopedRawMutex},
    trace::event,
    util::with_lock_or_abort,
    waiters::{Drain, Stage, Waiter, Waiters},
};

/// One token of a tree, and what hangs on it.
///
/// # Invariants
///
/// Those of the [module](super). It is made in an `Arc` and never moved.
pub(super) struct Node<Lock: ScopedRawMutex> {
    links: list::Links<Node<Lock>>,
    /// The lock of the tree.
    tree: Arc<Mutex<Key, Lock>>,
    /// Set under the lock, once.
    cancelled: AtomicBool,
    inner: UnsafeCell<Inner<Lock>>,
    _pinned: PhantomPinned,
}

/// What only the holder of the tree's lock has.
struct Key(());

/// What the tree's lock guards.
struct Inner<Lock: ScopedRawMutex> {
    parent: Option<NonNull<Node<Lock>>>,
    children: Ring<Node<Lock>>,
    waiters: Waiters,
}

// === impl Node ===

impl<Lock: ScopedRawMutex> Node<Lock> {
    /// The first of a tree.
    pub(super) fn root(lock: Lock) -> Self {
        Self::of(Arc::new(Mutex::new_with_raw_mutex(Key(()), lock)))
    }

    /// Another one of `node`'s tree, which is not linked yet.
    pub(super) fn unlinked(node: &Self) -> Self {
        Self::of(Arc::clone(&node.tree))
    }

    fn of(tree: Arc<Mutex<Key, Lock>>) -> Self {
        Self {
            links: list::Links::new(),
            tree,
            cancelled: AtomicBool::new(false),
            inner: UnsafeCell::new(Inner {
                parent: None,
                children: Ring::new(),
                waiters: Waiters::new(),
            }),
            _pinned: PhantomPinned,
        }
    }

    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        // Acquire pairs with the release in `cancel`.
        self.cancelled.load(Acquire)
    }

    /// Makes an unlinked node of this tree a child of this one, or cancelled if this one is.
    pub(super) fn adopt(self: &Arc<Self>, child: &Arc<Self>) {
        self.tree.with_lock(|key| {
            if self.is_cancelled() {
                // Release as in `cancel`.
                child.cancelled.store(true, Release);
                return;
            }
            child.with(key, |inner| inner.parent = Some(NonNull::from(&**self)));
            self.with(key, |inner| {
                inner.children.push_back(NonNull::from(&**child));
            });
        });
    }

    /// Cancels this node and all below it.
    pub(super) fn cancel(&self) {
        event!(self, "cancel");
        let choose = |key: &mut Key| {
            let mut chosen = Waiters::new();
            if self.is_cancelled() {
                return chosen;
            }
            self.unlink(key);
            let (mut found, mut taken) = (Ring::<Self>::new(), Ring::<Self>::new());
            found.push_back(NonNull::from(self));
            while let Some(node) = found.pop_front() {
                // SAFETY: it is this node, or was in the ring of one below it, so it lives (invariant 1):
                // before it is freed it takes the lock, which is held.
                let it = unsafe { node.as_ref() };
                it.with(key, |inner| {
                    inner.parent = None;
                    found.splice(&mut inner.children);
                    chosen.append(&mut inner.waiters);
                });
                taken.push_back(node);
            }
            // Each after all that are below it: so who finds it cancelled, without the lock, finds these.
            while let Some(node) = taken.pop_back() {
                // SAFETY: as above.
                let node = unsafe { node.as_ref() };
                // Release pairs with the acquire in `is_cancelled`.
                node.cancelled.store(true, Release);
            }
            chosen
        };
        // SAFETY: the waiters are those of the tree's lock.
        unsafe { Drain::run(&*self.tree, Stage::Done, choose) };
    }

    /// Goes on with a wait for this node to be cancelled. The waiter is used with this node only.
    pub(super) fn poll(&self, waiter: Pin<&Waiter>, waker: &Waker) -> Poll<()> {
        loop {
            match waiter.ticket().stage() {
                Stage::Idle => {
                    if !self.is_cancelled() && self.start(waiter, waker) {
                        return Poll::Pending;
                    }
                    waiter.finish(Stage::Done);
                    return Poll::Ready(());
                }
                Stage::Waiting => {
                    // SAFETY: the waiter is this node's, so this is its lock.
                    if unsafe { waiter.offer(&*self.tree, waker) } {
                        return Poll::Pending;
                    }
                }
                Stage::Handed | Stage::Done | Stage::Closed => return Poll::Ready(()),
            }
        }
    }

    /// Queues a waiter that is `Idle`, unless the node is cancelled.
    fn start(&self, waiter: Pin<&Waiter>, waker: &Waker) -> bool {
        // Cloned here, and dropped at the end of this function if it is not needed: not under the lock.
        let mut mine = Some(waker.clone());
        let waits = self.tree.with_lock(|key| {
            let waits = !self.is_cancelled();
            if waits {
                self.with(key, |inner| {
                    // SAFETY: the waiter is `Idle`. Its owner is the future that is being polled, which leaves
                    // before it is freed; and it is this node's, whose tree's lock is held.
                    unsafe { inner.waiters.push_back(waiter, &mut mine) };
                });
            }
            waits
        });
        if waits {
            event!(self, "wait");
        }
        waits
    }

    /// Gives up a wait: the future is dropped.
    pub(super) fn leave(&self, waiter: Pin<&Waiter>) {
        let mut left = None;
        if waiter.ticket().stage() == Stage::Waiting {
            self.tree.with_lock(|key| {
                if waiter.stage() == Stage::Waiting {
                    self.with(key, |inner| {
                        // SAFETY: the waiter is `Waiting`: in this node's line, or drained out of it.
                        left = Some(unsafe { inner.waiters.remove(waiter, Stage::Done) });
                    });
                }
            });
        }
        if left.is_some() {
            // Not under the lock.
            drop(left);
            event!(self, "leave");
        }
        waiter.retire();
    }

    /// Takes the node out of its parent's ring, if it is in one.
    fn unlink(&self, key: &mut Key) -> Option<NonNull<Self>> {
        let parent = self.with(key, |inner| inner.parent.take())?;
        // SAFETY: the parent lives (invariant 1), for as long as the lock is held.
        let above = unsafe { parent.as_ref() };
        above.with(key, |inner| {
            // SAFETY: the node lives, and is in its parent's ring (invariant 1).
            unsafe { inner.children.remove(NonNull::from(self)) };
        });
        Some(parent)
    }

    /// Runs `f` on what the tree's lock guards. `_key` is this tree's.
    fn with<R>(&self, _key: &mut Key, f: impl FnOnce(&mut Inner<Lock>) -> R) -> R {
        self.inner.with_mut(|inner| {
            // SAFETY: who has the key holds the lock (invariant 3), and lends it to this function, so that no
            // two of these references exist. Nobody has a key of one tree and a node of another.
            f(unsafe { &mut *inner })
        })
    }
}

impl<Lock: ScopedRawMutex> Drop for Node<Lock> {
    /// Leaves the tree. The children become the parent's.
    ///
    /// If the lock panics instead of letting it leave, the process ends: what links the node would point to
    /// what is gone.
    fn drop(&mut self) {
        with_lock_or_abort(&*self.tree, |key| {
            let parent = self.unlink(key);
            let mut orphans = self.with(key, |inner| inner.children.take_all());
            while let Some(child) = orphans.pop_front() {
                // SAFETY: the child lives (invariant 1): before it is freed it takes the lock, which is held.
                let below = unsafe { child.as_ref() };
                below.with(key, |inner| inner.parent = parent);
                if let Some(parent) = parent {
                    // SAFETY: as in `unlink`.
                    let above = unsafe { parent.as_ref() };
                    above.with(key, |inner| inner.children.push_back(child));
                }
            }
        });
    }
}

// SAFETY: a `NonNull` handle owns nothing by its type, so what `Linked` asks for is promised here.
// 1. Ownership, pinning: a node is linked from an `Arc`, in which it stays, and takes itself out of its ring
//    before it is freed, under the lock. Each pointer is in one ring at a time; `_mut` methods are not called.
// 2. It is `!Unpin` by `PhantomPinned`, and never moved: no function of this module takes one out of its
//    `Arc`. The one `&mut` to it is `Drop`'s, which touches what others reach under the lock only.
// 3. Nobody makes a `&mut` to the field.
// 4. The field is private and only the rings look at it, under the lock.
// 5. The handle is the pointer; for taking it on another thread see `Send` below.
unsafe impl<Lock: ScopedRawMutex> Linked<list::Links<Node<Lock>>> for Node<Lock> {
    linked!(links: list::Links<Self> as NonNull<Self>);
}

// SAFETY: the tree's lock guards what is neither atomic nor `Sync`, on whichever thread; what is in it are
// pointers to other nodes of the tree, and wakers, which are `Send`.
unsafe impl<Lock: ScopedRawMutex + Send + Sync> Send for Node<Lock> {}

// SAFETY: as for `Send`: a shared reference touches it under the lock only.
unsafe impl<Lock: ScopedRawMutex + Send + Sync> Sync for Node<Lock> {}
