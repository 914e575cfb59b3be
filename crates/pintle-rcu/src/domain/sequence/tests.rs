use super::*;

#[test]
fn a_cookie_is_of_the_next_that_begins() {
    let sequence = Sequence::new();
    // Over the wrap, which comes with the first `finish`.
    for _ in 0..4 {
        let before = sequence.cookie();
        assert!(!sequence.is_over(before));
        assert_eq!(sequence.drive(before, false), Drive::Drives);
        assert_eq!(sequence.drive(before, false), Drive::IsDriven);
        assert!(!sequence.is_over(before));
        let during = sequence.cookie();
        assert_eq!((during, false), sequence.join());
        assert_ne!(before, during);
        assert_eq!(sequence.leave(), Wake::default());
        assert_eq!((during, true), sequence.join());
        sequence.finish();
        assert_eq!(sequence.drive(before, true), Drive::Over);
        assert!(sequence.is_over(before));
        assert!(!sequence.is_over(during));
        assert_eq!(sequence.cookie(), during);
        assert_eq!((during, true), sequence.join());
        assert!(!sequence.is_over(during));
        sequence.finish();
        assert!(sequence.is_over(during) && sequence.is_over(before));
    }
}

#[test]
fn an_old_cookie_stays_over() {
    let sequence = Sequence::new();
    let old = sequence.cookie();
    for distance in [
        3,
        4,
        NUMBER / STEP / 2,
        NUMBER / STEP / 2 + 1,
        NUMBER / STEP - 3,
    ] {
        let now = old.0.wrapping_add(distance.wrapping_mul(STEP));
        sequence.word.store(now, Relaxed);
        assert!(sequence.is_over(old), "{distance}");
    }
}

/// Between the two steps of `finish` others come.
#[test]
fn who_comes_after_a_grace_period_is_not_forgotten() {
    let both = Wake {
        leader: true,
        followers: true,
    };
    for followed in [true, false] {
        let sequence = Sequence::new();
        let (first, _) = sequence.join();
        if followed {
            assert!(sequence.follow(first));
        } else {
            assert_eq!(sequence.drive(first, true), Drive::IsDriven);
        }
        let before = sequence
            .word
            .fetch_add(STEP.wrapping_sub(HELD | RUNNING), AcqRel);
        let (second, drives) = sequence.join();
        assert!(drives && sequence.follow(second));
        assert_eq!(sequence.drive(second, true), Drive::IsDriven);
        let wake = sequence.wake_after(before);
        let later = sequence.finish();
        assert_eq!(wake.leader | later.leader, both.leader);
        assert_eq!(wake.followers | later.followers, both.followers);
    }
}

#[test]
fn who_waits_is_woken_once() {
    let sequence = Sequence::new();
    let (cookie, drives) = sequence.join();
    assert!(drives && sequence.follow(cookie));
    assert_eq!(sequence.drive(cookie, true), Drive::IsDriven);
    let leader = Wake {
        leader: true,
        followers: false,
    };
    assert_eq!(sequence.leave(), leader);
    assert!(sequence.drive_on() && !sequence.drive_on());
    assert_eq!(sequence.leave(), Wake::default());
    assert_eq!(sequence.drive(cookie, true), Drive::Drives);
    let followers = Wake {
        leader: false,
        followers: true,
    };
    assert_eq!(sequence.finish(), followers);
    assert!(!sequence.follow(cookie) && !sequence.drive_on());
}
