//! What a waiter's future does to the map: waiting, and leaving.

use core::{
    pin::Pin,
    task::{Poll, Waker},
};

use super::{Entry, Slot, WaitError, WaitMap};
use crate::{
    blocking::ScopedRawMutex,
    trace::event,
    waiters::{Stage, Waiter},
};

/// A waiter of a map.
///
/// Every function below takes a waiter of *this* map: one that is used with no other. That, and that its
/// future calls [`cancel`](WaitMap::cancel) before it is freed, is what the two futures promise by
/// keeping it private.
pub(super) type Place<K, V> = Waiter<Entry<K, V>>;

/// What is the matter with a waiter that does not wait.
enum Settled {
    /// A value has come and not been taken.
    Here,
    /// There will be none any more.
    Over(WaitError),
}

// === impl WaitMap ===

impl<K: PartialEq, V, Lock: ScopedRawMutex> WaitMap<K, V, Lock> {
    /// Goes on with a wait.
    pub(super) fn poll(
        &self,
        mut waiter: Pin<&mut Place<K, V>>,
        waker: &Waker,
    ) -> Poll<Result<V, WaitError>> {
        match self.settle(waiter.as_mut(), waker) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Settled::Over(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Settled::Here) => {
                let value = Self::take(waiter);
                Poll::Ready(value.ok_or(WaitError::AlreadyConsumed))
            }
        }
    }

    /// Takes a place in the map, if that has not happened yet. `Ok` if it has one or its value is there.
    pub(super) fn subscribe(
        &self,
        waiter: Pin<&mut Place<K, V>>,
        waker: &Waker,
    ) -> Result<(), WaitError> {
        match self.settle(waiter, waker) {
            Poll::Pending | Poll::Ready(Settled::Here) => Ok(()),
            Poll::Ready(Settled::Over(error)) => Err(error),
        }
    }

    /// Sees to it that the waiter waits with this waker, unless it has nothing to wait for.
    fn settle(&self, mut waiter: Pin<&mut Place<K, V>>, waker: &Waker) -> Poll<Settled> {
        loop {
            match waiter.ticket().stage() {
                Stage::Idle => {
                    if self.start(waiter.as_mut(), waker) {
                        return Poll::Pending;
                    }
                }
                Stage::Waiting => {
                    // SAFETY: the waiter is this map's, so this is its lock.
                    if unsafe { waiter.as_ref().offer(&self.line, waker) } {
                        return Poll::Pending;
                    }
                }
                Stage::Handed => return Poll::Ready(Settled::Here),
                Stage::Closed => return Poll::Ready(Settled::Over(WaitError::Closed)),
                Stage::Done => {
                    let duplicate = waiter
                        .as_mut()
                        .with_data(|entry| matches!(entry.slot, Slot::Duplicate));
                    return Poll::Ready(Settled::Over(match duplicate {
                        Some(true) => WaitError::Duplicate,
                        _ => WaitError::AlreadyConsumed,
                    }));
                }
            }
        }
    }

    /// Takes a place in the map, from `Idle`. `false`: it is `Closed` or `Done` now, with a duplicate key.
    fn start(&self, mut waiter: Pin<&mut Place<K, V>>, waker: &Waker) -> bool {
        // Cloned here, and dropped at the end of this function if it is not needed: not under the lock.
        let mut mine = Some(waker.clone());
        let refused = self.line.with_lock(|line| {
            if line.closed {
                return Some(Stage::Closed);
            }
            // Comparing may panic: nothing has changed yet.
            let duplicate = waiter
                .as_mut()
                .with_data(|own| line.waiters.any(|other| other.key == own.key));
            if duplicate == Some(true) {
                return Some(Stage::Done);
            }
            // SAFETY: the waiter is `Idle`. Its owner is the future that is being polled, which cancels it
            // before it is freed; and it is this map's, whose lock is held.
            unsafe { line.waiters.push_back(waiter.as_ref(), &mut mine) };
            None
        });
        let Some(stage) = refused else {
            event!(self, "wait");
            return true;
        };
        if stage == Stage::Done {
            let _ = waiter
                .as_mut()
                .with_data(|entry| entry.slot = Slot::Duplicate);
        }
        waiter.finish(stage);
        false
    }

    /// Takes the value of a `Handed` waiter, which is `Done` then.
    fn take(mut waiter: Pin<&mut Place<K, V>>) -> Option<V> {
        let value = waiter.as_mut().with_data(Entry::take).flatten();
        waiter.finish(Stage::Done);
        value
    }

    /// Leaves the map, and returns a value that has come meanwhile or before. A waiter that has not begun
    /// to wait never will.
    pub(super) fn give_up(&self, mut waiter: Pin<&mut Place<K, V>>) -> Option<V> {
        let value = self.leave(waiter.as_mut());
        if waiter.ticket().stage() == Stage::Idle {
            waiter.finish(Stage::Done);
        }
        value
    }

    /// Leaves the map, and returns a value that has come meanwhile or before.
    fn leave(&self, waiter: Pin<&mut Place<K, V>>) -> Option<V> {
        let mut left = None;
        if waiter.ticket().stage() == Stage::Waiting {
            self.line.with_lock(|line| {
                if waiter.stage() == Stage::Waiting {
                    // SAFETY: the waiter is `Waiting`, in this map's line.
                    left = Some(unsafe { line.waiters.remove(waiter.as_ref(), Stage::Done) });
                }
            });
        }
        if let Some(waker) = left {
            // Not under the lock.
            drop(waker);
            event!(self, "leave");
            return None;
        }
        match waiter.ticket().stage() {
            Stage::Handed => Self::take(waiter),
            _ => None,
        }
    }

    /// Leaves the map, and hands on a value that has not been looked at: the future is dropped.
    pub(super) fn cancel(&self, mut waiter: Pin<&mut Place<K, V>>) {
        if let Some(value) = self.leave(waiter.as_mut()) {
            // To whoever waits under the key by now; else the value is dropped, here.
            let _ = waiter
                .as_mut()
                .with_data(|entry| self.wake(&entry.key, value));
        }
        waiter.retire();
    }
}
