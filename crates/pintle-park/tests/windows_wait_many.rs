//! Waiting for several kernel objects of Windows. `cargo xtask run-on windows` runs them under Wine.
#![cfg(all(not(loom), windows))]

use core::time::Duration;
use pintle_park::Deadline;
use pintle_park::windows::*;
use std::thread;

/// In another thread, whose end leaves what it owns.
fn elsewhere<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(f).join().unwrap())
}

/// A thread ends as its owner.
fn abandon(mutex: &Mutex) {
    elsewhere(|| core::mem::forget(mutex.lock().unwrap()));
}

fn events<const N: usize>() -> [Event; N] {
    core::array::from_fn(|_| Event::new(Reset::Auto, false).unwrap())
}

#[test]
fn waiting_for_any_names_the_first_and_takes_its_signal_alone() {
    let events = events::<5>();
    let objects = events.each_ref().map(Waitable::from);
    for index in [4, 0, 2] {
        events[index].set().unwrap();
        let outcome = wait_any(&objects).unwrap();
        assert!(matches!(outcome, AnyOutcome::Signaled(it) if it == index));
    }
    events[3].set().unwrap();
    events[1].set().unwrap();
    assert!(matches!(
        wait_any(&objects).unwrap(),
        AnyOutcome::Signaled(1)
    ));
    assert!(matches!(
        wait_any(&objects).unwrap(),
        AnyOutcome::Signaled(3)
    ));
    let outcome = wait_any_until(&objects, Deadline::now()).unwrap();
    assert!(matches!(outcome, AnyOutcome::TimedOut));
}

#[test]
fn waiting_for_any_wakes_up() {
    let events = events::<3>();
    let objects = events.each_ref().map(Waitable::from);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            events[2].set().unwrap();
        });
        assert!(matches!(
            wait_any(&objects).unwrap(),
            AnyOutcome::Signaled(2)
        ));
    });
}

#[test]
fn waiting_for_any_locks_a_mutex() {
    let [event] = events();
    let mutex = Mutex::new().unwrap();
    let objects = [(&event).into(), (&mutex).into()];
    let outcome = wait_any(&objects).unwrap();
    assert!(matches!(outcome, AnyOutcome::Locked(1, _)), "{outcome:?}");
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_none()));
    drop(outcome);
    abandon(&mutex);
    let outcome = wait_any(&objects).unwrap();
    assert!(
        matches!(outcome, AnyOutcome::Abandoned(1, _)),
        "{outcome:?}"
    );
    drop(outcome);
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_some()));
}

#[test]
fn waiting_for_all_takes_none_before_the_last() {
    let [event] = events();
    let semaphore = Semaphore::new(1, 1).unwrap();
    let mutex = Mutex::new().unwrap();
    let objects = [(&event).into(), (&semaphore).into(), (&mutex).into()];
    let look = || wait_all_until(&objects, Deadline::now()).unwrap();
    assert!(matches!(look(), AllOutcome::TimedOut));
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_some()));
    semaphore.wait().unwrap();
    semaphore.release(1).unwrap();

    event.set().unwrap();
    let outcome = wait_all(&objects).unwrap();
    assert!(matches!(outcome, AllOutcome::Signaled(_)), "{outcome:?}");
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_none()));
    assert_eq!(semaphore.release(1), Ok(0));
    drop(outcome);
    assert!(elsewhere(|| mutex.try_lock().unwrap().is_some()));

    event.set().unwrap();
    abandon(&mutex);
    let outcome = look();
    assert!(matches!(outcome, AllOutcome::Abandoned(_)), "{outcome:?}");
}

#[test]
fn as_many_as_the_system_takes() {
    let events = events::<65>();
    let objects = events.each_ref().map(Waitable::from);
    assert_eq!(wait_any(&objects).unwrap_err(), WaitManyError::TooMany);
    assert_eq!(wait_all(&objects).unwrap_err(), WaitManyError::TooMany);
    assert_eq!(wait_any(&[]).unwrap_err(), WaitManyError::Empty);
    assert_eq!(wait_all(&[]).unwrap_err(), WaitManyError::Empty);

    let objects = &objects[..WAIT_MANY_MAX];
    events[63].set().unwrap();
    assert!(matches!(
        wait_any(objects).unwrap(),
        AnyOutcome::Signaled(63)
    ));
    for event in &events {
        event.set().unwrap();
    }
    assert!(matches!(
        wait_all(objects).unwrap(),
        AllOutcome::Signaled(_)
    ));
}

/// Windows refuses it; Wine 8 looks at each for itself, and so takes an event that is reset by hand.
#[test]
fn one_that_is_there_twice_is_refused_or_taken() {
    let event = Event::new(Reset::Manual, true).unwrap();
    let objects = [(&event).into(), (&event).into()];
    match wait_all(&objects) {
        Err(error) => {
            // ERROR_INVALID_PARAMETER.
            let invalid = WaitManyError::Other(ErrorCode::from_raw(87));
            assert_eq!(error, invalid);
        }
        Ok(outcome) => assert!(matches!(outcome, AllOutcome::Signaled(_))),
    }
}
