//! How many heavy barriers writers make that come at once.

use std::{
    sync::atomic::{
        AtomicBool, AtomicUsize,
        Ordering::{Relaxed, SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use pintle_rcu::domain::{Barrier, Domain, ProcessWide, Slot};

/// Writers that come at once.
const WRITERS: usize = 8;

/// How long they go on where they come again and again.
const TIME: Duration = Duration::from_millis(50);

/// What a domain's barrier counts.
#[derive(Debug)]
struct Counts {
    heavy: AtomicUsize,
    /// Writers that are about to call `synchronize`.
    coming: AtomicUsize,
    /// Whether the next heavy barrier waits until all are.
    waits: AtomicBool,
}

/// The process-wide barrier, counted.
#[derive(Debug)]
struct Counted(&'static Counts);

// SAFETY: the pair is the process-wide barrier's.
unsafe impl Barrier for Counted {
    #[inline]
    fn light(&self) {
        ProcessWide.light();
    }

    fn heavy(&self) {
        self.0.heavy.fetch_add(1, Relaxed);
        if self.0.waits.swap(false, SeqCst) {
            while self.0.coming.load(SeqCst) < WRITERS {
                thread::yield_now();
            }
            // From the word that one is about to call until it has called.
            thread::sleep(Duration::from_millis(10));
        }
        ProcessWide.heavy();
    }

    fn readers_fence(&self) -> bool {
        ProcessWide.readers_fence()
    }
}

/// Prints what was counted.
pub(crate) fn report(rounds: usize) {
    let (mut least, mut most) = (usize::MAX, 0);
    for _ in 0..rounds {
        let heavy = at_once();
        (least, most) = (least.min(heavy), most.max(heavy));
    }
    println!("{WRITERS} writers at once, beside a busy reader: {least} to {most} heavy barriers.");
    let (heavy, ns) = again_and_again();
    println!(
        "{WRITERS} writers again and again: {heavy:.2} heavy barriers and {ns:.0} ns for each `synchronize`."
    );
}

/// All call while the first of them makes its heavy barrier. How many were made.
fn at_once() -> usize {
    let (heavy, _) = beside_a_reader(true, |domain| {
        domain.synchronize();
        1
    });
    heavy
}

/// All call as often as they can. Heavy barriers, and nanoseconds, for each call.
fn again_and_again() -> (f64, f64) {
    let (heavy, calls) = beside_a_reader(false, |domain| {
        let until = Instant::now() + TIME;
        let mut calls = 0;
        while Instant::now() < until {
            domain.synchronize();
            calls += 1;
        }
        calls
    });
    let calls = calls as f64;
    (heavy as f64 / calls, TIME.as_nanos() as f64 / calls)
}

/// Lets the writers write beside a thread that does nothing but read. The heavy barriers that were made,
/// and the sum of what the writers return.
fn beside_a_reader(
    waits: bool,
    write: impl Fn(&Domain<Counted>) -> usize + Sync,
) -> (usize, usize) {
    let counts: &Counts = Box::leak(Box::new(Counts {
        heavy: AtomicUsize::new(0),
        coming: AtomicUsize::new(0),
        waits: AtomicBool::new(waits),
    }));
    let domain: &'static Domain<Counted> =
        Box::leak(Box::new(Domain::with_barrier(Counted(counts))));
    let slot = Box::leak(Box::new(Slot::new()));
    let (stop, reads) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let reader = domain.reader(slot).expect("a slot of its own");
            while !stop.load(Relaxed) {
                reader.run(|| reads.store(true, Relaxed));
            }
        });
        while !reads.load(Relaxed) {
            thread::yield_now();
        }
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                scope.spawn(|| {
                    counts.coming.fetch_add(1, SeqCst);
                    write(domain)
                })
            })
            .collect();
        let results = writers.into_iter().map(|writer| writer.join());
        let sum = results.map(|it| it.expect("a writer does not panic")).sum();
        stop.store(true, Relaxed);
        (counts.heavy.load(Relaxed), sum)
    })
}
