//! System calls that a kernel or a sandbox refuses, and those that are not made at all.
//!
//! A seccomp filter holds for one thread, so each test puts one over a thread of its own.
#![cfg(all(not(loom), target_os = "linux"))]

use core::time::Duration;
use pintle_park::*;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::*};
use std::thread;

const SYS_FUTEX_WAITV: libc::c_long = 449;

/// From here on this thread's system calls of that number fail with `errno`. False where filters
/// are not to be had.
fn refuse(number: libc::c_long, errno: u16) -> bool {
    const LOAD_NUMBER: libc::sock_filter = libc::sock_filter {
        code: (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16,
        jt: 0,
        jf: 0,
        k: 0, // the offset of `nr` in `struct seccomp_data`
    };
    const fn give(action: u32) -> libc::sock_filter {
        libc::sock_filter {
            code: (libc::BPF_RET | libc::BPF_K) as u16,
            jt: 0,
            jf: 0,
            k: action,
        }
    }
    let filter = [
        LOAD_NUMBER,
        libc::sock_filter {
            code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
            jt: 0,
            jf: 1,
            k: number as u32,
        },
        give(libc::SECCOMP_RET_ERRNO | u32::from(errno)),
        give(libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: takes integers, and takes rights away.
    let no_new_rights = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    // SAFETY: the program and its filter are live, and of the layout that the kernel reads.
    let filtered = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const program,
        )
    };
    if no_new_rights == 0 && filtered == 0 {
        return true;
    }
    eprintln!("skipped: this machine allows no seccomp filters");
    false
}

/// Whether the filter works: a futex call with nothing to do is refused.
fn futex_is_refused(errno: u16) -> bool {
    const WAKE_PRIVATE: usize = 129;
    let word = AtomicU32::new(0);
    // SAFETY: the kernel reads nothing but the address.
    let result = unsafe { libc::syscall(libc::SYS_futex, &raw const word, WAKE_PRIVATE, 1) };
    result == -1 && std::io::Error::last_os_error().raw_os_error() == Some(errno.into())
}

/// `unpark` of a thread that runs, `park` with the token in place, and a wake in the table without
/// waiters: with no futex to be had, they still do what they do.
#[test]
fn a_running_thread_costs_no_system_call() {
    // A call whose refusal would show: nobody else returns that number.
    const REFUSED: u16 = 4000;
    thread::spawn(|| {
        let token = Token::new();
        let parker = Parker::claim(&token).unwrap();
        let unparker = parker.unparker();
        let byte = AtomicU8::new(0);
        if !refuse(libc::SYS_futex, REFUSED) {
            return;
        }
        assert!(futex_is_refused(REFUSED));
        let errno = || std::io::Error::last_os_error().raw_os_error();
        // SAFETY: has no precondition.
        let place = unsafe { libc::__errno_location() };
        // SAFETY: the place of this thread's errno.
        unsafe { *place = 0 };
        for _ in 0..1000 {
            unparker.unpark();
            unparker.unpark();
            parker.park();
            assert_eq!(parker.park_timeout(Duration::ZERO), ParkOutcome::TimedOut);
            sized::wake_one(&byte);
            assert_eq!(sized::wake(&byte, 7), WakeOutcome::Count(0));
        }
        assert_eq!(errno(), Some(0), "a system call was made, and refused");
    })
    .join()
    .unwrap();
}

/// A sandbox without futexes: waits turn into polling, and are not early.
#[test]
fn waits_without_a_futex_are_slow_and_right() {
    thread::spawn(|| {
        if !refuse(libc::SYS_futex, libc::EPERM as u16) {
            return;
        }
        let word = AtomicU32::new(0);
        assert_eq!(
            wait_timeout(&word, 1, Duration::ZERO),
            WaitOutcome::Mismatch
        );
        let deadline = Deadline::after(Duration::from_millis(2));
        while wait_until(&word, 0, deadline) != WaitOutcome::TimedOut {}
        assert!(deadline.has_passed());
        let byte = AtomicU8::new(0);
        let outcome = sized::wait_timeout(&byte, 0, Duration::from_millis(2));
        assert_eq!(outcome, WaitOutcome::TimedOut);
        wake_one(&word);
        let token = Token::new();
        let parker = Parker::claim(&token).unwrap();
        let outcome = parker.park_timeout(Duration::from_millis(2));
        assert_eq!(outcome, ParkOutcome::TimedOut);
    })
    .join()
    .unwrap();
}

/// A kernel before 5.16, or a sandbox that does not know the call: the table does it, and the wakes
/// of words that the system serves otherwise look there.
#[test]
fn wait_any_without_futex_waitv() {
    for errno in [libc::ENOSYS, libc::EPERM] {
        let words = [const { AtomicU32::new(0) }; 3];
        let asleep = AtomicBool::new(false);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                let filtered = refuse(SYS_FUTEX_WAITV, errno as u16);
                let wait: [_; 3] = core::array::from_fn(|index| WaitFor::new(&words[index], 0));
                let soon = Duration::from_millis(1);
                assert_eq!(wait_any_timeout(&wait, soon), Ok(AnyOutcome::TimedOut));
                asleep.store(true, Relaxed);
                (filtered, wait_any(&wait).unwrap())
            });
            while !asleep.load(Relaxed) && !waiter.is_finished() {
                thread::yield_now();
            }
            // Nothing is changed: so a wake it is that ends it.
            let mut woken = 0;
            while !waiter.is_finished() {
                if let WakeOutcome::Count(count) = wake(&words[1], 2) {
                    woken += count;
                }
                thread::yield_now();
            }
            let (filtered, outcome) = waiter.join().unwrap();
            assert_eq!(outcome, AnyOutcome::Woken(1));
            assert!(!filtered || woken == 1, "counted {woken} times");
        });
    }
}
