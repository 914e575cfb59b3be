//! `FutexRwLock`: exclusion, and no lost wake-up. A sleeper that nobody wakes is a deadlock of the model.

use super::rw::*;
use core::time::Duration;
use pintle_core::model::{self, PREEMPTIONS};
use pintle_lock::Deadline;
use pintle_lock::blocking::RwLock;
use pintle_lock::os::FutexRwLock;

fn check(mine: Part<FutexRwLock>, others: &'static [Part<FutexRwLock>], writes: usize) {
    // Three threads take minutes with three preemptions.
    let preemptions = if others.len() > 1 && !model::full() {
        2
    } else {
        PREEMPTIONS
    };
    race(preemptions, FutexRwLock::new, mine, others, writes);
}

/// Some time: in a model it may be over whenever another thread has run.
fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(1))
}

/// Writes if it gets in in time; it is told of, as the model counts writes.
fn write_soon(lock: &RwLock<[usize; 2], FutexRwLock>) {
    if let Some(pair) = lock.try_write_until(soon()) {
        assert_eq!(pair[0], pair[1], "half a write was seen");
    }
}

fn read_soon(lock: &RwLock<[usize; 2], FutexRwLock>) {
    if let Some(pair) = lock.try_read_until(soon()) {
        assert_eq!(pair[0], pair[1], "half a write was seen");
    }
}

#[test]
fn a_reader_and_a_writer() {
    check(read_twice, &[write], 1);
    check(read, &[write_twice], 2);
}

#[test]
fn two_writers() {
    check(write_twice, &[write], 3);
}

#[test]
fn three_writers() {
    check(write, &[write, write], 3);
}

#[test]
fn two_writers_and_a_reader() {
    check(write, &[write, read], 2);
    check(read, &[write, write], 2);
}

#[test]
fn a_writer_and_two_readers() {
    check(write, &[read, read], 1);
    check(read, &[write, read], 1);
}

#[test]
fn a_downgrade_lets_no_writer_in() {
    check(write_and_downgrade, &[write], 2);
    check(write_and_downgrade, &[read], 1);
    check(write_and_downgrade, &[read, write], 2);
}

#[test]
fn an_upgrade_lets_no_writer_in() {
    check(upgrade, &[write], 2);
    check(upgrade, &[read], 1);
    check(upgrade, &[upgrade], 2);
}

/// The upgradable holder sleeps beside a writer, and has to be the one that is woken.
#[test]
fn an_upgrade_beside_a_reader_and_a_writer() {
    check(upgrade, &[read, write], 2);
    check(upgrade, &[read, upgrade], 2);
}

#[test]
fn an_upgradable_holder_keeps_a_writer_out() {
    check(read_upgradably, &[write], 1);
    check(read_upgradably, &[read_upgradably, write], 1);
}

#[test]
fn up_and_down_beside_another() {
    check(up_and_down, &[write], 2);
    check(up_and_down, &[read_twice], 1);
    check(up_and_down, &[up_and_down], 2);
}

#[test]
fn try_upgrade_is_refused_for_readers_only() {
    check(try_upgrade_alone, &[write], 2);
    check(try_upgrade_alone, &[try_upgrade_alone], 2);
}

#[test]
fn try_write_is_refused_for_readers_only() {
    try_write_fails_for_readers_only(PREEMPTIONS, FutexRwLock::new);
}

/// Who gives up opens the door again, and leaves no other writer asleep in its place.
#[test]
fn a_writer_that_gives_up_leaves_nobody_asleep() {
    check(write_soon, &[read], 0);
    check(write_soon, &[read, read], 0);
    check(write_soon, &[write], 1);
    check(write_soon, &[read, write], 1);
    check(write_soon, &[write, write], 2);
}

#[test]
fn a_reader_that_gives_up_leaves_nobody_asleep() {
    check(read_soon, &[write], 1);
    check(read_soon, &[write, read], 1);
    check(read_soon, &[write, write], 2);
}

#[test]
fn a_writer_that_gives_up_beside_an_upgrade() {
    check(write_soon, &[upgrade, read], 1);
}
