//! [`QueueMut`].

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::pin::Pin;
use core::task::Waker;

use pintle_lock::blocking::{DefaultMutex, ScopedRawMutex};

use super::next::Wait;
use super::storage::Storage;
use super::{DelayQueue, Growing};

/// Access to a [`DelayQueue`] that a task may be waiting for. Made by
/// [`DelayQueueStream::queue_mut`](super::DelayQueueStream::queue_mut).
///
/// When it is dropped, the task is told what it has to know: if the queue was empty when the task
/// asked, and is not now, it is woken; if a value comes out earlier than the one that it waits for,
/// its place in the timer is moved. (If this is forgotten instead, the task learns of it at its next
/// poll.)
///
/// # Contexts
///
/// Dropping it takes the timer's lock for O(1) if a value comes out earlier than before, and wakes
/// the task if one is due or was waited for.
#[must_use = "it is dropped at once, and changes nothing"]
pub struct QueueMut<'a, 'timer, T, S = Growing<T>, Lock = DefaultMutex>
where
    S: Storage<T>,
    Lock: ScopedRawMutex,
{
    pub(super) queue: &'a mut DelayQueue<'timer, T, S, Lock>,
    pub(super) wait: Pin<&'a mut Wait<'timer, Lock>>,
    /// Who has found the queue empty.
    pub(super) idle: &'a mut Option<Waker>,
}

// === impl QueueMut ===

impl<'timer, T, S: Storage<T>, Lock: ScopedRawMutex> Deref for QueueMut<'_, 'timer, T, S, Lock> {
    type Target = DelayQueue<'timer, T, S, Lock>;

    fn deref(&self) -> &Self::Target {
        self.queue
    }
}

impl<T, S: Storage<T>, Lock: ScopedRawMutex> DerefMut for QueueMut<'_, '_, T, S, Lock> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.queue
    }
}

impl<T, S: Storage<T>, Lock: ScopedRawMutex> Drop for QueueMut<'_, '_, T, S, Lock> {
    fn drop(&mut self) {
        let Some(until) = self.queue.wheel.wake_at(self.queue.slots.slots()) else {
            return;
        };
        self.wait.as_mut().hasten(until);
        if let Some(waker) = self.idle.take() {
            waker.wake();
        }
    }
}

impl<T, S: Storage<T>, Lock: ScopedRawMutex> fmt::Debug for QueueMut<'_, '_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("QueueMut").field(&self.queue).finish()
    }
}
