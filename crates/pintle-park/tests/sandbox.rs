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
    refuse_if(number, None, errno)
}

/// As [`refuse`], but only those calls whose first argument is `first`, if that is asked for.
fn refuse_if(number: libc::c_long, first: Option<u32>, errno: u16) -> bool {
    const fn load(offset: u32) -> libc::sock_filter {
        libc::sock_filter {
            code: (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16,
            jt: 0,
            jf: 0,
            k: offset,
        }
    }
    const fn skip_unless(value: u32, instructions: u8) -> libc::sock_filter {
        libc::sock_filter {
            code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
            jt: 0,
            jf: instructions,
            k: value,
        }
    }
    const fn give(action: u32) -> libc::sock_filter {
        libc::sock_filter {
            code: (libc::BPF_RET | libc::BPF_K) as u16,
            jt: 0,
            jf: 0,
            k: action,
        }
    }
    // Of `struct seccomp_data`, and there of the low half of the first argument.
    const NUMBER: u32 = 0;
    const FIRST: u32 = if cfg!(target_endian = "big") { 20 } else { 16 };

    let refusal = give(libc::SECCOMP_RET_ERRNO | u32::from(errno));
    let filter = match first {
        None => vec![load(NUMBER), skip_unless(number as u32, 1), refusal],
        Some(first) => vec![
            load(NUMBER),
            skip_unless(number as u32, 3),
            load(FIRST),
            skip_unless(first, 1),
            refusal,
        ],
    };
    let filter = [filter, vec![give(libc::SECCOMP_RET_ALLOW)]].concat();
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

/// A sandbox that refuses the process-wide barrier, or the half of it that would be needed later:
/// then both sides make fences, and no `heavy` waits for what will not be granted.
#[test]
fn a_refused_barrier_means_fences() {
    const PRIVATE_EXPEDITED: u32 = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: u32 = 1 << 4;

    if cfg!(all(
        feature = "barrier-process",
        not(feature = "barrier-fences")
    )) {
        return;
    }
    for command in [
        None,
        Some(REGISTER_PRIVATE_EXPEDITED),
        Some(PRIVATE_EXPEDITED),
    ] {
        for errno in [libc::ENOSYS, libc::EPERM] {
            // The strategy is the process's, so each needs one, in which nothing is decided yet.
            let status = in_a_child(|| {
                if refuse_if(libc::SYS_membarrier, command, errno as u16) {
                    barrier::heavy();
                    barrier::light();
                    assert_eq!(barrier::strategy(), barrier::Strategy::Fences);
                }
            });
            assert_eq!(status, 0, "membarrier({command:?}) refused with {errno}");
        }
    }
}

/// The exit status of a child process that has run `f`, and is killed if that takes seconds.
fn in_a_child(f: impl FnOnce()) -> i32 {
    // SAFETY: as a child of several threads it must not wait for what one of them holds. Of locks
    // that is the allocator's, which the C library sees to.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: has no precondition; nobody handles the signal.
            unsafe { libc::alarm(5) };
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
            // SAFETY: ends the child without running anything of the parent's.
            unsafe { libc::_exit(result.is_err().into()) }
        }
        child => {
            assert!(child > 0);
            let mut status = 0;
            // SAFETY: `child` is a child of ours, and `status` a place for the result.
            let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
            assert_eq!(waited, child);
            status
        }
    }
}

/// A 32-bit kernel without the calls whose times have 32 bits: the new one does everything, also
/// what takes no time.
#[cfg(target_pointer_width = "32")]
#[test]
fn the_old_futex_call_may_be_missing() {
    use core::num::NonZeroU32;
    use pintle_park::linux::futex::*;

    thread::spawn(|| {
        if !refuse(libc::SYS_futex, libc::ENOSYS as u16) {
            return;
        }
        let (word, target) = (Futex::<Private>::new(0), Futex::<Private>::new(1));
        assert_eq!(Futex::wake(&word, 1), Ok(0));
        let outcome = word.wait_timeout(0, Duration::from_millis(1));
        assert_eq!(outcome, Err(WaitError::TimedOut));
        let nobody = Requeued::default();
        assert_eq!(word.requeue(1, &target, 1), Ok(nobody));
        assert_eq!(word.cmp_requeue(0, 1, &target, 1), Ok(nobody));
        assert_eq!(word.cmp_requeue_pi(0, &target, 1), Ok(0));
        let one = NonZeroU32::MIN;
        let two = Operation::Set(Operand::number(2).unwrap());
        let never = Comparison::Equal(Immediate::ZERO);
        let woken = Futex::wake_op(&word, one, &target, one, two, never);
        assert_eq!((woken, target.into_inner()), (Ok(0), 2));
    })
    .join()
    .unwrap();
}
