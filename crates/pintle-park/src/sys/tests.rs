//! Parts of the back ends that the public face does not reach on the machine the tests run on.

/// What the table needs of a platform, of each kind that there is.
macro_rules! parts_of_the_table {
    ($name:ident, $parts:path) => {
        mod $name {
            use $parts::{Lock, Sleeper, uninterrupted};

            use crate::Deadline;
            use core::{ptr::NonNull, time::Duration};
            use std::{thread, time::Instant};

            #[test]
            fn a_sleeper_sleeps_until_it_is_roused() {
                for round in 0..500 {
                    let sleeper = Sleeper::new();
                    thread::scope(|scope| {
                        scope.spawn(|| {
                            if round % 10 == 0 {
                                thread::sleep(Duration::from_millis(1));
                            }
                            // SAFETY: it is live, and this is the only call.
                            unsafe { Sleeper::rouse(NonNull::from(&sleeper)) };
                        });
                        assert!(sleeper.sleep(Deadline::NEVER));
                    });
                    // Once roused it stays so.
                    assert!(sleeper.sleep(Deadline::now()));
                }
            }

            #[test]
            fn a_sleeper_times_out_at_the_deadline() {
                let sleeper = Sleeper::new();
                let start = Instant::now();
                assert!(!sleeper.sleep(Deadline::after(Duration::from_millis(5))));
                assert!(start.elapsed() >= Duration::from_millis(5));
                assert!(!sleeper.sleep(Deadline::now()));
            }

            #[test]
            fn the_lock_excludes() {
                const ROUNDS: usize = 20_000;
                static LOCK: Lock<(usize, usize)> = Lock::new((0, 0));
                thread::scope(|scope| {
                    for _ in 0..4 {
                        scope.spawn(|| {
                            for _ in 0..ROUNDS {
                                LOCK.with(|(a, b)| {
                                    assert_eq!(a, b);
                                    *a += 1;
                                    // Now and then the holder is preempted, and the others sleep.
                                    if *a % 1000 == 0 {
                                        thread::yield_now();
                                    }
                                    *b += 1;
                                });
                            }
                        });
                    }
                });
                assert_eq!(LOCK.with(|pair| *pair), (4 * ROUNDS, 4 * ROUNDS));
            }

            #[test]
            fn what_is_uninterrupted_runs_once_and_gives_its_result() {
                let mut runs = 0;
                assert_eq!(
                    uninterrupted(|| {
                        runs += 1;
                        7
                    }),
                    7
                );
                assert_eq!(runs, 1);
            }
        }
    };
}

#[cfg(feature = "std")]
parts_of_the_table!(std_parts, crate::sys::platform::fallback);
parts_of_the_table!(chosen_parts, crate::sys);
#[cfg(unix)]
parts_of_the_table!(pthread_parts, crate::sys::platform::over_pthreads::pthreads);
#[cfg(unix)]
parts_of_the_table!(park_parts, crate::sys::platform::over_park::parking);

#[cfg(unix)]
#[test]
fn signals_are_held_back_and_then_come() {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    static HANDLED: AtomicU32 = AtomicU32::new(0);
    extern "C" fn handler(_: libc::c_int) {
        HANDLED.fetch_add(1, Relaxed);
    }
    // SAFETY: all zeroes is a valid sigaction.
    let mut action: libc::sigaction = unsafe { core::mem::zeroed() };
    action.sa_sigaction = handler as *const () as usize;
    // SAFETY: the handler is async-signal-safe, and `action` is initialised.
    let result = unsafe { libc::sigaction(libc::SIGUSR1, &action, core::ptr::null_mut()) };
    assert_eq!(result, 0);
    crate::sys::uninterrupted(|| {
        // SAFETY: there is a handler. It returns when that has run, unless it is held back.
        unsafe { libc::raise(libc::SIGUSR1) };
        assert_eq!(HANDLED.load(Relaxed), 0);
    });
    assert_eq!(HANDLED.load(Relaxed), 1);
}

#[cfg(any(target_os = "linux", target_os = "freebsd", windows))]
mod once_decided {
    use crate::barrier::Strategy;
    use crate::sys::platform::once_decided::{FORCED, OnceDecided};
    use std::sync::{Barrier, Mutex};
    use std::vec::Vec;

    #[test]
    fn a_refusal_means_fences_and_stays() {
        if FORCED {
            // Then it means nothing.
            let decision = OnceDecided::new();
            assert_eq!(decision.decide(|| false), Strategy::ProcessBarrier);
            return;
        }
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
