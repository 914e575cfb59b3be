//! The cases, each in a process of its own.

use core::time::Duration;
use pintle_park::*;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::*};
use std::thread;

use crate::child::{self, End};
use crate::filter::{refuse, refuse_if};
use crate::harness::{Case, cases};

pub(crate) const ALL: &[Case] = cases![
    a_running_thread_costs_no_system_call,
    waits_without_a_futex_are_slow_and_right,
    wait_any_without_futex_waitv,
    a_refused_barrier_means_fences,
    #[cfg(target_pointer_width = "32")]
    the_old_futex_call_may_be_missing,
];

const SYS_FUTEX_WAITV: libc::c_long = 449;

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
fn a_running_thread_costs_no_system_call() {
    // A call whose refusal would show: nobody else returns that number.
    const REFUSED: u16 = 4000;
    let token = Token::new();
    let parker = Parker::claim(&token).unwrap();
    let unparker = parker.unparker();
    let byte = AtomicU8::new(0);
    refuse(libc::SYS_futex, REFUSED);
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
}

/// A sandbox without futexes: waits turn into polling, and are not early.
fn waits_without_a_futex_are_slow_and_right() {
    refuse(libc::SYS_futex, libc::EPERM as u16);
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
}

/// A kernel before 5.16, or a sandbox that does not know the call: the table does it, and the wakes
/// of words that the system serves otherwise look there.
fn wait_any_without_futex_waitv() {
    for errno in [libc::ENOSYS, libc::EPERM] {
        let words = [const { AtomicU32::new(0) }; 3];
        let asleep = AtomicBool::new(false);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                refuse(SYS_FUTEX_WAITV, errno as u16);
                let wait: [_; 3] = core::array::from_fn(|index| WaitFor::new(&words[index], 0));
                let soon = Duration::from_millis(1);
                assert_eq!(wait_any_timeout(&wait, soon), Ok(AnyOutcome::TimedOut));
                asleep.store(true, Relaxed);
                wait_any(&wait).unwrap()
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
            assert_eq!(waiter.join().unwrap(), AnyOutcome::Woken(1));
            assert_eq!(woken, 1);
        });
    }
}

/// A sandbox that refuses the process-wide barrier, or the half of it that would be needed later:
/// then both sides make fences, and no `heavy` waits for what will not be granted.
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
            let end = child::run(|| {
                refuse_if(libc::SYS_membarrier, command, errno as u16);
                barrier::heavy();
                barrier::light();
                assert_eq!(barrier::strategy(), barrier::Strategy::Fences);
            });
            match end {
                End::Passed => {}
                End::Skipped => child::skip("as its child was"),
                _ => panic!("membarrier({command:?}) refused with {errno}: {end:?}"),
            }
        }
    }
}

/// A 32-bit kernel without the calls whose times have 32 bits: the new one does everything, also
/// what takes no time.
#[cfg(target_pointer_width = "32")]
fn the_old_futex_call_may_be_missing() {
    use core::num::NonZeroU32;
    use pintle_park::linux::futex::*;

    refuse(libc::SYS_futex, libc::ENOSYS as u16);
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
}
