//! The kernel objects of Windows, in one process. `cargo xtask run-on windows` runs them under Wine.
#![cfg(all(not(loom), windows))]

use core::time::Duration;
use pintle_park::Deadline;
use pintle_park::windows::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::{thread, time::Instant};

const ACCESS_DENIED: u32 = 5;
const INVALID_PARAMETER: u32 = 87;
const TOO_MANY_POSTS: u32 = 298;

/// A name that nobody else has.
fn name() -> Name {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let (process, number) = (std::process::id(), NEXT.fetch_add(1, Relaxed));
    Name::new(&format!("Local\\pintle-park test {process} {number}")).unwrap()
}

/// In another thread, whose end leaves what it owns.
fn elsewhere<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(f).join().unwrap())
}

/// A thread ends as its owner.
fn abandon(mutex: &Mutex) {
    elsewhere(|| core::mem::forget(mutex.lock().unwrap()));
}

// === Mutex ===

#[test]
fn a_mutex_excludes() {
    const THREADS: usize = 3;
    const ROUNDS: usize = 500;
    struct Count(Cell<usize>);
    // SAFETY: the mutex excludes, which is what is tested.
    unsafe impl Sync for Count {}

    let mutex = Mutex::new().unwrap();
    let count = Count(Cell::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (mutex, count) = (&mutex, &count);
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    let guard = mutex.lock().unwrap();
                    assert!(!guard.is_abandoned());
                    let seen = count.0.get();
                    thread::yield_now();
                    count.0.set(seen + 1);
                }
            });
        }
    });
    assert_eq!(count.0.get(), THREADS * ROUNDS);
}

#[test]
fn a_mutex_is_recursive_for_its_thread() {
    let mutex = Mutex::new().unwrap();
    let outer = mutex.lock().unwrap().into_guard();
    let inner = mutex.try_lock().unwrap().expect("it is ours");
    let free = || elsewhere(|| mutex.try_lock().unwrap().is_some());
    assert!(!free());
    drop(inner);
    assert!(!free());
    drop(outer);
    assert!(free());
}

#[test]
fn a_mutex_whose_owner_has_ended_is_abandoned_once() {
    let mutex = Mutex::new().unwrap();
    abandon(&mutex);
    let acquired = mutex.lock().unwrap();
    assert!(matches!(acquired, Acquired::Abandoned(_)), "{acquired:?}");
    drop(acquired);
    assert!(matches!(mutex.lock().unwrap(), Acquired::Locked(_)));
}

/// It waits already when the owner ends.
#[test]
fn a_waiter_gets_an_abandoned_mutex() {
    let mutex = Mutex::new().unwrap();
    let owned = Event::new(Reset::Manual, false).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            core::mem::forget(mutex.lock().unwrap());
            owned.set().unwrap();
            thread::sleep(Duration::from_millis(30));
        });
        owned.wait().unwrap();
        let acquired = mutex.lock_timeout(Duration::from_secs(60)).unwrap();
        assert!(acquired.expect("its owner has ended").is_abandoned());
    });
}

// === Event ===

#[test]
fn an_auto_reset_event_ends_one_wait() {
    let event = Event::new(Reset::Auto, true).unwrap();
    event.set().unwrap();
    let look = || event.wait_timeout(Duration::ZERO).unwrap();
    assert_eq!(look(), SignalOutcome::Signaled, "it is set from the start");
    assert_eq!(look(), SignalOutcome::TimedOut, "it does not count");
    event.set().unwrap();
    event.reset().unwrap();
    assert_eq!(look(), SignalOutcome::TimedOut);
}

#[test]
fn a_manual_reset_event_ends_every_wait() {
    let event = Event::new(Reset::Manual, false).unwrap();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| event.wait().unwrap());
        }
        event.set().unwrap();
    });
    event.wait().unwrap();
    event.reset().unwrap();
    let outcome = event.wait_timeout(Duration::ZERO).unwrap();
    assert_eq!(outcome, SignalOutcome::TimedOut);
}

