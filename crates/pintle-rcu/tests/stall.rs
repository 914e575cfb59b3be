//! Writers that are kept waiting, and report by whom.
//!
//! Each test has a domain of its own, whose hook is a function and so writes to statics.
#![cfg(all(not(loom), feature = "std"))]

use core::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
    time::Duration,
};
use pintle_rcu::{
    RcuDomain, Scope,
    domain::{Domain, Fences, Slot, Stall},
    reclaim::Reclaimer,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
use std::thread;

/// Runs `f` while another thread is in a section of `domain`, until `over`; with that reader's label.
fn beside_a_reader<S: Scope>(domain: RcuDomain<S>, over: &AtomicBool, f: impl FnOnce(usize)) {
    let label = AtomicUsize::new(0);
    let inside = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            domain.run(|| {
                label.store(S::slot().label(), Relaxed);
                inside.store(true, Release);
                while !over.load(Acquire) {
                    thread::yield_now();
                }
            });
        });
        while !inside.load(Acquire) {
            thread::yield_now();
        }
        let result = catch_unwind(AssertUnwindSafe(|| f(label.load(Relaxed))));
        over.store(true, Release);
        assert!(result.is_ok());
    });
}

fn milliseconds(numbers: &[u64]) -> Vec<Duration> {
    numbers.iter().copied().map(Duration::from_millis).collect()
}

#[test]
fn a_thread_reports_which_thread_it_waits_for() {
    pintle_rcu::domain! { struct Own; }
    const OWN: RcuDomain<Own> = RcuDomain::new();
    static REPORTS: Mutex<Vec<(usize, Duration)>> = Mutex::new(Vec::new());
    static OVER: AtomicBool = AtomicBool::new(false);

    fn hook(stall: &Stall) {
        // Without a lock of the domain's: it may read, and look.
        OWN.run(|| {});
        let _ = OWN.awaited();
        let mut reports = REPORTS.lock().unwrap();
        reports.push((stall.reader().label(), stall.waited()));
        OVER.store(reports.len() >= 3, Release);
    }

    OWN.set_stall_hook(Some(hook));
    beside_a_reader(OWN, &OVER, |label| {
        OWN.synchronize_blocking();
        let reports = REPORTS.lock().unwrap();
        assert!(reports.iter().all(|(reader, _)| *reader == label));
        let waited: Vec<_> = reports.iter().map(|(_, waited)| *waited).collect();
        // There are more if the reader is not quick to leave.
        assert_eq!(waited[..3], milliseconds(&[10, 30, 70]));
    });
}

/// The number that the operating system knows the thread by.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn the_label_of_a_thread_is_its_number() {
    pintle_rcu::domain! { struct Own; }
    const OWN: RcuDomain<Own> = RcuDomain::new();
    static OVER: AtomicBool = AtomicBool::new(false);

    let own = || usize::try_from(pintle_park::linux::Tid::current().get()).unwrap();
    OWN.run(|| assert_eq!(Own::slot().label(), own()));
    beside_a_reader(OWN, &OVER, |label| {
        assert_ne!(label, own());
        assert!(std::path::Path::new(&format!("/proc/self/task/{label}/comm")).exists());
    });
}

/// Its time is what it has asked `sleep` for.
#[test]
fn a_task_reports_from_a_tenth_of_a_second_on() {
    pintle_rcu::domain! { struct Own; }
    const OWN: RcuDomain<Own> = RcuDomain::new();
    static REPORTS: Mutex<Vec<Duration>> = Mutex::new(Vec::new());
    static OVER: AtomicBool = AtomicBool::new(false);

    OWN.set_stall_hook(Some(|stall| REPORTS.lock().unwrap().push(stall.waited())));
    beside_a_reader(OWN, &OVER, |_| {
        let mut slept = Duration::ZERO;
        let mut future = pin!(OWN.synchronize(async |time| {
            slept += time;
            if slept > Duration::from_secs(33) {
                OVER.store(true, Release);
                thread::yield_now();
            }
        }));
        let poll = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_ready());
        let reports = REPORTS.lock().unwrap();
        let due = milliseconds(&[100, 300, 700, 1500, 3100, 6300, 12_700, 22_700, 32_700]);
        assert!(reports.len() >= due.len());
        for (waited, due) in reports.iter().zip(due) {
            // A nap is 10 ms at most.
            assert!(
                (due..due + Duration::from_millis(10)).contains(waited),
                "{waited:?}"
            );
        }
    });
}

