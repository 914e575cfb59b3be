//! Reads of two threads, and beside a writer: ours and the peers'.

use std::{
    hint::black_box,
    mem,
    sync::{
        Arc, Barrier, Mutex, RwLock,
        atomic::{
            AtomicBool, AtomicPtr,
            Ordering::{AcqRel, Acquire, Relaxed},
        },
    },
    thread,
    time::{Duration, Instant},
};

use pintle_bench::barrier::NoProcessBarrier;
use pintle_rcu::{
    RcuCell,
    domain::{self, Domain, Fences, Slot},
    global,
};
use seize::Guard;

use crate::rounds::{Spread, interleaved};

/// How long a figure takes.
const TIME: Duration = Duration::from_millis(10);

/// How long a writer waits between one replacement and the next.
const BETWEEN: Duration = Duration::from_micros(50);

/// Reads between two looks whether the time is up.
const BATCH: u64 = 1_000;

/// A number that threads read and replace.
trait Shared: Sync {
    fn new() -> Self;

    /// Reads until it is to stop, in batches. How many numbers it has read.
    fn read(&self, stop: &AtomicBool) -> u64;

    /// Replaces the number; the old one is freed, now or later.
    fn replace(&self, new: u64);
}

/// Prints the table.
pub(crate) fn report(rounds: usize) {
    println!("| a read | of one thread | of two threads | beside a writer |\n|---|--:|--:|--:|");
    let one_thread = figures(rounds, 1, false);
    let two_threads = figures(rounds, 2, false);
    let beside_a_writer = figures(rounds, 1, true);
    for (index, (name, _)) in CONTENDERS.iter().enumerate() {
        println!(
            "| {name} | {} | {} | {} |",
            one_thread[index], two_threads[index], beside_a_writer[index]
        );
    }
    println!(
        "\nThe writer replaces the number and waits {} µs, again and again.",
        BETWEEN.as_micros()
    );
}

type Contender = (&'static str, fn(usize, bool) -> f64);

const CONTENDERS: &[Contender] = &[
    ("**pintle**", round::<RcuCell<u64>>),
    ("**pintle Fences**", round::<Own<Fences>>),
    (
        "**pintle without a process-wide barrier**",
        round::<Own<NoProcessBarrier>>,
    ),
    ("arc-swap", round::<arc_swap::ArcSwap<u64>>),
    ("crossbeam-epoch", round::<crossbeam_epoch::Atomic<u64>>),
    ("haphazard", round::<haphazard::AtomicPtr<u64>>),
    ("left-right", round::<LeftRight>),
    ("seize", round::<Seize>),
    ("std RwLock", round::<RwLock<Box<u64>>>),
];

fn figures(rounds: usize, readers: usize, writes: bool) -> Vec<Spread> {
    let mut figures: Vec<_> = CONTENDERS
        .iter()
        .map(|(_, round)| move || round(readers, writes))
        .collect();
    let mut figures: Vec<&mut dyn FnMut() -> f64> = figures
        .iter_mut()
        .map(|figure| figure as &mut dyn FnMut() -> f64)
        .collect();
    interleaved(rounds, &mut figures)
}

/// Nanoseconds that a thread takes to read once.
fn round<S: Shared>(readers: usize, writes: bool) -> f64 {
    let shared = S::new();
    let stop = AtomicBool::new(false);
    let ready = Barrier::new(readers + 1);
    let (start, reads) = thread::scope(|scope| {
        let readers: Vec<_> = (0..readers)
            .map(|_| {
                scope.spawn(|| {
                    ready.wait();
                    shared.read(&stop)
                })
            })
            .collect();
        ready.wait();
        let start = Instant::now();
        if writes {
            while start.elapsed() < TIME {
                shared.replace(1);
                let next = Instant::now() + BETWEEN;
                while Instant::now() < next {
                    std::hint::spin_loop();
                }
            }
        } else {
            thread::sleep(TIME);
        }
        stop.store(true, Relaxed);
        let reads = readers.into_iter().map(|reader| reader.join());
        let reads: u64 = reads.map(|it| it.expect("a reader does not panic")).sum();
        (start, reads)
    });
    start.elapsed().as_nanos() as f64 * readers as f64 / reads as f64
}

/// Counts batches until it is to stop, one at least.
fn batches(stop: &AtomicBool, mut read: impl FnMut()) -> u64 {
    let mut reads = 0;
    loop {
        for _ in 0..BATCH {
            read();
        }
        reads += BATCH;
        if stop.load(Relaxed) {
            return reads;
        }
    }
}

impl Shared for RcuCell<u64> {
    fn new() -> Self {
        Self::new(0)
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        batches(stop, || {
            let guard = global().enter();
            black_box(*self.load(&guard));
        })
    }

    fn replace(&self, new: u64) {
        self.replace(new).synchronize();
    }
}

/// A number beside a domain of its own, whose readers make fences.
struct Own<B: 'static> {
    domain: &'static Domain<B>,
    pointer: AtomicPtr<u64>,
}

