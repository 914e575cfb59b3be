//! The horizon as smaller targets have it, with words so small that epochs pass within a model.

#[path = "../../src/timer/horizon.rs"]
mod words;

use std::sync::Arc;

use pintle_core::model::check;
use pintle_core::thread;
use pintle_time::clock::Ticks;

use self::words::{Horizon, Sight};

// In all of these the reader is the thread that is spawned: who publishes loads the epoch, and loom
// takes that for the access that the store depends on, not another thread's load before it.

/// A reader beside an arm never sees a bound that never was; one that comes after it never takes a
/// bound that has come for one that has not.
#[test]
fn arm_vs_turn() {
    // Epochs of 4 ticks.
    for deadline in [5, 8, 9, 13, 40] {
        check(move || {
            let horizon = Arc::new(Horizon::<4>::new());
            let reader = thread::spawn({
                let horizon = horizon.clone();
                move || match horizon.look(7) {
                    Sight::Clear(next) => assert!(7 < next && next <= deadline),
                    Sight::Nothing | Sight::Due => {}
                }
            });
            // A turn at 6, which brings a new epoch, and knows of nothing; then an arm.
            horizon.publish(None, 6);
            horizon.publish(Some(deadline), 6);
            for now in 4..64 {
                match horizon.look(now) {
                    Sight::Nothing => panic!("there is a deadline at {deadline}"),
                    Sight::Clear(next) => assert!(now < next && next <= deadline),
                    Sight::Due => {}
                }
            }
            reader.join().unwrap();
        });
    }
}

/// Turns of two cores, of which one is ahead by an epoch and more.
#[test]
fn turn_vs_turn() {
    check(|| {
        let horizon = Arc::new(Horizon::<4>::new());
        horizon.publish(Some(6), 0);
        let behind = thread::spawn({
            let horizon = horizon.clone();
            move || {
                match horizon.look(7) {
                    // It has been overtaken.
                    Sight::Clear(next) => assert!(next <= 30),
                    Sight::Nothing => panic!("there was always a deadline"),
                    Sight::Due => {}
                }
                // 6 and 11 have come, whatever else is known.
                if let Sight::Clear(next) = horizon.look(12) {
                    assert!(12 < next && next <= 30);
                }
            }
        });
        // It fires what was due at 6, and knows of 11 and 30 after that.
        horizon.publish(Some(11), 9);
        horizon.publish(Some(30), 13);
        assert_eq!(horizon.look(13), Sight::Clear(19));
        assert_eq!(horizon.look(16), Sight::Due);
        behind.join().unwrap();
    });
}

/// A turn at 13 has fired what was due at 6, and knows of 15. Who looks at 15 has something to do by
/// the one bound and by the other, and must not take the first for one of the new epoch.
#[test]
fn a_bound_of_another_epoch() {
    check(|| {
        let horizon = Arc::new(Horizon::<4>::new());
        horizon.publish(Some(6), 0);
        let reader = thread::spawn({
            let horizon = horizon.clone();
            move || assert_eq!(horizon.look(15), Sight::Due)
        });
        horizon.publish(Some(15), 13);
        assert_eq!(horizon.look(14), Sight::Clear(15));
        reader.join().unwrap();
    });
}
