use core::pin::{Pin, pin};

use super::{Stage, Waiter, Waiters};
use crate::{
    blocking::{Mutex, ScopedRawMutex},
    util::{BATCH, WakeBatch, wake_in_batches, with_lock_or_abort},
};

/// Waiters that have been chosen together and not all been woken yet.
///
/// They are in a ring of their own, whose last node is the *guard*, a waiter of the caller's. So each
/// of them can unlink itself while the lock is free, without knowing which ring it is in and without
/// the ring's word being wrong afterwards: that points to the guard. Waiters that come meanwhile are in the
/// primitive's line and not woken. (The technique is that of tokio's `Notify`.)
///
/// # Invariants
///
/// - `chosen` and the waiters in it are touched only under `lock`.
/// - Between two turns the guard is linked, as the last of `chosen`.
pub(crate) struct Drain<'a, S: ?Sized, Lock: ScopedRawMutex, T = ()> {
    lock: &'a Mutex<S, Lock>,
    guard: Pin<&'a Waiter<T>>,
    chosen: Waiters<T>,
    stage: Stage,
}

// === impl Drain ===

impl<S: ?Sized, Lock: ScopedRawMutex, T: Default> Drain<'_, S, Lock, T> {
    /// Moves everybody whom `choose` takes out of the line to `stage`, and wakes them a batch at a time,
    /// with the lock free between them.
    ///
    /// `choose` runs under the lock, once: that is when it is decided who is woken.
    ///
    /// # Panics
    ///
    /// If a waker does; the others have been woken then.
    ///
    /// # Safety
    ///
    /// What `choose` returns are waiters whose lock is `lock`.
    pub(crate) unsafe fn run(
        lock: &Mutex<S, Lock>,
        stage: Stage,
        choose: impl FnOnce(&mut S) -> Waiters<T>,
    ) {
        let guard = pin!(Waiter::new(0, T::default()));
        let mut drain = Drain {
            lock,
            guard: guard.as_ref(),
            chosen: Waiters::new(),
            stage,
        };
        let mut choose = Some(choose);
        // It goes on until the guard is out again, whatever panics: the guard is unlinked when it is freed.
        wake_in_batches(|batch| match choose.take() {
            Some(choose) => drain.begin(batch, choose),
            None => drain.next(batch),
        });
    }

    /// Decides who is woken, and takes the wakers of the first of them. Whether there are more.
    fn begin(
        &mut self,
        batch: &mut WakeBatch<BATCH>,
        choose: impl FnOnce(&mut S) -> Waiters<T>,
    ) -> bool {
        self.lock.with_lock(|state| {
            self.chosen = choose(state);
            // Few waiters are the rule: no guard is needed if one batch takes them all.
            while !batch.is_full() {
                match self.chosen.pop_front(self.stage) {
                    Some(Some(waker)) => batch.push(waker),
                    Some(None) => {}
                    None => return false,
                }
            }
            if self.chosen.is_empty() {
                return false;
            }
            self.chosen.ring.push_back(self.guard.as_ptr());
            true
        })
    }

    /// Takes the wakers of the next of those who are left. Whether the guard, and so maybe more, is left.
    fn next(&mut self, batch: &mut WakeBatch<BATCH>) -> bool {
        with_lock_or_abort(self.lock, |_| {
            while !batch.is_full() {
                match self.chosen.ring.pop_front() {
                    Some(first) if first != self.guard.as_ptr() => {
                        // SAFETY: the waiter has just left its ring, and the lock is held.
                        if let Some(waker) = unsafe { Waiter::end(first, self.stage) } {
                            batch.push(waker);
                        }
                    }
                    // The guard is the last, so it comes out when all others have left.
                    _ => return false,
                }
            }
            true
        })
    }
}
