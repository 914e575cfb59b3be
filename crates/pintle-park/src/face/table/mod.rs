//! The parking table: sleeping on words that the operating system does not know how to sleep on.
//!
//! The address of a word chooses one of a fixed number of buckets. A waiter stands there in a queue,
//! in the order of arrival, by a node in its own stack frame, and sleeps on a word (or a lock) that
//! is in its stack frame, too. Nothing allocates.
//!
//! ```text
//!     wait(&a, 0)                             wake(&a, 1)
//!     ┌ lock of the bucket ──────────┐        (the word was changed before)
//!     │ count += 1                   │        fence
//!     │ fence                        │        count == 0? ── yes ──▶ nobody waits
//!     │ a == 0? ── no ─▶ count -= 1  │        ┌ lock of the bucket ──────────────┐
//!     │ link the node                │        │ claim and unlink the first of a, │
//!     └──────────────────────────────┘        │ count -= 1                       │
//!     sleep ◀──────── rouse ──────────────────└──────────────────────────────────┘
//! ```
//!
//! # Invariants
//!
//! 1. `count` is the number of nodes that are linked in the bucket's queue, plus the one of whoever
//!    is just linking his. It changes under the bucket's lock.
//! 2. A waiter's frame lives while one of its nodes is linked, and while it is claimed and has not
//!    been roused: it returns only after it has either been roused or closed its claim, and has
//!    taken out all its nodes.
//! 3. A waiter is claimed once, by one waker or by itself ([`Waiter::close`]). So a wake that has
//!    counted a waiter has ended its sleep, also if it waits for several words, and if its time is
//!    up in the same moment it says [`Woken`](crate::WaitOutcome::Woken).
//!
//! # Why no wake is lost
//!
//! The waiter counts itself and then reads the word; the waker has changed the word and then reads
//! the count. That is store buffering, and so each side has a sequentially consistent fence in
//! between. One of the two fences comes first in their total order S:
//!
//! - If the *waker's* does, the waiter's load of the word, which comes after its own fence, sees the
//!   change or what came later. (The change need not be the waker's own: it is enough that it
//!   happens before the waker's fence.) If that is no longer what the waiter expects, it does not
//!   sleep; if it is again, the waiter has not missed anything.
//! - If the *waiter's* does, the waker's load of `count` sees the waiter's addition or what came
//!   later. By invariant 1 that is zero only if the waiter is not linked any more: it has been woken
//!   or has left. Otherwise the waker takes the lock. It does so after the waiter has let it go,
//!   with its node linked; or before the waiter has got it: but the waiter has added to `count`
//!   under the lock, so the waker gets it later.
//!
//! Neither side's accesses order anything else, and all of them are `Relaxed`.
//!
//! A timeout is no different from a wake: the waiter closes its claim, and if a waker was faster it
//! waits until that has roused it.
//!
//! # How long
//!
//! A wait holds its bucket's lock for a dozen instructions. A wake goes once through the bucket's
//! queue, up to the last waiter that it wakes: O(waiters of the bucket). Sleepers are woken after the
//! lock has been let go.
//!
//! While a thread holds the lock its signals are held back, so that a handler may wake.
//!
//! # Source
//!
//! WebKit's *ParkingLot* (F. Pizlo, "Locking in WebKit", 2016) for a table by address with queues of
//! the waiters' own nodes; the Linux kernel's `futex/waitwake.c` for the counter and its fences.

mod bucket;
#[cfg(test)]
mod tests;
mod waiter;

use self::bucket::Bucket;
use self::waiter::{Node, Waiter};
use super::sys as os;
use crate::{AnyOutcome, Deadline, WAIT_ANY_MAX, WaitFor, WaitOutcome};
use pintle_core::atomic::{Ordering::SeqCst, fence};

/// Sleeps as the face's `wait_until` does.
pub(super) fn wait(word: WaitFor<'_>, deadline: Deadline) -> WaitOutcome {
    match wait_in_frame::<1>(&[word], deadline) {
        AnyOutcome::Woken(_) => WaitOutcome::Woken,
        AnyOutcome::Mismatch(_) => WaitOutcome::Mismatch,
        AnyOutcome::TimedOut => WaitOutcome::TimedOut,
    }
}

/// Sleeps as the face's `wait_any_until` does; `words` are `WAIT_ANY_MAX` at most.
pub(super) fn wait_any(words: &[WaitFor<'_>], deadline: Deadline) -> AnyOutcome {
    wait_in_frame::<WAIT_ANY_MAX>(words, deadline)
}

/// Ends up to `count` sleeps at that address, and says how many.
///
/// Without waiters it is a fence and a load.
#[inline]
pub(super) fn wake(address: *const (), count: usize) -> usize {
    // Pairs with the fence in `Bucket::link`.
    fence(SeqCst);
    let bucket = Bucket::of(address);
    if bucket.is_empty() {
        return 0;
    }
    bucket.wake(address, count)
}

fn wait_in_frame<const N: usize>(words: &[WaitFor<'_>], deadline: Deadline) -> AnyOutcome {
    debug_assert!(words.len() <= N);
    let waiter = Waiter::new();
    let mut nodes: [Option<Node>; N] = [const { None }; N];
    let mismatch = nodes
        .iter_mut()
        .zip(words)
        .enumerate()
        .find_map(|(index, (slot, word))| {
            let node = slot.insert(Node::new(word.address(), index, &waiter));
            // SAFETY: the node stays in this frame, which is not left before `leave` has run.
            let linked = unsafe { Bucket::of(word.address()).link(node, word) };
            (!linked).then_some(index)
        });
    // INVARIANT: (2) nothing from here to the end of `leave` panics.
    let roused = mismatch.is_none() && waiter.sleep(deadline);
    if roused || !waiter.close() {
        // Claimed: whoever did it may still be about to rouse us.
        waiter.sleep(Deadline::NEVER);
    }
    for node in nodes.iter().flatten() {
        Bucket::of(node.address()).unlink(node);
    }
    match (waiter.claimed_for(), mismatch) {
        (Some(index), _) => AnyOutcome::Woken(index),
        (None, Some(index)) => AnyOutcome::Mismatch(index),
        (None, None) => AnyOutcome::TimedOut,
    }
}
