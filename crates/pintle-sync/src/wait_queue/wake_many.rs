use super::{WaitQueue, state::Permit};
use crate::{
    blocking::ScopedRawMutex,
    trace::event,
    util::{BATCH, WakeBatch, wake_in_batches},
    waiters::Stage,
};

// === impl WaitQueue ===

impl<Lock: ScopedRawMutex> WaitQueue<Lock> {
    /// Wakes the `n` tasks that have waited longest.
    ///
    /// What `n` calls of [`wake`](Self::wake) do, for the price of one lock for each 16: each that is woken
    /// hands its wake-up on if it is dropped before it is polled, and if fewer than `n` wait, *one* wake-up is
    /// stored. As with the calls, a task that queues up again while the others are being woken may be woken
    /// again. `wake_many(0)` does nothing.
    ///
    /// On a closed queue nothing happens. O(n), or less if fewer wait, those included who come meanwhile; the
    /// lock is released after each 16.
    ///
    /// # Panics
    ///
    /// If a waker does; the others have been woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::pin::pin;
    /// use pintle_sync::WaitQueue;
    ///
    /// let queue = WaitQueue::new();
    /// let (mut first, mut second, mut third) =
    ///     (pin!(queue.wait()), pin!(queue.wait()), pin!(queue.wait()));
    /// for wait in [&mut first, &mut second, &mut third] {
    ///     assert!(wait.as_mut().subscribe().is_pending());
    /// }
    /// // Two jobs have come in.
    /// queue.wake_many(2);
    /// assert!(first.subscribe().is_ready());
    /// assert!(second.subscribe().is_ready());
    /// assert!(third.subscribe().is_pending());
    /// ```
    pub fn wake_many(&self, n: usize) {
        event!(self, "wake_many", n = n);
        let mut left = n;
        wake_in_batches(|batch| {
            if left > 0 && self.word.store_permit() == Permit::Waiting {
                left -= self.take_some(batch, left);
                left > 0
            } else {
                false
            }
        });
    }

    /// Takes the wakers of up to `n` waiters, and says how many of the `n` that settles: all, if the last
    /// waiter is among them and a wake-up is stored for the rest.
    fn take_some(&self, batch: &mut WakeBatch<BATCH>, n: usize) -> usize {
        self.waiters.with_lock(|waiters| {
            let mut taken = 0;
            while taken < n && !batch.is_full() {
                match waiters.pop_front(Stage::Handed) {
                    Some(Some(waker)) => batch.push(waker),
                    Some(None) => {}
                    None => break,
                }
                taken += 1;
            }
            if waiters.is_empty() {
                if taken > 0 {
                    self.word.end_waiting();
                }
                if taken < n {
                    // Nobody waits, and nobody can come to while the lock is held: this stores.
                    let _ = self.word.store_permit();
                    return n;
                }
            }
            taken
        })
    }
}
