//! Parts of the back ends that the public face does not reach on the machine the tests run on.

#[cfg(feature = "std")]
mod table {
    use crate::sys::table::{now, wait, wake};
    use crate::{Deadline, WaitOutcome, WakeOutcome};
    use core::time::Duration;
    use std::sync::atomic::{AtomicU32, Ordering::*};
    use std::{thread, time::Instant};

    #[test]
    fn a_mismatch_does_not_sleep() {
        let word = AtomicU32::new(1);
        assert_eq!(wait(&word, 0, Deadline::NEVER), WaitOutcome::Mismatch);
        assert_eq!(wake(&word, 1), WakeOutcome::Count(0));
    }

    #[test]
    fn times_out_at_the_deadline_and_leaves_the_queue() {
        let word = AtomicU32::new(0);
        let start = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(5));
        assert_eq!(wait(&word, 0, deadline), WaitOutcome::TimedOut);
        assert!(start.elapsed() >= Duration::from_millis(5));
        assert_eq!(wake(&word, 1), WakeOutcome::Count(0));
        assert!(now() <= now());
    }

    #[test]
    fn a_wake_ends_as_many_sleeps_as_it_says_and_the_first_come_first() {
        let word = AtomicU32::new(0);
        thread::scope(|scope| {
            let waiters: [_; 3] =
                core::array::from_fn(|_| scope.spawn(|| wait(&word, 0, Deadline::NEVER)));
            let mut woken = 0;
            while woken < 3 {
                match wake(&word, 2) {
                    WakeOutcome::Count(count @ 0..=2) => woken += count,
                    other => panic!("at most two were asked for: {other:?}"),
                }
            }
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), WaitOutcome::Woken);
            }
        });
    }

    #[test]
    fn no_hand_over_is_lost() {
        const ROUNDS: u32 = 2_000;
        let turn = AtomicU32::new(0);
        let side = |mine: u32| {
            for round in 0..ROUNDS {
                let my_turn = 2 * round + mine;
                loop {
                    let seen = turn.load(Acquire);
                    if seen == my_turn {
                        break;
                    }
                    let _ = wait(&turn, seen, Deadline::NEVER);
                }
                turn.store(my_turn + 1, Release);
                wake(&turn, 1);
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| side(0));
            scope.spawn(|| side(1));
        });
        assert_eq!(turn.into_inner(), 2 * ROUNDS);
    }
}

#[cfg(target_os = "linux")]
mod once_decided {
    extern crate std;

    use crate::barrier::Strategy;
    use crate::sys::once_decided::OnceDecided;
    use std::sync::{Barrier, Mutex};
    use std::vec::Vec;

    #[test]
    fn a_refusal_means_fences_and_stays() {
        let decision = OnceDecided::new();
        decision.light();
        assert_eq!(decision.decide(|| false), Strategy::Fences);
        decision.light();
        assert_eq!(decision.decide(|| true), Strategy::Fences);
    }

    #[test]
    fn registers_once_and_stays() {
        let decision = OnceDecided::new();
        assert_eq!(decision.decide(|| true), Strategy::ProcessBarrier);
        decision.light();
        assert_eq!(
            decision.decide(|| panic!("it is decided")),
            Strategy::ProcessBarrier
        );
    }

    /// Threads that decide at once, and whose registrations differ, still agree.
    #[test]
    fn racing_deciders_agree() {
        for _ in 0..200 {
            let decision = OnceDecided::new();
            let start = Barrier::new(4);
            let answers = Mutex::new(Vec::new());
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    let (decision, start, answers) = (&decision, &start, &answers);
                    scope.spawn(move || {
                        start.wait();
                        let answer = decision.decide(|| thread % 2 == 0);
                        answers.lock().unwrap().push(answer);
                    });
                }
            });
            let answers = answers.into_inner().unwrap();
            assert!(answers.iter().all(|answer| *answer == answers[0]));
        }
    }
}