#[test]
fn no_hand_over_is_lost() {
    let rounds = if pintle_core::model::full() {
        100_000
    } else {
        1_000
    };
    let (ping, pong) = (
        Event::new(Reset::Auto, false).unwrap(),
        Event::new(Reset::Auto, false).unwrap(),
    );
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..rounds {
                ping.wait().unwrap();
                pong.set().unwrap();
            }
        });
        for _ in 0..rounds {
            ping.set().unwrap();
            pong.wait().unwrap();
        }
    });
}

#[test]
fn a_hundred_timeouts_and_none_early() {
    let event = Event::new(Reset::Auto, false).unwrap();
    let semaphore = Semaphore::new(0, 1).unwrap();
    let mutex = Mutex::new().unwrap();
    let objects = [(&event).into(), (&semaphore).into()];
    for round in 0..100 {
        let timeout = Duration::from_micros(round * 37);
        let start = Instant::now();
        let deadline = Deadline::after(timeout);
        let timed_out = match round % 5 {
            0 => event.wait_until(deadline).unwrap() == SignalOutcome::TimedOut,
            1 => semaphore.wait_until(deadline).unwrap() == SignalOutcome::TimedOut,
            2 => {
                let _guard = mutex.lock().unwrap();
                elsewhere(|| mutex.lock_until(deadline).unwrap().is_none())
            }
            3 => matches!(wait_any_until(&objects, deadline), Ok(AnyOutcome::TimedOut)),
            _ => matches!(wait_all_until(&objects, deadline), Ok(AllOutcome::TimedOut)),
        };
        assert!(timed_out);
        assert!(start.elapsed() >= timeout, "{timeout:?} was early");
    }
}

#[test]
fn the_longest_timeout_is_none() {
    let event = Event::new(Reset::Auto, false).unwrap();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| event.wait_timeout(Duration::MAX).unwrap());
        thread::sleep(Duration::from_millis(20));
        event.set().unwrap();
        assert_eq!(waiter.join().unwrap(), SignalOutcome::Signaled);
    });
}

// === Semaphore ===

#[test]
fn a_semaphore_counts_to_its_maximum() {
    let semaphore = Semaphore::new(1, 3).unwrap();
    assert_eq!(semaphore.release(2), Ok(1));
    assert!(semaphore.release(0).is_err());
    assert!(semaphore.release(u32::MAX).is_err());
    let too_many = semaphore.release(1).unwrap_err();
    assert_eq!(too_many.raw(), TOO_MANY_POSTS);
    for _ in 0..3 {
        semaphore.wait().unwrap();
    }
    let outcome = semaphore.wait_timeout(Duration::ZERO).unwrap();
    assert_eq!(outcome, SignalOutcome::TimedOut);

    let refused = |count, maximum| Semaphore::new(count, maximum).unwrap_err().code().raw();
    assert_eq!(refused(2, 1), INVALID_PARAMETER);
    assert_eq!(refused(0, 0), INVALID_PARAMETER);
    assert_eq!(refused(0, u32::MAX), INVALID_PARAMETER);
}

// === WaitableTimer ===

/// On Windows itself a timer may come early by part of a tick of 16 ms; on Wine it does not.
const TICK: Duration = Duration::from_millis(16);

#[test]
fn a_timer_comes_once() {
    let timer = WaitableTimer::new(Reset::Auto).unwrap();
    let start = Instant::now();
    timer.set(Due::After(3 * TICK), None).unwrap();
    timer.wait().unwrap();
    assert!(start.elapsed() >= 2 * TICK);
    let outcome = timer.wait_timeout(2 * TICK).unwrap();
    assert_eq!(outcome, SignalOutcome::TimedOut);
}

#[test]
fn a_periodic_timer_comes_again_and_again() {
    let timer = WaitableTimer::new(Reset::Auto).unwrap();
    let start = Instant::now();
    timer.set(Due::After(TICK), Some(TICK)).unwrap();
    for _ in 0..6 {
        timer.wait().unwrap();
    }
    assert!(start.elapsed() >= 5 * TICK);
    timer.cancel().unwrap();
    // It may have come once more meanwhile.
    let _ = timer.wait_timeout(Duration::ZERO).unwrap();
    let outcome = timer.wait_timeout(3 * TICK).unwrap();
    assert_eq!(outcome, SignalOutcome::TimedOut, "it is cancelled");
}

