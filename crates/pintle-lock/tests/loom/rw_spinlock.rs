//! `RwSpinlock`.

use super::rw::*;
use pintle_core::model::PREEMPTIONS;
use pintle_lock::spin::RwSpinlock;

#[test]
fn a_reader_and_a_writer() {
    race(PREEMPTIONS, RwSpinlock::new, read_twice, &[write], 1);
}

#[test]
fn a_reader_and_a_writer_that_comes_back() {
    race(PREEMPTIONS, RwSpinlock::new, read, &[write_twice], 2);
}

#[test]
fn two_writers() {
    race(PREEMPTIONS, RwSpinlock::new, write_twice, &[write], 3);
}

/// Three threads that spin do not come to an end within minutes with more preemptions, but where
/// one of them does not wait.
#[test]
fn two_writers_and_a_reader() {
    race(1, RwSpinlock::new, write, &[write, read], 2);
    race(2, RwSpinlock::new, write, &[write, try_read], 2);
}

#[test]
fn a_writer_and_two_readers() {
    race(1, RwSpinlock::new, write, &[read, read], 1);
    race(
        PREEMPTIONS,
        RwSpinlock::new,
        write,
        &[try_read, try_read],
        1,
    );
}

#[test]
fn a_downgrade_lets_no_writer_in() {
    race(
        PREEMPTIONS,
        RwSpinlock::new,
        write_and_downgrade,
        &[write],
        2,
    );
    race(
        PREEMPTIONS,
        RwSpinlock::new,
        write_and_downgrade,
        &[read],
        1,
    );
}

#[test]
fn an_upgrade_lets_no_writer_in() {
    race(PREEMPTIONS, RwSpinlock::new, upgrade, &[write], 2);
    race(PREEMPTIONS, RwSpinlock::new, upgrade, &[read], 1);
    race(PREEMPTIONS, RwSpinlock::new, upgrade, &[upgrade], 2);
}

#[test]
fn an_upgradable_holder_keeps_a_writer_out() {
    race(PREEMPTIONS, RwSpinlock::new, read_upgradably, &[write], 1);
}

#[test]
fn up_and_down_beside_another() {
    race(PREEMPTIONS, RwSpinlock::new, up_and_down, &[write], 2);
    race(PREEMPTIONS, RwSpinlock::new, up_and_down, &[read_twice], 1);
    race(PREEMPTIONS, RwSpinlock::new, up_and_down, &[up_and_down], 2);
}

#[test]
fn try_upgrade_is_refused_for_readers_only() {
    race(PREEMPTIONS, RwSpinlock::new, try_upgrade_alone, &[write], 2);
    race(
        PREEMPTIONS,
        RwSpinlock::new,
        try_upgrade_alone,
        &[try_upgrade_alone],
        2,
    );
}

#[test]
fn try_write_is_refused_for_readers_only() {
    try_write_fails_for_readers_only(PREEMPTIONS, RwSpinlock::new);
}