impl<B: domain::Barrier + Default + Sync> Shared for Own<B> {
    fn new() -> Self {
        Self {
            domain: Box::leak(Box::new(Domain::with_barrier(B::default()))),
            pointer: AtomicPtr::new(Box::into_raw(Box::new(0))),
        }
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        let slot = Box::leak(Box::new(Slot::new()));
        let reader = self.domain.reader(slot).expect("a slot of its own");
        batches(stop, || {
            let _section = reader.enter();
            let value = self.pointer.load(Acquire);
            // SAFETY: never null, and freed no earlier than the section's end.
            black_box(unsafe { *value });
        })
    }

    fn replace(&self, new: u64) {
        let old = self.pointer.swap(Box::into_raw(Box::new(new)), AcqRel);
        self.domain.synchronize();
        // SAFETY: it comes from a box, was just replaced, and a grace period has passed.
        drop(unsafe { Box::from_raw(old) });
    }
}

impl<B> Drop for Own<B> {
    fn drop(&mut self) {
        // SAFETY: it comes from a box, and nobody else has access.
        drop(unsafe { Box::from_raw(*self.pointer.get_mut()) });
    }
}

impl Shared for arc_swap::ArcSwap<u64> {
    fn new() -> Self {
        Self::from_pointee(0)
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        batches(stop, || {
            black_box(**self.load());
        })
    }

    fn replace(&self, new: u64) {
        self.store(Arc::new(new));
    }
}

impl Shared for crossbeam_epoch::Atomic<u64> {
    fn new() -> Self {
        Self::new(0)
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        batches(stop, || {
            let guard = crossbeam_epoch::pin();
            let value = self.load(Acquire, &guard);
            // SAFETY: never null, and freed no earlier than the guard's end.
            black_box(*unsafe { value.deref() });
        })
    }

    fn replace(&self, new: u64) {
        let guard = crossbeam_epoch::pin();
        let old = self.swap(crossbeam_epoch::Owned::new(new), AcqRel, &guard);
        // SAFETY: it was just replaced, so nobody can come to read it.
        unsafe { guard.defer_destroy(old) };
    }
}

impl Shared for haphazard::AtomicPtr<u64> {
    fn new() -> Self {
        Self::from(Box::new(0))
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        let mut hazard = haphazard::HazardPointer::new();
        batches(stop, || {
            black_box(self.safe_load(&mut hazard).copied());
            hazard.reset_protection();
        })
    }

    fn replace(&self, new: u64) {
        if let Some(old) = self.swap(Box::new(new)) {
            // SAFETY: it was just replaced, so nobody can come to read it.
            unsafe { old.retire() };
        }
    }
}

impl Shared for RwLock<Box<u64>> {
    fn new() -> Self {
        Self::new(Box::new(0))
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        batches(stop, || {
            black_box(**self.read().expect("nobody panics"));
        })
    }

    fn replace(&self, new: u64) {
        let new = Box::new(new);
        let old = mem::replace(&mut *self.write().expect("nobody panics"), new);
        drop(old);
    }
}

/// seize has no pointer of its own.
struct Seize {
    collector: seize::Collector,
    pointer: AtomicPtr<u64>,
}

impl Shared for Seize {
    fn new() -> Self {
        Self {
            collector: seize::Collector::new(),
            pointer: AtomicPtr::new(Box::into_raw(Box::new(0))),
        }
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        batches(stop, || {
            let guard = self.collector.enter();
            let value = guard.protect(&self.pointer, Acquire);
            // SAFETY: never null, and freed no earlier than the guard's end.
            black_box(unsafe { *value });
        })
    }

    fn replace(&self, new: u64) {
        let guard = self.collector.enter();
        let old = guard.swap(&self.pointer, Box::into_raw(Box::new(new)), AcqRel);
        // SAFETY: it comes from a box, and was just replaced, so nobody can come to read it.
        unsafe { guard.defer_retire(old, seize::reclaim::boxed) };
    }
}

impl Drop for Seize {
    fn drop(&mut self) {
        // SAFETY: it comes from a box, and nobody else has access.
        drop(unsafe { Box::from_raw(*self.pointer.get_mut()) });
    }
}

/// A number for left-right, which asks how it is changed.
#[derive(Clone)]
struct Number(u64);

impl left_right::Absorb<u64> for Number {
    fn absorb_first(&mut self, new: &mut u64, _other: &Self) {
        self.0 = *new;
    }

    fn sync_with(&mut self, first: &Self) {
        self.0 = first.0;
    }
}

/// left-right has one writer, and a handle for each reader.
struct LeftRight {
    writer: Mutex<left_right::WriteHandle<Number, u64>>,
    readers: left_right::ReadHandleFactory<Number>,
}

impl Shared for LeftRight {
    fn new() -> Self {
        let (writer, reader) = left_right::new_from_empty(Number(0));
        Self {
            writer: Mutex::new(writer),
            readers: reader.factory(),
        }
    }

    fn read(&self, stop: &AtomicBool) -> u64 {
        let handle = self.readers.handle();
        batches(stop, || {
            black_box(handle.enter().expect("there is a writer").0);
        })
    }

    fn replace(&self, new: u64) {
        let mut writer = self.writer.lock().expect("nobody panics");
        writer.append(new).publish();
    }
}