#[test]
fn a_manual_reset_timer_stays_until_it_is_set_anew() {
    let timer = WaitableTimer::new(Reset::Manual).unwrap();
    timer.set(Due::After(Duration::ZERO), None).unwrap();
    timer.wait().unwrap();
    timer.wait().unwrap();
    timer
        .set(Due::After(Duration::from_secs(3600)), None)
        .unwrap();
    let outcome = timer.wait_timeout(Duration::ZERO).unwrap();
    assert_eq!(outcome, SignalOutcome::TimedOut);
}

#[cfg(feature = "std")]
#[test]
fn a_timer_comes_at_a_time() {
    use std::time::SystemTime;

    let timer = WaitableTimer::new(Reset::Auto).unwrap();
    let time = SystemTime::now() + 3 * TICK;
    timer.set(Due::At(time.into()), None).unwrap();
    timer.wait().unwrap();
    assert!(SystemTime::now() + TICK >= time);
    // One that has passed.
    timer.set(Due::At(FileTime::from_ticks(1)), None).unwrap();
    timer.wait().unwrap();
}

#[test]
fn the_longest_time_does_not_come() {
    let timer = WaitableTimer::new(Reset::Auto).unwrap();
    for due in [
        Due::After(Duration::MAX),
        Due::After(Duration::from_secs(u64::MAX / 2)),
        Due::At(FileTime::from_ticks(u64::MAX)),
    ] {
        timer.set(due, None).unwrap();
        let outcome = timer.wait_timeout(Duration::from_millis(5)).unwrap();
        assert_eq!(outcome, SignalOutcome::TimedOut, "{due:?}");
    }
}

#[test]
fn a_period_has_bounds() {
    let timer = WaitableTimer::new(Reset::Auto).unwrap();
    let set = |period| timer.set(Due::After(Duration::from_secs(3600)), Some(period));
    assert_eq!(set(Duration::ZERO), Err(TimerError::Period));
    assert_eq!(set(Duration::MAX), Err(TimerError::Period));
    let longest = Duration::from_millis(i32::MAX as u64);
    assert_eq!(
        set(longest + Duration::from_nanos(1)),
        Err(TimerError::Period)
    );
    assert_eq!(set(longest), Ok(()));
    assert_eq!(set(Duration::from_nanos(1)), Ok(()));
}

// === Names and access ===

#[test]
fn a_name_is_utf_16_in_place() {
    assert_eq!(Name::new(""), Err(NameError::Empty));
    assert_eq!(Name::new("a\0"), Err(NameError::Zero));
    assert_eq!(Name::from_wide(&[0]), Err(NameError::Zero));
    assert_eq!(Name::new(&"x".repeat(260)), Err(NameError::TooLong));
    // Two units each.
    assert_eq!(Name::new(&"🦀".repeat(130)), Err(NameError::TooLong));
    assert_eq!(Name::new(&"🦀".repeat(129)).unwrap().as_wide().len(), 258);
    let longest = Name::new(&"x".repeat(259)).unwrap();
    assert!(
        Event::create(&longest, Reset::Auto, false, Access::All)
            .unwrap()
            .is_new()
    );
    assert_eq!(Name::new("ä").unwrap(), Name::from_wide(&[0xe4]).unwrap());
    assert_eq!(
        format!("{:?}", Name::from_wide(&[97, 0xd800]).unwrap()),
        "\"a\\u{d800}\""
    );
}