#[test]
fn who_is_not_kept_waiting_reports_nothing() {
    pintle_rcu::domain! { struct Own; }
    const OWN: RcuDomain<Own> = RcuDomain::new();

    OWN.set_stall_hook(Some(|_| panic!("nobody stalls")));
    for _ in 0..1_000 {
        OWN.run(|| {});
        OWN.synchronize_blocking();
    }
    assert!(OWN.awaited().is_none());
}

/// The writer's wait ends by it, and the next one is as good.
#[test]
fn a_hook_may_panic() {
    pintle_rcu::domain! { struct Own; }
    const OWN: RcuDomain<Own> = RcuDomain::new();
    static OVER: AtomicBool = AtomicBool::new(false);
    static CALLS: AtomicUsize = AtomicUsize::new(0);

    OWN.set_stall_hook(Some(|_| {
        if CALLS.fetch_add(1, Relaxed) == 0 {
            panic!("stalled");
        }
        OVER.store(true, Release);
    }));
    beside_a_reader(OWN, &OVER, |_| {
        assert!(catch_unwind(|| OWN.synchronize_blocking()).is_err());
        OWN.synchronize_blocking();
        assert!(CALLS.load(Relaxed) >= 2);
    });
}

/// It is heard of by who goes to sleep later, and so is that there is none any more.
#[test]
fn a_hook_may_be_taken_away() {
    static DOMAIN: Domain<Fences> = Domain::with_barrier(Fences);
    static CORE: Slot = Slot::new();
    static CALLS: AtomicUsize = AtomicUsize::new(0);

    let reader = DOMAIN.reader(&CORE).unwrap();
    CORE.set_label(3);
    DOMAIN.set_stall_hook(Some(|stall| {
        assert_eq!(stall.reader().label(), 3);
        let text = stall.to_string();
        assert!(text.contains("reader 3") && text.contains("10ms"), "{text}");
        CALLS.fetch_add(1, Relaxed);
        DOMAIN.set_stall_hook(None);
    }));
    let section = reader.enter();
    let writer = thread::spawn(|| DOMAIN.synchronize());
    while CALLS.load(Relaxed) == 0 {
        thread::yield_now();
    }
    // A second one is not told any more, and waits without a deadline: the reader wakes both.
    let second = thread::spawn(|| DOMAIN.synchronize());
    thread::sleep(Duration::from_millis(50));
    assert_eq!(CALLS.load(Relaxed), 1);
    drop(section);
    writer.join().unwrap();
    second.join().unwrap();
}

/// Of several that wait one reports.
#[test]
fn a_thread_that_reclaims_reports() {
    pintle_rcu::domain! { struct Own; }
    const OWN: RcuDomain<Own> = RcuDomain::new();
    static RECLAIMER: Reclaimer<RcuDomain<Own>> = Reclaimer::new(OWN);
    static OVER: AtomicBool = AtomicBool::new(false);
    static READER: AtomicUsize = AtomicUsize::new(0);

    OWN.set_stall_hook(Some(|stall| {
        READER.store(stall.reader().label(), Release);
        OVER.store(true, Release);
    }));
    let reclaiming = RECLAIMER.spawn_thread().unwrap();
    beside_a_reader(OWN, &OVER, |label| {
        RECLAIMER.defer_drop(Box::new(1)).unwrap();
        // Which does not look at the clock.
        RECLAIMER.barrier_blocking();
        assert_eq!(READER.load(Acquire), label);
    });
    reclaiming.stop();
}

/// A core is named by its number.
#[test]
fn the_label_of_a_core_is_its_number() {
    fn this_core() -> usize {
        2
    }
    pintle_rcu::domain! {
        // SAFETY: only this test's thread is core 2.
        unsafe struct Cores { slots: 4, current: this_core, barrier: Fences = Fences }
    }
    const CORES: RcuDomain<Cores> = RcuDomain::new();

    let guard = CORES.enter();
    assert!(!CORES.poll(CORES.start_poll()));
    assert_eq!(CORES.awaited().map(Slot::label), Some(2));
    drop(guard);
}
