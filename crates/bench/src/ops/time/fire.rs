//! Sleeps that end, tick by tick.

use std::{
    collections::BTreeMap,
    hint::black_box,
    task::Waker,
    time::{Duration, Instant},
};

use ::hierarchical_hash_wheel_timer::wheels::quad_wheel::{QuadWheelWithOverflow, no_prune};
use pintle_lock::blocking::ScopedRawMutex;

use super::{Numbers, TICK, tick, timer, waiting};

/// How many fire in a round.
pub(super) const TIMERS: usize = 10_000;

/// How many ticks a round has.
const TICKS: u32 = 1 << 16;

impl Numbers {
    /// The tick of a round in which the next timer fires: all but the first and the last.
    fn end(&mut self) -> u64 {
        1 + self.below(u64::from(TICKS) - 1)
    }

    fn delay(&mut self) -> Duration {
        Duration::from_millis(self.end())
    }
}

pub(super) fn pintle<Lock: ScopedRawMutex>(lock: Lock, n: usize) {
    let timer = timer(lock);
    let mut numbers = Numbers::new();
    for _ in 0..n / TIMERS {
        let _sleeps = waiting(TIMERS, || timer.sleep_ticks(numbers.end()));
        let mut fired = 0;
        for _ in 0..TICKS {
            tick();
            fired += timer.turn().expired;
        }
        assert_eq!(fired, TIMERS);
    }
}

pub(super) fn hierarchical_hash_wheel_timer(n: usize) {
    let mut wheel = QuadWheelWithOverflow::new(no_prune::<Waker>);
    let mut numbers = Numbers::new();
    for _ in 0..n / TIMERS {
        for _ in 0..TIMERS {
            let timer = wheel.insert_with_delay(Waker::noop().clone(), numbers.delay());
            timer.expect("a delay that is not zero");
        }
        let mut fired = 0;
        for _ in 0..TICKS {
            for waker in wheel.tick() {
                waker.wake();
                fired += 1;
            }
        }
        assert_eq!(fired, TIMERS);
    }
}

pub(super) fn hierarchical_hash_wheel_timer_of_numbers(n: usize) {
    let mut wheel = QuadWheelWithOverflow::new(no_prune::<usize>);
    let mut numbers = Numbers::new();
    for _ in 0..n / TIMERS {
        for i in 0..TIMERS {
            let timer = wheel.insert_with_delay(i, numbers.delay());
            timer.expect("a delay that is not zero");
        }
        let mut fired = 0;
        for _ in 0..TICKS {
            fired += black_box(wheel.tick()).len();
        }
        assert_eq!(fired, TIMERS);
    }
}

pub(super) fn nexus_timer(n: usize) {
    let mut now = Instant::now();
    let mut wheel = nexus_timer::Wheel::unbounded(4096, now);
    let mut numbers = Numbers::new();
    let mut due: Vec<Waker> = Vec::with_capacity(TIMERS);
    for _ in 0..n / TIMERS {
        for _ in 0..TIMERS {
            wheel.schedule_forget(now + numbers.delay(), Waker::noop().clone());
        }
        let mut fired = 0;
        for _ in 0..TICKS {
            now += TICK;
            fired += wheel.poll_and_rebalance(now, &mut due);
            due.drain(..).for_each(Waker::wake);
        }
        assert_eq!(fired, TIMERS);
    }
}

pub(super) fn btree_map(n: usize) {
    let mut now = 0;
    let mut map = BTreeMap::new();
    let mut numbers = Numbers::new();
    for _ in 0..n / TIMERS {
        for i in 0..TIMERS {
            map.insert((now + numbers.end(), i), Waker::noop().clone());
        }
        let mut fired = 0;
        for _ in 0..TICKS {
            now += 1;
            while let Some(first) = map.first_entry() {
                if first.key().0 > now {
                    break;
                }
                first.remove().wake();
                fired += 1;
            }
        }
        assert_eq!(fired, TIMERS);
    }
}
