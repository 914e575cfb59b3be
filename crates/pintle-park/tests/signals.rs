//! Signal handlers, in threads that wait.
#![cfg(all(not(loom), target_os = "linux"))]

use core::time::Duration;
use pintle_park::*;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::*};
use std::{thread, time::Instant};

/// What the handler wakes.
static NARROW: AtomicU8 = AtomicU8::new(0);
static WIDE: AtomicU32 = AtomicU32::new(0);
static HANDLED: AtomicU32 = AtomicU32::new(0);

/// As every handler must, it leaves `errno` as it found it: a wake may change it.
extern "C" fn handler(_: libc::c_int) {
    // SAFETY: takes nothing, and the place that it returns is the calling thread's own.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: the place lives as long as the thread, which is in this function.
    let before = unsafe { *errno };
    sized::wake_one(&NARROW);
    wake_one(&WIDE);
    HANDLED.fetch_add(1, Relaxed);
    // SAFETY: as above.
    unsafe { *errno = before };
}

fn handle(signal: libc::c_int) {
    // SAFETY: all zeroes is a valid sigaction: no flags, so that no call is restarted.
    let mut action: libc::sigaction = unsafe { core::mem::zeroed() };
    action.sa_sigaction = handler as *const () as usize;
    // SAFETY: the handler calls nothing that a handler may not, and `action` is initialised.
    let result = unsafe { libc::sigaction(signal, &action, core::ptr::null_mut()) };
    assert_eq!(result, 0);
}

fn send<T>(signal: libc::c_int, thread: &thread::JoinHandle<T>) {
    // SAFETY: the thread has not been joined, so its id is valid.
    unsafe { libc::pthread_kill(thread.as_pthread_t(), signal) };
}

/// A handler that runs during a wait ends neither the wait nor its time, whoever serves it.
#[test]
fn signals_do_not_end_a_wait() {
    const TIMEOUT: Duration = Duration::from_millis(60);
    const TIMED_OUT: AnyOutcome = AnyOutcome::TimedOut;

    handle(libc::SIGUSR2);
    let waits: [fn(Deadline) -> bool; 4] = [
        |deadline| wait_until(&AtomicU32::new(0), 0, deadline) == WaitOutcome::TimedOut,
        |deadline| sized::wait_until(&AtomicU8::new(0), 0, deadline) == WaitOutcome::TimedOut,
        |deadline| {
            let words = [const { AtomicU32::new(0) }; 2];
            let wait = words.each_ref().map(|word| WaitFor::new(word, 0));
            wait_any_until(&wait, deadline) == Ok(TIMED_OUT)
        },
        |deadline| {
            let words = [const { AtomicU8::new(0) }; 2];
            let wait = words.each_ref().map(|word| WaitFor::new(word, 0));
            wait_any_until(&wait, deadline) == Ok(TIMED_OUT)
        },
    ];
    for (index, wait) in waits.into_iter().enumerate() {
        let before = HANDLED.load(Relaxed);
        let waiter = thread::spawn(move || {
            let start = Instant::now();
            // Nobody wakes. So unless a signal gets through, the first outcome is the timeout.
            let timed_out = wait(Deadline::after(TIMEOUT));
            (timed_out, start.elapsed())
        });
        while !waiter.is_finished() {
            send(libc::SIGUSR2, &waiter);
            thread::sleep(Duration::from_millis(1));
        }
        let (timed_out, elapsed) = waiter.join().unwrap();
        assert!(timed_out, "wait {index} was ended by a signal");
        assert!(elapsed >= TIMEOUT, "wait {index} was early");
        assert!(HANDLED.load(Relaxed) > before);
    }
}

/// A handler that wakes, while its thread goes in and out of the table: it must not find its own
/// thread holding the lock of the bucket that it wants.
#[test]
fn a_handler_may_wake() {
    static DONE: AtomicBool = AtomicBool::new(false);

    handle(libc::SIGUSR1);
    // Two of them, so that the handler finds somebody in the bucket.
    let waiters = [(); 2].map(|()| {
        thread::spawn(|| {
            while !DONE.load(Relaxed) {
                let mixed = [WaitFor::new(&WIDE, 0), WaitFor::new(&NARROW, 0)];
                let _ = wait_any_timeout(&mixed, Duration::from_micros(20)).unwrap();
                sized::wake_one(&NARROW);
            }
        })
    });
    let until = Instant::now() + Duration::from_millis(500);
    while Instant::now() < until {
        for waiter in &waiters {
            send(libc::SIGUSR1, waiter);
        }
    }
    DONE.store(true, Relaxed);
    for waiter in waiters {
        waiter.join().unwrap();
    }
}