#[test]
fn who_creates_what_exists_is_told() {
    let name = name();
    let missing = |error| assert_eq!(error, ObjectError::NotFound);
    missing(Event::open(&name, Access::All).unwrap_err());
    missing(Mutex::open(&name, Access::All).unwrap_err());
    missing(Semaphore::open(&name, Access::All).unwrap_err());
    missing(WaitableTimer::open(&name, Access::All).unwrap_err());

    let first = Event::create(&name, Reset::Manual, false, Access::All).unwrap();
    assert!(first.is_new());
    // What the second asks for is ignored.
    let second = Event::create(&name, Reset::Auto, true, Access::All).unwrap();
    assert!(matches!(second, Created::Existed(_)));
    let (first, second) = (first.into_inner(), second.into_inner());
    let look = |event: &Event| event.wait_timeout(Duration::ZERO).unwrap();
    assert_eq!(look(&second), SignalOutcome::TimedOut);
    first.set().unwrap();
    assert_eq!(look(&second), SignalOutcome::Signaled);
    assert_eq!(look(&first), SignalOutcome::Signaled, "it is reset by hand");

    // All kinds share their names.
    let other_kind = |error| assert_eq!(error, ObjectError::OtherKind);
    other_kind(Mutex::create(&name, Access::All).unwrap_err());
    other_kind(Mutex::open(&name, Access::All).unwrap_err());
    other_kind(Semaphore::create(&name, 0, 1, Access::All).unwrap_err());
    other_kind(WaitableTimer::create(&name, Reset::Auto, Access::All).unwrap_err());

    // It goes with its last handle.
    drop((first, second));
    missing(Event::open(&name, Access::All).unwrap_err());
}

#[test]
fn every_kind_can_be_created_and_opened_by_name() {
    let (mutex, semaphore, timer) = (name(), name(), name());
    let created = Mutex::create(&mutex, Access::All).unwrap().into_inner();
    let _guard = created.lock().unwrap();
    let opened = Mutex::open(&mutex, Access::Wait).unwrap();
    assert!(elsewhere(|| opened.try_lock().unwrap().is_none()));

    let created = Semaphore::create(&semaphore, 0, 5, Access::All).unwrap();
    let opened = Semaphore::open(&semaphore, Access::WaitAndModify).unwrap();
    assert_eq!(created.into_inner().release(2), Ok(0));
    opened.wait().unwrap();

    let created = WaitableTimer::create(&timer, Reset::Auto, Access::All).unwrap();
    let opened = WaitableTimer::open(&timer, Access::Wait).unwrap();
    created
        .into_inner()
        .set(Due::After(Duration::ZERO), None)
        .unwrap();
    opened.wait().unwrap();
}

#[test]
fn a_handle_grants_what_it_was_opened_for() {
    fn denied<T: core::fmt::Debug>(result: Result<T, ErrorCode>) {
        assert_eq!(result.unwrap_err().raw(), ACCESS_DENIED);
    }

    let event_name = name();
    let all = Event::create(&event_name, Reset::Manual, false, Access::All).unwrap();
    let wait = Event::open(&event_name, Access::Wait).unwrap();
    let modify = Event::open(&event_name, Access::Modify).unwrap();
    denied(wait.set());
    denied(wait.reset());
    denied(modify.wait());
    denied(modify.wait_timeout(Duration::ZERO));
    modify.set().unwrap();
    wait.wait().unwrap();
    let objects = [(&wait).into(), (&modify).into()];
    let denied_too = WaitManyError::Other(ErrorCode::from_raw(ACCESS_DENIED));
    assert_eq!(wait_any(&objects).unwrap_err(), denied_too);
    drop(all);

    let timer_name = name();
    let all = WaitableTimer::create(&timer_name, Reset::Auto, Access::All).unwrap();
    let wait = WaitableTimer::open(&timer_name, Access::Wait).unwrap();
    denied(wait.cancel());
    let due = Due::After(Duration::ZERO);
    let denied_too = TimerError::Other(ErrorCode::from_raw(ACCESS_DENIED));
    assert_eq!(wait.set(due, None), Err(denied_too));
    drop(all);

    let semaphore_name = name();
    let all = Semaphore::create(&semaphore_name, 0, 1, Access::All).unwrap();
    denied(
        Semaphore::open(&semaphore_name, Access::Wait)
            .unwrap()
            .release(1),
    );
    drop(all);

    let mutex_name = name();
    let all = Mutex::create(&mutex_name, Access::All).unwrap();
    denied(Mutex::open(&mutex_name, Access::Modify).unwrap().lock());
    drop(all);
}

#[test]
fn a_raw_handle_can_be_taken_over() {
    let event = core::mem::ManuallyDrop::new(Event::new(Reset::Auto, false).unwrap());
    // SAFETY: it is an open event, and the first owner does not close it.
    let event = unsafe { Event::from_raw_handle(event.as_raw_handle()) };
    event.set().unwrap();
    event.wait().unwrap();
}
