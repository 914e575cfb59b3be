//! Timers: sleeps that end early, sleeps that end, and turns.
//!
//! What holds for all operations:
//!
//! - Every peer is given a waker per timer, or for a crate whose timers are tasks' own futures, polls
//!   with one. What fires is woken. (tokio-util's `DelayQueue` takes values, and gets a number.)
//! - Ours holds its sleeps where tokio does: on the stack while they come and go, and in one pinned
//!   slice where they lie and wait. Peers that hold theirs in a heap of their own have grown it before
//!   the operations begin.
//! - Ours reads its clock, a thread's own counter, in each operation; the peers below tokio are told
//!   the time.
//!
//! Who is not here: embassy-time's queue has no cancel, and room for 64 timers that it looks at one by
//! one; hierarchical_hash_wheel_timer forgets a cancelled timer when its slot comes, so that of sleeps
//! that end early one after the other nothing is ever freed; tokio and tokio-util cannot be turned by
//! hand.

mod churn;
mod fire;
mod idle;
mod reset;

use std::{cell::Cell, pin::Pin, time::Duration};

use pintle_lock::{
    blocking::{DefaultMutex, ScopedRawMutex},
    scoped::LocalLock,
};
use pintle_time::{Clock, Timer};

use super::{Numbers, poll};
use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "sleep_create_poll_drop",
        what: "On a timer without other sleeps: start one whose end is random in 100,000 ticks of a millisecond, poll it, drop it. (Peers below tokio are no futures: schedule a waker, cancel it.)",
        contenders: &[
            Contender::new("pintle LocalLock", |n| {
                churn::pintle(LocalLock::new(), 0, n)
            }),
            Contender::new("pintle", |n| churn::pintle(DefaultMutex::new(), 0, n)),
            Contender::new("pintle in ticks", |n| {
                churn::pintle_in_ticks(DefaultMutex::new(), 0, n)
            }),
            Contender::new("tokio", |n| churn::tokio(0, n)),
            Contender::new("tokio-util DelayQueue", |n| churn::delay_queue(0, n)),
            Contender::new("nexus-timer", |n| churn::nexus_timer(0, n)),
            Contender::new("BTreeMap", |n| churn::btree_map(0, n)),
        ],
    },
    Op {
        name: "timer_churn_1k",
        what: "The same on a timer on which 1,000 sleeps wait, whose ends are random in the same ticks.",
        contenders: &[
            Contender::new("pintle LocalLock", |n| {
                churn::pintle(LocalLock::new(), 1000, n)
            }),
            Contender::new("pintle", |n| churn::pintle(DefaultMutex::new(), 1000, n)),
            Contender::new("pintle DelayQueue", |n| churn::pintle_delay_queue(1000, n)),
            Contender::new("tokio", |n| churn::tokio(1000, n)),
            Contender::new("tokio-util DelayQueue", |n| churn::delay_queue(1000, n)),
            Contender::new("nexus-timer", |n| churn::nexus_timer(1000, n)),
            Contender::new("BTreeMap", |n| churn::btree_map(1000, n)),
        ],
    },
    Op {
        name: "timer_churn_100k",
        what: "The same on a timer on which 100,000 sleeps wait.",
        contenders: &[
            Contender::new("pintle LocalLock", |n| {
                churn::pintle(LocalLock::new(), 100_000, n)
            }),
            Contender::new("pintle", |n| churn::pintle(DefaultMutex::new(), 100_000, n)),
            Contender::new("pintle DelayQueue", |n| {
                churn::pintle_delay_queue(100_000, n)
            }),
            Contender::new("tokio", |n| churn::tokio(100_000, n)),
            Contender::new("tokio-util DelayQueue", |n| churn::delay_queue(100_000, n)),
            Contender::new("nexus-timer", |n| churn::nexus_timer(100_000, n)),
            Contender::new("BTreeMap", |n| churn::btree_map(100_000, n)),
        ],
    },
    Op {
        name: "timer_churn_1m",
        what: "The same on a timer on which 1,000,000 sleeps wait.",
        contenders: &[
            Contender::new("pintle LocalLock", |n| {
                churn::pintle(LocalLock::new(), 1_000_000, n)
            }),
            Contender::new("pintle", |n| {
                churn::pintle(DefaultMutex::new(), 1_000_000, n)
            }),
            Contender::new("pintle DelayQueue", |n| {
                churn::pintle_delay_queue(1_000_000, n)
            }),
            Contender::new("tokio", |n| churn::tokio(1_000_000, n)),
            Contender::new("tokio-util DelayQueue", |n| {
                churn::delay_queue(1_000_000, n)
            }),
            Contender::new("nexus-timer", |n| churn::nexus_timer(1_000_000, n)),
            Contender::new("BTreeMap", |n| churn::btree_map(1_000_000, n)),
        ],
    },
    Op {
        name: "timer_reset_100k",
        what: "On a timer on which 100,000 sleeps wait: give one that waits as well another end, random in the same ticks. (nexus-timer: reschedule; BTreeMap: remove and insert.)",
        contenders: &[
            Contender::new("pintle LocalLock", |n| {
                reset::pintle(LocalLock::new(), 100_000, n)
            }),
            Contender::new("pintle", |n| reset::pintle(DefaultMutex::new(), 100_000, n)),
            Contender::new("pintle DelayQueue", |n| {
                reset::pintle_delay_queue(100_000, n)
            }),
            Contender::new("tokio", |n| reset::tokio(100_000, n)),
            Contender::new("tokio-util DelayQueue", |n| reset::delay_queue(100_000, n)),
            Contender::new("nexus-timer", |n| reset::nexus_timer(100_000, n)),
            Contender::new("BTreeMap", |n| reset::btree_map(100_000, n)),
        ],
    },
    Op {
        name: "timer_fire_10k",
        what: "Start 10,000 sleeps whose ends are random in 65,535 ticks, then turn the timer after each of 65,536 ticks, which wakes them all: the cost per sleep, and so of 6.55 turns. (Of hierarchical_hash_wheel_timer twice: with a waker in each timer as all others, and with a number that nobody is told.)",
        contenders: &[
            Contender::in_batches("pintle LocalLock", fire::TIMERS, |n| {
                fire::pintle(LocalLock::new(), n)
            }),
            Contender::in_batches("pintle", fire::TIMERS, |n| {
                fire::pintle(DefaultMutex::new(), n)
            }),
            Contender::in_batches(
                "hierarchical_hash_wheel_timer",
                fire::TIMERS,
                fire::hierarchical_hash_wheel_timer,
            ),
            Contender::in_batches(
                "hierarchical_hash_wheel_timer of numbers",
                fire::TIMERS,
                fire::hierarchical_hash_wheel_timer_of_numbers,
            ),
            Contender::in_batches("nexus-timer", fire::TIMERS, fire::nexus_timer),
            Contender::in_batches("BTreeMap", fire::TIMERS, fire::btree_map),
        ],
    },
    Op {
        name: "timer_turn_idle",
        what: "On a timer on which 1,000 sleeps wait, all of whose ends are more than two hours away: a tick of a millisecond, and a turn.",
        contenders: &[
            Contender::new("pintle LocalLock", |n| idle::pintle(LocalLock::new(), n)),
            Contender::new("pintle", |n| idle::pintle(DefaultMutex::new(), n)),
            Contender::new(
                "hierarchical_hash_wheel_timer",
                idle::hierarchical_hash_wheel_timer,
            ),
            Contender::new("nexus-timer", idle::nexus_timer),
            Contender::new("BTreeMap", idle::btree_map),
        ],
    },
];

