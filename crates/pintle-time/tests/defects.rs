//! What the reference timer gets wrong, one test for each: the numbers are those of the project's
//! list of known defects. (25, `Instant::elapsed`, is in `global.rs`.)

mod support;

use std::future::{pending, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use pintle_time::{Duration, Sleep, TimerError};
use support::{Call, Count, MS, call, go, poll, set_now, static_timer, timer};

/// 21: a sleep that crosses a boundary of 2^36 ticks made `turn` spin until the clock passed it.
#[test]
fn a_sleep_across_a_level_boundary_neither_spins_nor_is_lost() {
    for level in 1..=10 {
        let boundary = 1_u64 << (6 * level);
        for before in [1, 2, 63, 64, 65] {
            set_now(boundary - before.min(boundary));
            let timer = timer(MS);
            timer.turn();
            let mut sleep = pin!(timer.sleep_ticks(before + 10));
            let count = Count::new();
            assert!(poll(sleep.as_mut(), count.clone()).is_pending());
            for _ in 1..before + 10 {
                // Each of these ends.
                let turn = timer.turn();
                assert_eq!(turn.expired, 0);
                go(1);
            }
            assert_eq!(timer.turn().expired, 0);
            assert_eq!(timer.turn().ticks_to_next_deadline(), Some(1));
            go(1);
            assert_eq!(timer.turn().expired, 1);
            assert_eq!(count.get(), 1);
        }
    }
}

/// 21, its class: the end of `u64`, and a clock that jumps by years.
#[test]
fn the_end_of_time() {
    set_now(0);
    let timer = timer(MS);
    let mut last = pin!(timer.sleep_ticks(u64::MAX));
    let mut years = pin!(timer.sleep(Duration::from_secs(10 * 365 * 86_400)));
    let count = Count::new();
    assert!(poll(last.as_mut(), count.clone()).is_pending());
    assert!(poll(years.as_mut(), count.clone()).is_pending());
    set_now(10 * 365 * 86_400 * 1000);
    assert_eq!(timer.turn().expired, 0);
    go(1);
    assert_eq!(timer.turn().expired, 1);
    set_now(u64::MAX - 1);
    let turn = timer.turn();
    assert_eq!((turn.expired, turn.ticks_to_next_deadline()), (0, Some(1)));
    go(1);
    assert_eq!(timer.turn().expired, 1);
    // The count cannot grow any more; what starts now ends now.
    assert!(poll(pin!(timer.sleep_ticks(1)), count.clone()).is_ready());
    assert!(poll(pin!(timer.sleep(MS)), count.clone()).is_ready());
    assert_eq!(count.get(), 2);
}

/// By reading: `sleep_ticks(u64::MAX)` overflowed.
#[test]
fn ticks_saturate() {
    set_now(5);
    let timer = timer(MS);
    let mut sleep = pin!(timer.sleep_ticks(u64::MAX));
    assert_eq!(sleep.duration(), Duration::from_millis(u64::MAX));
    assert!(poll(sleep.as_mut(), Count::new()).is_pending());
    set_now(u64::MAX - 1);
    assert_eq!(timer.turn().expired, 0);
    set_now(u64::MAX);
    assert_eq!(timer.turn().expired, 1);
}

type Shared = Mutex<Vec<Pin<Box<Sleep<'static>>>>>;

/// 22: wakers ran under the timer's lock, and one that started a sleep deadlocked.
#[test]
fn wakers_may_start_cancel_and_turn() {
    set_now(0);
    let timer = static_timer(MS);
    let sleeps: Arc<Shared> = Arc::default();
    let count = Count::new();
    // Due together with those that the wakers drop, and more than a batch of them.
    for _ in 0..50 {
        let waker = call({
            let (sleeps, count) = (sleeps.clone(), count.clone());
            move || {
                // Cancels one of the same batch, of the same slot, or fired already …
                let cancelled = sleeps.lock().unwrap().pop();
                drop(cancelled);
                // … starts another one, and turns the timer that is being turned.
                let mut sleep = Box::pin(timer.sleep_ticks(1));
                assert!(poll(sleep.as_mut(), count.clone()).is_pending());
                sleeps.lock().unwrap().insert(0, sleep);
                timer.turn();
            }
        });
        let mut sleep = Box::pin(timer.sleep_ticks(10));
        assert!(poll(sleep.as_mut(), waker).is_pending());
        sleeps.lock().unwrap().push(sleep);
    }
    go(10);
    timer.turn();
    assert_eq!(count.get(), 0);
    assert!(timer.turn().has_remaining());
    go(1);
    let expired = timer.turn().expired;
    assert!(expired > 0);
    assert_eq!(count.get(), expired);
    assert!(!timer.turn().has_remaining());
}

/// 22, its class: a waker that is cloned or dropped under the lock.
#[test]
fn wakers_are_cloned_and_dropped_outside_the_lock() {
    use std::task::{RawWaker, RawWakerVTable};

    // Whatever is done to this waker, it turns the timer, which needs the lock.
    const VTABLE: RawWakerVTable = RawWakerVTable::new(
        |timer| {
            turn(timer);
            RawWaker::new(timer, &VTABLE)
        },
        turn,
        turn,
        turn,
    );
    fn turn(timer: *const ()) {
        // SAFETY: all wakers of this test are made of a `&'static Timer`.
        unsafe { &*timer.cast::<pintle_time::Timer>() }.turn();
    }

    set_now(0);
    let timer = static_timer(MS);
    let data = std::ptr::from_ref(timer).cast();
    // SAFETY: the functions keep to the contract: there is nothing to own, and the timer is Sync.
    let waker = unsafe { Waker::from_raw(RawWaker::new(data, &VTABLE)) };
    let new = || Box::pin(timer.sleep_ticks(1));

    let mut fired = new();
    assert!(poll(fired.as_mut(), waker.clone()).is_pending());
    let mut renewed = new();
    assert!(poll(renewed.as_mut(), waker.clone()).is_pending());
    assert!(poll(renewed.as_mut(), Count::new()).is_pending());
    assert!(poll(renewed.as_mut(), waker.clone()).is_pending());
    let mut cancelled = new();
    assert!(poll(cancelled.as_mut(), waker.clone()).is_pending());
    drop(cancelled);
    go(1);
    let mut late = new();
    assert!(poll(renewed.as_mut(), waker.clone()).is_ready());
    // Dropping that one's waker has turned the timer.
    assert_eq!(timer.turn().expired, 0);
    assert!(poll(fired.as_mut(), waker.clone()).is_ready());
    assert!(poll(late.as_mut(), waker.clone()).is_pending());
    go(1);
    assert!(poll(late.as_mut(), waker).is_ready());
}

/// 26: a sleep of less than a tick was over at once, and others ended up to a tick early.
#[test]
fn durations_round_up() {
    set_now(7);
    let timer = timer(10 * MS);
    let mut sleep = pin!(timer.sleep(9 * MS));
    let count = Count::new();
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    // Tick 7 had begun, perhaps 9.9 ms ago.
    go(1);
    assert_eq!(timer.turn().expired, 0);
    assert!(poll(sleep.as_mut(), count.clone()).is_pending());
    go(1);
    assert_eq!(timer.turn().expired, 1);
    assert!(poll(sleep.as_mut(), count).is_ready());
    assert_eq!(sleep.duration(), 9 * MS);
}

#[test]
fn no_time_at_all_is_over_at_once() {
    set_now(7);
    let timer = timer(10 * MS);
    assert!(poll(pin!(timer.sleep(Duration::ZERO)), Count::new()).is_ready());
    assert!(poll(pin!(timer.sleep_ticks(0)), Count::new()).is_ready());
    assert!(!timer.turn().has_remaining());
}

/// 27: a value that was ready was thrown away if the time was over, too.
#[test]
fn a_timeout_returns_a_late_value() {
    set_now(0);
    let timer = timer(MS);
    let mut late = pin!(timer.timeout(
        5 * MS,
        poll_fn(|_| {
            if support::now() < 100 {
                Poll::Pending
            } else {
                Poll::Ready("late")
            }
        })
    ));
    let count = Count::new();
    assert!(poll(late.as_mut(), count.clone()).is_pending());
    go(100);
    assert_eq!(timer.turn().expired, 1);
    assert_eq!(count.get(), 1);
    assert_eq!(poll(late.as_mut(), count), Poll::Ready(Ok("late")));

    let mut at_once = pin!(timer.timeout(Duration::ZERO, ready(1)));
    assert_eq!(poll(at_once.as_mut(), Count::new()), Poll::Ready(Ok(1)));
}

#[test]
fn a_timeout_gives_up() {
    set_now(0);
    let timer = timer(MS);
    let mut stuck = pin!(timer.timeout(5 * MS, pending::<()>()));
    let count = Count::new();
    assert!(poll(stuck.as_mut(), count.clone()).is_pending());
    go(5);
    timer.turn();
    assert!(poll(stuck.as_mut(), count.clone()).is_pending());
    go(1);
    timer.turn();
    assert_eq!(count.get(), 1);
    let Poll::Ready(Err(elapsed)) = poll(stuck.as_mut(), count) else {
        panic!()
    };
    assert_eq!(elapsed.duration(), 5 * MS);
    assert_eq!(elapsed.to_string(), "timed out after 5ms");
    // Giving up at once needs a turn of nobody.
    let mut never = pin!(timer.timeout(Duration::ZERO, pending::<()>()));
    assert!(matches!(
        poll(never.as_mut(), Count::new()),
        Poll::Ready(Err(_))
    ));
}

#[test]
fn a_timeout_lends_its_future() {
    let timer = timer(MS);
    let mut timeout = timer.timeout(MS, ready(1));
    assert_eq!(timeout.duration(), MS);
    *timeout.get_mut() = ready(2);
    let _: &std::future::Ready<i32> = timeout.get_ref();
    assert_eq!(
        poll(pin!(timeout.into_inner()), Count::new()),
        Poll::Ready(2)
    );
    let mut timeout = pin!(timer.timeout(MS, ready(3)));
    assert_eq!(
        poll(timeout.as_mut().get_pin_mut(), Count::new()),
        Poll::Ready(3)
    );
}

/// A later deadline must not overwrite an earlier one, in whichever order they come.
#[test]
fn the_earliest_deadline_is_reported() {
    set_now(0);
    let timer = timer(MS);
    let mut sleeps = Vec::new();
    for (ticks, next) in [
        (500, 500),
        (9000, 500),
        (20, 20),
        (1 << 40, 20),
        (3, 3),
        (4, 3),
    ] {
        let mut sleep = Box::pin(timer.sleep_ticks(ticks));
        assert!(poll(sleep.as_mut(), Count::new()).is_pending());
        sleeps.push(sleep);
        assert_eq!(timer.turn().ticks_to_next_deadline(), Some(next));
    }
    sleeps.pop();
    sleeps.pop();
    assert_eq!(timer.turn().ticks_to_next_deadline(), Some(20));
    assert_eq!(timer.turn().time_to_next_deadline(), Some(20 * MS));
    assert_eq!(timer.next_deadline(), Some(sleeps[2].deadline()));
}

/// Time that passes while a turn wakes is not forgotten: a turn of more than one batch looks again.
#[test]
fn a_long_turn_reads_the_clock_again() {
    set_now(0);
    let timer = static_timer(MS);
    let slow = Waker::from(Arc::new(Call(|| go(1))));
    let mut sleeps: Vec<_> = (0..50).map(|_| Box::pin(timer.sleep_ticks(5))).collect();
    for sleep in &mut sleeps {
        assert!(poll(sleep.as_mut(), slow.clone()).is_pending());
    }
    let count = Count::new();
    let mut next = Box::pin(timer.sleep_ticks(30));
    assert!(poll(next.as_mut(), count.clone()).is_pending());
    go(5);
    let turn = timer.turn();
    assert_eq!((turn.now, turn.expired), (55, 51));
    assert_eq!(count.get(), 1);
}

#[test]
fn too_long_is_an_error() {
    set_now(0);
    let timer = timer(MS);
    let max = timer.max_duration();
    assert_eq!(max, Duration::from_millis(u64::MAX));
    assert!(timer.try_sleep(max).is_ok());
    let requested = max + Duration::from_nanos(1);
    let error = TimerError::DurationTooLong { requested, max };
    assert_eq!(timer.try_sleep(requested).err(), Some(error));
    assert_eq!(
        timer.try_timeout(requested, pending::<()>()).err(),
        Some(error)
    );
    assert!(error.to_string().contains("longer than"));
}

#[test]
#[should_panic = "longer than the timer's maximum"]
fn too_long_panics() {
    drop(timer(MS).sleep(Duration::MAX));
}

/// A turn's word on the next deadline counts the sleeps that its own wakers have started.
#[test]
fn a_waker_that_sleeps_on_is_in_the_turns_next_deadline() {
    // In its only batch; in its last of many; in the one after it has looked at the clock again.
    for before in [0, 16, 40] {
        set_now(0);
        let timer = static_timer(MS);
        let started: Arc<Shared> = Arc::default();
        let mut sleeps: Vec<_> = (0..before)
            .map(|_| Box::pin(timer.sleep_ticks(5)))
            .collect();
        for sleep in &mut sleeps {
            assert!(poll(sleep.as_mut(), call(|| ())).is_pending());
        }
        let waker = call({
            let started = started.clone();
            move || {
                let mut sleep = Box::pin(timer.sleep_ticks(3));
                assert!(poll(sleep.as_mut(), Count::new()).is_pending());
                started.lock().unwrap().push(sleep);
            }
        });
        let mut last = Box::pin(timer.sleep_ticks(5));
        assert!(poll(last.as_mut(), waker).is_pending());
        go(5);
        for expected in [before + 1, 0] {
            let turn = timer.turn();
            assert_eq!(turn.expired, expected);
            assert_eq!(turn.ticks_to_next_deadline(), Some(3));
        }
    }
}
