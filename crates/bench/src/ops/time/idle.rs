//! Turns that find nothing to do.

use std::{
    collections::BTreeMap,
    hint::black_box,
    task::Waker,
    time::{Duration, Instant},
};

use ::hierarchical_hash_wheel_timer::wheels::quad_wheel::{QuadWheelWithOverflow, no_prune};
use pintle_lock::blocking::ScopedRawMutex;

use super::{Numbers, TICK, TICKS, tick, timer, waiting};
use crate::stopwatch::measured;

const WAITING: usize = 1000;

/// More ticks than anybody measures, 2.3 hours: within the reach of all wheels.
const FAR: u64 = 1 << 23;

impl Numbers {
    fn far(&mut self) -> u64 {
        FAR + self.below(TICKS)
    }

    fn far_off(&mut self) -> Duration {
        Duration::from_millis(self.far())
    }
}

pub(super) fn pintle<Lock: ScopedRawMutex>(lock: Lock, n: usize) {
    let timer = timer(lock);
    let mut numbers = Numbers::new();
    let _waiting = waiting(WAITING, || timer.sleep_ticks(numbers.far()));
    measured(|| {
        for _ in 0..n {
            tick();
            black_box(timer.turn().expired);
        }
    });
}

pub(super) fn hierarchical_hash_wheel_timer(n: usize) {
    let mut wheel = QuadWheelWithOverflow::new(no_prune::<Waker>);
    let mut numbers = Numbers::new();
    for _ in 0..WAITING {
        let timer = wheel.insert_with_delay(Waker::noop().clone(), numbers.far_off());
        timer.expect("a delay that is not zero");
    }
    measured(|| {
        for _ in 0..n {
            black_box(wheel.tick().len());
        }
    });
}

pub(super) fn nexus_timer(n: usize) {
    let mut now = Instant::now();
    let mut wheel = nexus_timer::Wheel::unbounded(4096, now);
    let mut numbers = Numbers::new();
    let mut due: Vec<Waker> = Vec::with_capacity(1);
    for _ in 0..WAITING {
        wheel.schedule_forget(now + numbers.far_off(), Waker::noop().clone());
    }
    measured(|| {
        for _ in 0..n {
            now += TICK;
            black_box(wheel.poll_and_rebalance(now, &mut due));
        }
    });
}

pub(super) fn btree_map(n: usize) {
    let mut now = 0;
    let mut map = BTreeMap::new();
    let mut numbers = Numbers::new();
    for i in 0..WAITING {
        map.insert((numbers.far(), i), Waker::noop().clone());
    }
    measured(|| {
        for _ in 0..n {
            now += 1;
            let due = map.first_key_value().filter(|((end, _), _)| *end <= now);
            assert!(black_box(due).is_none());
        }
    });
}