const TICK: Duration = Duration::from_millis(1);

/// In how many ticks sleeps end that come and go.
const TICKS: u64 = 100_000;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
}

/// A timer at the beginning of time, by a clock that costs a load, as the clocks of kernels and of
/// firmware do.
fn timer<Lock: ScopedRawMutex>(lock: Lock) -> Timer<Lock> {
    NOW.set(0);
    Timer::new_with_raw_mutex(Clock::new(TICK, || NOW.get()), lock)
}

/// Lets a tick go by.
fn tick() {
    NOW.set(NOW.get() + 1);
}

impl Numbers {
    /// How long the next sleep lasts that comes and goes.
    fn duration(&mut self) -> Duration {
        Duration::from_millis(1 + self.below(TICKS))
    }
}

/// As many futures as an operation needs, in one place, each polled once.
fn waiting<F: Future>(count: usize, future: impl FnMut() -> F) -> Pin<Box<[F]>> {
    let futures = std::iter::repeat_with(future).take(count).collect();
    let mut futures = Box::into_pin(futures);
    for i in 0..count {
        // SAFETY: an element of a pinned slice does not move, since the slice does not.
        let future = unsafe { futures.as_mut().map_unchecked_mut(|all| &mut all[i]) };
        assert!(poll(future).is_pending(), "it ends later");
    }
    futures
}
