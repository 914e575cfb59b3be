//! Arms, polls, cancels and turns on several threads at once.

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::thread;

use pintle_core::model::full;
use pintle_time::{Clock, Duration, Sleep, Timer};
use support::{Count, poll};

static NOW: AtomicU64 = AtomicU64::new(0);
static TIMER: Timer = Timer::new(Clock::new(Duration::from_micros(1), || NOW.load(SeqCst)));

/// A small generator (xorshift64), so that each run is the same but for the schedule.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Calls a function when it is dropped, so that a thread that panics keeps no other waiting.
struct Finally<F: FnMut()>(F);

impl<F: FnMut()> Drop for Finally<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

struct Armed {
    sleep: Pin<Box<Sleep<'static>>>,
    deadline: u64,
    count: Arc<Count>,
}

#[test]
fn everything_at_once() {
    const ARMING: usize = 3;
    let rounds = if full() { 1_000_000 } else { 60_000 };
    let arming = AtomicUsize::new(ARMING);
    let woken = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);

    thread::scope(|scope| {
        for seed in 1..=ARMING as u64 {
            let (arming, woken, stop) = (&arming, &woken, &stop);
            scope.spawn(move || {
                let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let done = Finally(|| _ = arming.fetch_sub(1, SeqCst));
                let mut sleeps: Vec<Armed> = Vec::new();
                for _ in 0..rounds {
                    match random.below(10) {
                        0..5 => {
                            let ticks = 1 + (random.below(1 << 20) >> random.below(20));
                            let deadline = NOW.load(SeqCst) + ticks;
                            let mut sleep = Box::pin(TIMER.sleep_ticks(ticks));
                            let count = Count::new();
                            if poll(sleep.as_mut(), count.clone()).is_pending() {
                                sleeps.push(Armed {
                                    sleep,
                                    deadline,
                                    count,
                                });
                            }
                        }
                        5..7 if !sleeps.is_empty() => {
                            let index = random.below(sleeps.len() as u64) as usize;
                            let Armed {
                                sleep,
                                deadline,
                                count,
                            } = sleeps.swap_remove(index);
                            drop(sleep);
                            // It may have been fired, but not early, and its waker is let go
                            // as soon as it has been woken.
                            assert!(count.get() == 0 || NOW.load(SeqCst) >= deadline);
                            assert!(count.get() <= 1);
                            woken.fetch_add(count.get(), SeqCst);
                            let Ok(_) = settle(count) else {
                                panic!("a waker was left behind")
                            };
                        }
                        7 if !sleeps.is_empty() => {
                            let index = random.below(sleeps.len() as u64) as usize;
                            let ticks = 1 + (random.below(1 << 20) >> random.below(20));
                            let armed = &mut sleeps[index];
                            armed.deadline = NOW.load(SeqCst) + ticks;
                            armed.sleep.as_mut().reset_ticks(ticks);
                            // If it was fired before, it starts with this poll; else it has moved.
                            let count = Count::new();
                            if poll(armed.sleep.as_mut(), count.clone()).is_pending() {
                                armed.count = count;
                            } else {
                                assert!(NOW.load(SeqCst) >= armed.deadline);
                                drop(sleeps.swap_remove(index));
                            }
                        }
                        _ if !sleeps.is_empty() => {
                            let index = random.below(sleeps.len() as u64) as usize;
                            let Armed {
                                sleep, deadline, ..
                            } = &mut sleeps[index];
                            let count = Count::new();
                            let ready = poll(sleep.as_mut(), count.clone()).is_ready();
                            assert!(!ready || NOW.load(SeqCst) >= *deadline);
                            let armed = &mut sleeps[index];
                            if ready {
                                let armed = sleeps.swap_remove(index);
                                woken.fetch_add(armed.count.get(), SeqCst);
                            } else {
                                let old = std::mem::replace(&mut armed.count, count);
                                assert_eq!(old.get(), 0, "the old waker was woken");
                            }
                        }
                        _ => {}
                    }
                }
                drop(done);
                // All that are left end, each woken once or found past its deadline.
                while !stop.load(SeqCst) {
                    thread::yield_now();
                }
                for mut armed in sleeps {
                    assert!(poll(armed.sleep.as_mut(), Count::new()).is_ready());
                    assert_eq!(armed.count.get(), 1);
                    woken.fetch_add(1, SeqCst);
                }
            });
        }
        let turners: Vec<_> = (0..2)
            .map(|i| {
                let arming = &arming;
                scope.spawn(move || {
                    while arming.load(SeqCst) > 0 {
                        NOW.fetch_add(17, SeqCst);
                        if i == 0 {
                            TIMER.turn();
                        } else {
                            TIMER.try_turn();
                        }
                    }
                })
            })
            .collect();
        let _stop = Finally(|| stop.store(true, SeqCst));
        for turner in turners {
            turner.join().unwrap();
        }
        NOW.fetch_add(1 << 21, SeqCst);
        TIMER.turn();
    });
    assert!(!TIMER.turn().has_remaining());
    assert!(woken.load(SeqCst) > 0);
}

/// Waits until a count's waker, which a turn may still be about to wake, is gone.
fn settle(count: Arc<Count>) -> Result<Count, Arc<Count>> {
    let mut count = count;
    for _ in 0..1_000_000 {
        match Arc::try_unwrap(count) {
            Ok(count) => return Ok(count),
            Err(shared) => count = shared,
        }
        thread::yield_now();
    }
    Err(count)
}
