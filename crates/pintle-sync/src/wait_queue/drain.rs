use core::{
    mem,
    pin::{Pin, pin},
};

use pintle_intrusive::Ring;

use super::{
    WaitQueue,
    state::{Settle, Stage, Word},
    waiter::Waiter,
};
use crate::{blocking::ScopedRawMutex, util::WakeBatch};

/// How many wakers are taken out each time the lock is held.
const BATCH: usize = 16;

/// The waiters that a `wake_all` or `close` has chosen and not woken yet.
///
/// They are in a ring of their own, whose last node is the guard. So each of them can unlink itself
/// while the lock is free, without the ring's word being wrong afterwards: that points to the guard.
///
/// # Invariants
///
/// - `ring` and the nodes in it are touched only under the queue's lock.
/// - `more` says that the guard is linked, as the last of `ring`; else `ring` is empty.
pub(super) struct Drain<'a, Lock: ScopedRawMutex> {
    queue: &'a WaitQueue<Lock>,
    guard: Pin<&'a Waiter>,
    ring: Ring<Waiter>,
    more: bool,
    stage: Stage,
}

// === impl Drain ===

impl<Lock: ScopedRawMutex> Drain<'_, Lock> {
    /// Moves everybody who waits to `stage`, which is `Done` or `Closed`, and wakes them.
    pub(super) fn run(queue: &WaitQueue<Lock>, stage: Stage) {
        let guard = pin!(Waiter::new(Word::new()));
        let mut drain = Drain {
            queue,
            // The pinned guard outlives the drain, whose drop unlinks it.
            guard: guard.as_ref(),
            ring: Ring::new(),
            more: false,
            stage,
        };
        let mut batch = WakeBatch::new();
        drain.begin(&mut batch);
        loop {
            batch.wake_all();
            if !drain.more {
                break;
            }
            drain.next(&mut batch);
        }
    }

    /// Decides who is woken, and takes the wakers of the first of them.
    fn begin(&mut self, batch: &mut WakeBatch<BATCH>) {
        self.queue.ring.with_lock(|ring| {
            let settle = match self.stage {
                Stage::Closed => self.queue.word.close_locked(),
                _ => self.queue.word.wake_all_locked(),
            };
            match settle {
                Settle::Settled => return,
                Settle::Waiting => mem::swap(&mut self.ring, ring),
            }
            // Few waiters are the rule: no guard is needed if one batch takes them all.
            while !batch.is_full() {
                let Some(first) = self.ring.pop_front() else {
                    return;
                };
                // SAFETY: the waiter has just left its ring, and the lock is held.
                if let Some(waker) = unsafe { Waiter::notify(first, self.stage) } {
                    batch.push(waker);
                }
            }
            if !self.ring.is_empty() {
                self.ring.push_back(self.guard.as_ptr());
                self.more = true;
            }
        });
    }

    /// Takes the wakers of the next of those who are left.
    fn next(&mut self, batch: &mut WakeBatch<BATCH>) {
        self.queue.ring.with_lock(|_| {
            while !batch.is_full() {
                match self.ring.pop_front() {
                    Some(first) if first != self.guard.as_ptr() => {
                        // SAFETY: the waiter has just left its ring, and the lock is held.
                        if let Some(waker) = unsafe { Waiter::notify(first, self.stage) } {
                            batch.push(waker);
                        }
                    }
                    // The guard is the last, so it comes out when all others have left.
                    _ => {
                        self.more = false;
                        return;
                    }
                }
            }
        });
    }
}

impl<Lock: ScopedRawMutex> Drop for Drain<'_, Lock> {
    fn drop(&mut self) {
        // Somebody is left only while a waker's panic unwinds. They have been chosen, so they are
        // woken now: a batch that is dropped full wakes, and holds back further panics.
        while self.more {
            self.next(&mut WakeBatch::new());
        }
    }
}
