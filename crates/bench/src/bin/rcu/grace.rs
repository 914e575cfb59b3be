//! What a grace period costs, beside which readers.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::Instant,
};

use pintle_park::barrier;
use pintle_rcu::global;

use crate::rounds::{Spread, interleaved};

/// Grace periods in a figure.
const TIMES: usize = 2_000;

/// Readers that are idle, where there are many.
const MANY: usize = 1_024;

/// Prints the table.
pub(crate) fn report(rounds: usize) {
    let _ = barrier::strategy();
    println!("| a grace period (`synchronize_blocking`) | ns |\n|---|--:|");
    let row = |name: &str, spread: Spread| println!("| {name} | {spread} |");

    let nobody = one(rounds);
    row("nobody else reads", nobody);

    let (heavy, synchronize) = beside_a_busy_reader(rounds);
    row("bare `barrier::heavy()` beside one busy reader", heavy);
    row("beside the same busy reader", synchronize);
    let ratio = synchronize.median / heavy.median;

    // Slots stay, so where there are few readers is measured before there are many.
    for (quiesced, count, name) in [
        (true, 1, "1 parked reader, which has quiesced"),
        (false, 1, "1 blocked reader, which has not quiesced"),
        (true, MANY, "1,024 parked readers, which have quiesced"),
        (
            false,
            MANY,
            "1,024 blocked readers, which have not quiesced",
        ),
    ] {
        let idle = Idle::new(count, quiesced);
        row(name, one(rounds));
        drop(idle);
    }
    let idle = Idle::new(MANY, true);
    let (heavy, synchronize) = beside_a_busy_reader(rounds);
    drop(idle);
    row(
        "bare `barrier::heavy()` beside 1,024 parked readers and a busy one",
        heavy,
    );
    row(
        "beside the same 1,024 parked readers and the busy one",
        synchronize,
    );

    println!("\nBeside the busy reader: {ratio:.2} of the bare `heavy()`.");
}

/// One figure by itself.
fn one(rounds: usize) -> Spread {
    interleaved(rounds, &mut [&mut || time(synchronize)])[0]
}

fn synchronize() {
    global().synchronize_blocking();
}

/// A bare heavy barrier and a grace period, in turns, while another thread does nothing but read.
fn beside_a_busy_reader(rounds: usize) -> (Spread, Spread) {
    let stop = AtomicBool::new(false);
    let sections = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                for _ in 0..1_000 {
                    global().run(|| std::hint::black_box(()));
                }
                sections.fetch_add(1_000, Relaxed);
            }
        });
        while sections.load(Relaxed) == 0 {
            thread::yield_now();
        }
        let spreads = interleaved(
            rounds,
            &mut [&mut || time(barrier::heavy), &mut || time(synchronize)],
        );
        stop.store(true, Relaxed);
        (spreads[0], spreads[1])
    })
}

/// Nanoseconds of one `f`.
fn time(f: fn()) -> f64 {
    let start = Instant::now();
    for _ in 0..TIMES {
        f();
    }
    start.elapsed().as_nanos() as f64 / TIMES as f64
}

/// Threads that have read and are blocked now.
struct Idle {
    threads: Vec<JoinHandle<()>>,
    end: Arc<Barrier>,
}

// === impl Idle ===

impl Idle {
    fn new(count: usize, quiesced: bool) -> Self {
        let (ready, end) = (
            Arc::new(Barrier::new(count + 1)),
            Arc::new(Barrier::new(count + 1)),
        );
        let threads = (0..count)
            .map(|_| {
                let (ready, end) = (Arc::clone(&ready), Arc::clone(&end));
                thread::Builder::new()
                    .stack_size(64 * 1024)
                    .spawn(move || {
                        global().run(|| ());
                        if quiesced {
                            global().quiesce();
                        }
                        ready.wait();
                        end.wait();
                    })
                    .expect("a thread can be started")
            })
            .collect();
        ready.wait();
        Self { threads, end }
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        self.end.wait();
        for thread in self.threads.drain(..) {
            thread.join().expect("an idle thread does not panic");
        }
    }
}
