//! The calls of futex2. Their requeue is tested beside the old one.
#![cfg(all(not(loom), target_os = "linux"))]

mod linux_support;

use core::{num::NonZeroU32, time::Duration};
use linux_support::*;
use pintle_park::Deadline;
use pintle_park::linux::futex::*;
use std::time::Instant;

const ANY: NonZeroU32 = NonZeroU32::MAX;

/// Whether there is nothing to test.
fn missing() -> bool {
    let missing = !Size::U32.is_supported();
    if missing {
        eprintln!("skipped: this kernel has no futex_wake (Linux 6.7)");
    }
    missing
}

/// The calls of futex2 meet those of the old interface, and are as selective.
#[test]
fn futex2_waits_and_wakes() {
    if missing() {
        return;
    }
    let word = Futex::<Shared>::new(7);
    let bits = |bits| NonZeroU32::new(bits).unwrap();
    assert_eq!(word.wait2(8, ANY, Timeout::Never), Err(WaitError::Mismatch));
    assert_eq!(Futex::wake2(&word, u32::MAX, ANY), Ok(0));
    scope(|scope| {
        for mask in [0b01, 0b10] {
            let word = &word;
            scope.spawn(move || word.wait2(7, bits(mask), Timeout::Never));
        }
        scope.spawn(|| word.wait(7));
        until_asleep(&word, 3);
        assert_eq!(Futex::wake2(&word, 0, ANY), Ok(0), "none is none here");
        assert_eq!(
            Futex::wake2(&word, u32::MAX, bits(0b100)),
            Ok(1),
            "the old wait"
        );
        assert_eq!(Futex::wake2(&word, u32::MAX, bits(0b010)), Ok(1));
        assert_eq!(Futex::wake(&word, 1), Ok(1));
    });
    assert_eq!(
        Futex::<Private>::wake2(core::ptr::without_provenance(4096), 1, ANY),
        Ok(0)
    );
    assert_eq!(
        Futex::<Shared>::wake2(core::ptr::without_provenance(4096), 1, ANY),
        Err(WakeError::Fault)
    );
}

/// Measured on Linux 6.18; a later kernel may know more sizes, and the type says which.
#[test]
fn futex2_knows_words_of_32_bits_only() {
    if missing() {
        return;
    }
    // SAFETY: all zeroes is a valid utsname.
    let mut system: libc::utsname = unsafe { core::mem::zeroed() };
    // SAFETY: a valid place.
    assert_eq!(unsafe { libc::uname(&mut system) }, 0);
    // SAFETY: `uname` ends it with a zero.
    let release = unsafe { core::ffi::CStr::from_ptr(system.release.as_ptr()) };
    let release = release.to_str().unwrap();
    if !release.starts_with("6.18.") {
        eprintln!("skipped: the sizes were measured on Linux 6.18, this is {release}");
        return;
    }
    for size in [Size::U8, Size::U16, Size::U32, Size::U64] {
        assert_eq!(size.is_supported(), size == Size::U32, "{size:?}");
    }
}

#[test]
fn no_timeout_is_early_and_signals_do_not_end_it() {
    if missing() {
        return;
    }
    const TIMEOUT: Duration = Duration::from_millis(30);
    let word = Futex::<Private>::new(0);
    let monotonic = |timeout| word.wait2(0, ANY, Deadline::after(timeout));
    let realtime = |timeout| word.wait2(0, ANY, RealtimeDeadline::after(timeout));
    let ways: [&(dyn Fn(Duration) -> _ + Sync); 2] = [&monotonic, &realtime];
    for way in ways {
        let start = Instant::now();
        let outcome = under_signals(|| way(TIMEOUT));
        assert_eq!(outcome, Err(WaitError::TimedOut));
        assert!(start.elapsed() >= TIMEOUT);
        for round in 0..300 {
            let timeout = Duration::from_nanos(round * 997);
            let start = Instant::now();
            assert_eq!(way(timeout), Err(WaitError::TimedOut));
            assert!(start.elapsed() >= timeout, "{timeout:?} was early");
        }
    }
    let passed = RealtimeDeadline::from_epoch(Duration::ZERO);
    assert_eq!(word.wait2(0, ANY, passed), Err(WaitError::TimedOut));
}

#[test]
fn times_beyond_the_clock_are_no_timeout() {
    if missing() {
        return;
    }
    let word = &Futex::<Private>::new(0);
    for timeout in FAR {
        let waits: [Timeout; 3] = [
            Deadline::after(timeout).into(),
            RealtimeDeadline::after(timeout).into(),
            RealtimeDeadline::from_epoch(timeout).into(),
        ];
        scope(|scope| {
            let waiters = waits.map(|timeout| scope.spawn(move || word.wait2(0, ANY, timeout)));
            until_asleep(word, 3);
            assert_eq!(Futex::wake2(word, u32::MAX, ANY), Ok(3));
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), Ok(()), "{timeout:?}");
            }
        });
    }
}
