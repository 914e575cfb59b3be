//! Named kernel objects of Windows between processes: each test starts its own program once more.
//! `cargo xtask run-on windows` runs them under Wine.
#![cfg(all(not(loom), windows))]

use pintle_park::windows::*;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Set in the second process, to what the names have in common.
const CHILD: &str = "PINTLE_PARK_CHILD";

/// Long enough for a process to start under Wine on a busy machine; a test that passes does not wait.
const LONG: Duration = Duration::from_secs(60);

/// Runs this test once more, in another process.
fn start(test: &str, prefix: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--nocapture", "--exact", test])
        .env(CHILD, prefix)
        // What it sums up at its end, if it comes to that, is not one more test.
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn name(prefix: &str, rest: &str) -> Name {
    Name::new(&format!("Local\\{prefix} {rest}")).unwrap()
}

fn event(prefix: &str, rest: &str) -> Created<Event> {
    Event::create(&name(prefix, rest), Reset::Auto, false, Access::All).unwrap()
}

fn wait(event: &Event) {
    let outcome = event.wait_timeout(LONG).unwrap();
    assert_eq!(
        outcome,
        SignalOutcome::Signaled,
        "the other process is gone"
    );
}

#[test]
fn events_hand_over() {
    const ROUNDS: usize = 200;
    if let Ok(prefix) = std::env::var(CHILD) {
        let ping = Event::open(&name(&prefix, "ping"), Access::Wait).unwrap();
        let pong = Event::open(&name(&prefix, "pong"), Access::Modify).unwrap();
        for _ in 0..ROUNDS {
            wait(&ping);
            pong.set().unwrap();
        }
        return;
    }
    let prefix = format!("pintle-park hand-over {}", std::process::id());
    let (ping, pong) = (event(&prefix, "ping"), event(&prefix, "pong"));
    assert!(ping.is_new() && pong.is_new());
    let (ping, pong) = (ping.into_inner(), pong.into_inner());
    let mut child = start("events_hand_over", &prefix);
    for _ in 0..ROUNDS {
        ping.set().unwrap();
        wait(&pong);
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_mutex_excludes_and_tells_that_its_owner_has_died() {
    if let Ok(prefix) = std::env::var(CHILD) {
        let mutex = Mutex::create(&name(&prefix, "mutex"), Access::All).unwrap();
        assert!(!mutex.is_new(), "the other process has made it");
        let mutex = mutex.into_inner();
        let guard = mutex.lock().unwrap();
        assert!(!guard.is_abandoned());
        event(&prefix, "locked").into_inner().set().unwrap();
        wait(&event(&prefix, "die").into_inner());
        // Without unlocking.
        std::process::exit(0);
    }
    let prefix = format!("pintle-park mutex {}", std::process::id());
    let mutex = Mutex::create(&name(&prefix, "mutex"), Access::All).unwrap();
    assert!(mutex.is_new());
    let mutex = mutex.into_inner();
    let locked = event(&prefix, "locked").into_inner();
    let die = event(&prefix, "die").into_inner();

    let mut child = start(
        "a_mutex_excludes_and_tells_that_its_owner_has_died",
        &prefix,
    );
    wait(&locked);
    assert!(
        mutex.try_lock().unwrap().is_none(),
        "the other process has it"
    );
    die.set().unwrap();
    let acquired = mutex.lock_timeout(LONG).unwrap().expect("it has died");
    assert!(acquired.is_abandoned());
    drop(acquired);
    assert!(!mutex.lock().unwrap().is_abandoned());
    assert!(child.wait().unwrap().success());
}

#[test]
fn semaphores_and_timers_are_shared() {
    if let Ok(prefix) = std::env::var(CHILD) {
        let semaphore = Semaphore::open(&name(&prefix, "semaphore"), Access::Modify).unwrap();
        assert_eq!(semaphore.release(2), Ok(0));
        let timer = WaitableTimer::open(&name(&prefix, "timer"), Access::Modify).unwrap();
        timer
            .set(Due::After(Duration::from_millis(1)), None)
            .unwrap();
        return;
    }
    let prefix = format!("pintle-park shared {}", std::process::id());
    let semaphore = name(&prefix, "semaphore");
    let semaphore = Semaphore::create(&semaphore, 0, 2, Access::All).unwrap();
    let semaphore = semaphore.into_inner();
    let timer = name(&prefix, "timer");
    let timer = WaitableTimer::create(&timer, Reset::Manual, Access::All).unwrap();
    let timer = timer.into_inner();
    let mut child = start("semaphores_and_timers_are_shared", &prefix);
    for _ in 0..2 {
        let outcome = semaphore.wait_timeout(LONG).unwrap();
        assert_eq!(outcome, SignalOutcome::Signaled);
    }
    assert_eq!(timer.wait_timeout(LONG).unwrap(), SignalOutcome::Signaled);
    assert!(child.wait().unwrap().success());
    // Its signal stays, though the process that has set it is gone.
    assert_eq!(timer.wait_timeout(LONG).unwrap(), SignalOutcome::Signaled);
}
