//! A place where tasks wait until enough of them have come: a [`Barrier`].
//!
//! # States
//!
//! A line of those who have come, how many they are, and how often the barrier has opened, all behind the
//! lock.
//!
//! ```text
//!              wait: one more †
//!    ┌─────────────────────────┐
//!    │  0 ≤ how many < needed  │ ⟲    a wait that is dropped before the barrier opens: one less †
//!    └─────────────────────────┘
//!         ▲             │ wait: the last that is needed †, the leader, who does not wait
//!         └─────────────┘ all go on, and the next round begins with 0
//! ```
//!
//! († under the lock.)
//!
//! # Invariants
//!
//! Those of the crate's line of waiters, and:
//!
//! 1. Whenever the lock is free, as many stand in line as have come in this round.
//! 2. A waiter knows the round in which it came. If that is over it has been chosen, whether it has been
//!    woken already or not: it does not count any more.
//! 3. The leader's waiter is `Handed`, for good; it owes nothing. The others' become `Done`.

mod wait;

use core::{
    fmt,
    pin::Pin,
    task::{Poll, Waker},
};

use pintle_core::const_fn;

pub use self::wait::{BarrierWaitResult, Wait};
use crate::{
    blocking::{DefaultMutex, Mutex, ScopedRawMutex},
    trace::event,
    waiters::{Drain, Stage, Waiter, Waiters},
};

/// Lets tasks wait for each other: as many as it was made for go on together.
///
/// It opens each time that many have come, and is then as new. One of each round is its leader. The names are
/// those of tokio's `Barrier`; unlike there, a wait that is dropped before the barrier opens has not come.
///
/// # Memory order
///
/// What each task of a round did before it came is visible to all of them when they go on.
///
/// # Contexts
///
/// Every method may be called from a `Drop` and from a waker. An interrupt handler may call them if `Lock` keeps
/// that interrupt out while it is held. Who opens the barrier keeps up to 16 wakers on the stack.
///
/// # Examples
///
/// ```
/// use std::thread;
/// use futures::executor::block_on;
/// use pintle_sync::Barrier;
///
/// static BARRIER: Barrier = Barrier::new(3);
///
/// let workers: Vec<_> = (0..3)
///     .map(|_| thread::spawn(|| block_on(BARRIER.wait()).is_leader()))
///     .collect();
/// let leaders = workers.into_iter().filter_map(|it| it.join().unwrap().then_some(()));
/// assert_eq!(leaders.count(), 1);
/// ```
pub struct Barrier<Lock: ScopedRawMutex = DefaultMutex> {
    needed: usize,
    round: Mutex<Round, Lock>,
}

/// What the lock guards.
struct Round {
    /// Each with the number of the round in which it came.
    waiters: Waiters<usize>,
    come: usize,
    /// How often the barrier has opened. It wraps, and is compared only with the rounds of those who are in
    /// line or about to leave a line that was moved aside, so that it would have to wrap while they are.
    number: usize,
}

// === impl Barrier ===

impl Barrier {
    const_fn! {
        /// Creates a barrier that opens for each `n` tasks, with the default lock. 0 counts as 1.
        #[must_use]
        pub const fn new(n: usize) -> Self {
            Self::new_with_raw_mutex(n, DefaultMutex::new())
        }
    }
}

impl<Lock: ScopedRawMutex> Barrier<Lock> {
    const_fn! {
        /// Creates a barrier that opens for each `n` tasks, with a lock of the caller's choice. 0 counts as 1.
        #[must_use]
        pub const fn new_with_raw_mutex(n: usize, lock: Lock) -> Self {
            Self {
                needed: n,
                round: Mutex::new_with_raw_mutex(
                    Round {
                        waiters: Waiters::new(),
                        come: 0,
                        number: 0,
                    },
                    lock,
                ),
            }
        }
    }

    /// Creates a future that comes to the barrier when it is first polled, and waits until it opens.
    ///
    /// Exactly one of each round is told that it [is the leader](BarrierWaitResult::is_leader): the last.
    ///
    /// O(1); for the leader O(n), with the lock released after each 16 that it wakes.
    ///
    /// # Panics
    ///
    /// The leader's poll panics if a waker does; the others of the round have been woken then, and it still leads.
    ///
    /// # Cancellation
    ///
    /// A future that is dropped before the barrier opens has not come: another is needed instead. Dropping it
    /// afterwards changes nothing.
    pub fn wait(&self) -> Wait<'_, Lock> {
        Wait::new(self)
    }

    /// Comes to the barrier, from `Idle`: `true` if that opens it and the waiter leads, else it is in line.
    fn come(&self, mut waiter: Pin<&mut Waiter<usize>>, waker: &Waker) -> bool {
        // Cloned here, and dropped at the end of this function if it is not needed: not under the lock.
        let mut mine = Some(waker.clone());
        let mut leads = false;
        let choose = |round: &mut Round| {
            if round.come + 1 >= self.needed {
                leads = true;
                round.come = 0;
                round.number = round.number.wrapping_add(1);
                // Before anybody is woken, who may panic: it leads all the same.
                waiter.finish(Stage::Handed);
                return round.waiters.take_all();
            }
            round.come += 1;
            let _ = waiter.as_mut().with_data(|own| *own = round.number);
            // SAFETY: the waiter is `Idle`. Its owner is the future that is being polled, which leaves before
            // it is freed; and it is this barrier's, whose lock is held.
            unsafe { round.waiters.push_back(waiter.as_ref(), &mut mine) };
            Waiters::new()
        };
        // SAFETY: the waiters are those of the lock.
        unsafe { Drain::run(&self.round, Stage::Done, choose) };
        if !leads {
            event!(self, "wait");
        }
        leads
    }

    /// Goes on with a wait. Whether the barrier has opened, and whether the waiter leads.
    fn poll(&self, mut waiter: Pin<&mut Waiter<usize>>, waker: &Waker) -> Poll<bool> {
        loop {
            match waiter.ticket().stage() {
                Stage::Idle => {
                    if !self.come(waiter.as_mut(), waker) {
                        return Poll::Pending;
                    }
                }
                Stage::Waiting => {
                    // SAFETY: the waiter is this barrier's, so this is its lock.
                    if unsafe { waiter.as_ref().offer(&self.round, waker) } {
                        return Poll::Pending;
                    }
                }
                Stage::Handed => return Poll::Ready(true),
                Stage::Done | Stage::Closed => return Poll::Ready(false),
            }
        }
    }

    /// Takes back that a waiter has come, unless the barrier has opened for it: the future is dropped.
    fn leave(&self, mut waiter: Pin<&mut Waiter<usize>>) {
        let mut left = None;
        if waiter.ticket().stage() == Stage::Waiting {
            self.round.with_lock(|round| {
                if waiter.stage() == Stage::Waiting {
                    // SAFETY: the waiter is `Waiting`: in this line, or drained out of it.
                    left = Some(unsafe { round.waiters.remove(waiter.as_ref(), Stage::Done) });
                    let came = waiter.as_mut().with_data(|number| *number);
                    if came == Some(round.number) {
                        round.come -= 1;
                    }
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
}

impl<Lock: ScopedRawMutex> fmt::Debug for Barrier<Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("needed", &self.needed)
            .finish_non_exhaustive()
    }
}
