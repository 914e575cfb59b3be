//! The horizon as smaller targets have it, with words so small that epochs pass within a model.

#[path = "../../src/timer/horizon.rs"]
mod words;

use std::sync::Arc;

use pintle_core::model::check;
use pintle_core::thread;
use pintle_lock::blocking::ScopedRawMutex;
use pintle_lock::spin::Spinlock;
use pintle_time::clock::Ticks;

use self::words::{Horizon, Sight};

/// What is said of the horizon: a reader that comes after the arm never takes a bound that has come
/// for one that has not, while another turn takes it from epoch to epoch.
#[test]
fn narrow_horizon_arm_vs_epochs() {
    // Epochs of 4 ticks.
    for deadline in [5, 8, 9, 13, 40] {
        check(move || {
            let horizon = Arc::new(Horizon::<4>::new());
            // The lock that all who publish hold.
            let lock = Arc::new(Spinlock::new());
            let publisher = thread::spawn({
                let (horizon, lock) = (horizon.clone(), lock.clone());
                move || {
                    // A turn at 6, which brings a new epoch, and knows of nothing; then an arm.
                    lock.with_lock(|| horizon.publish(None, 6));
                    lock.with_lock(|| horizon.publish(Some(deadline), 6));
                }
            });
            let other = thread::spawn({
                let horizon = horizon.clone();
                move || {
                    // Neither before nor after: never a bound that was not.
                    match horizon.look(7) {
                        Sight::Clear(next) => assert!(7 < next && next <= deadline),
                        Sight::Nothing | Sight::Due => {}
                    }
                }
            });
            publisher.join().unwrap();
            for now in 4..64 {
                match horizon.look(now) {
                    Sight::Nothing => panic!("there is a deadline at {deadline}"),
                    Sight::Clear(next) => assert!(now < next && next <= deadline),
                    Sight::Due => {}
                }
            }
            other.join().unwrap();
        });
    }
}

/// Turns of two cores, of which one is ahead by an epoch and more.
#[test]
fn narrow_horizon_turn_vs_turn() {
    check(|| {
        let horizon = Arc::new(Horizon::<4>::new());
        let lock = Arc::new(Spinlock::new());
        lock.with_lock(|| horizon.publish(Some(6), 0));
        let ahead = thread::spawn({
            let (horizon, lock) = (horizon.clone(), lock.clone());
            move || {
                // It fires what was due at 6, and knows of 11 and 30 after that.
                lock.with_lock(|| horizon.publish(Some(11), 9));
                lock.with_lock(|| horizon.publish(Some(30), 13));
            }
        });
        match horizon.look(7) {
            // It has been overtaken.
            Sight::Clear(next) => assert!([11, 30].iter().any(|&at| next <= at)),
            Sight::Nothing => panic!("there was always a deadline"),
            Sight::Due => {}
        }
        // 11 has come, and is not taken for a moment to come by who is before the last turn.
        if let Sight::Clear(next) = horizon.look(12) {
            assert!(12 < next && next <= 30);
        }
        ahead.join().unwrap();
        assert_eq!(horizon.look(13), Sight::Clear(19));
        assert_eq!(horizon.look(16), Sight::Due);
    });
}
