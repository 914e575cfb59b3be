//! Settings that tasks on both processors read all the time while another one replaces them: what RCU is for.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use alloc::sync::Arc;
use alloc::vec::Vec;
use pintle::future::yield_now;
use pintle::rcu::RcuCell;
use pintle::time::Duration;

use crate::rcu::{PROCESSORS, Processors};
use crate::serial::println;
use crate::{clock, cpu, rcu, worker};

const READERS: usize = 4;
const REPLACED: usize = 200;
/// The other processor may be one that its host lets run now and then.
const LIMIT: Duration = Duration::from_secs(5);

/// What is replaced as a whole.
struct Settings {
    /// Of all settings there have been, one after the other; 0 when they are freed.
    number: AtomicUsize,
}

/// What readers and the writer share.
struct Shared {
    current: RcuCell<Settings, Processors>,
    is_over: AtomicBool,
    /// How many sections each processor has had.
    reads: [AtomicUsize; cpu::COUNT],
    /// Sections in which the settings changed, as they must not.
    changed: AtomicUsize,
}

/// Replaces the settings many times, under the eyes of readers.
pub(crate) async fn run() {
    let barriers = rcu::barriers();
    let shared = Arc::new(Shared {
        current: RcuCell::new_in(Settings::new(1), PROCESSORS),
        is_over: AtomicBool::new(false),
        reads: [const { AtomicUsize::new(0) }; cpu::COUNT],
        changed: AtomicUsize::new(0),
    });
    let readers: Vec<_> = (0..READERS)
        .map(|_| worker::SCHEDULER.spawn(read(shared.clone())))
        .collect();
    let mut replaced = 0;
    // Under the eyes of the other processor, whose worker has taken some of the readers from this one.
    while replaced < REPLACED && shared.is_read_elsewhere() {
        replaced += 1;
        let old = shared.current.replace(Settings::new(1 + replaced));
        drop(old.grace_period().await);
    }
    shared.is_over.store(true, Relaxed);
    for reader in readers {
        reader.await.expect("a reader does not panic");
    }
    println!(
        "{replaced} settings replaced, {} changed under a reader",
        shared.changed.load(Relaxed)
    );
    println!(
        "{} reads, {} barriers",
        shared.reads(),
        rcu::barriers() - barriers
    );
}

async fn read(shared: Arc<Shared>) {
    while !shared.is_over.load(Relaxed) {
        shared.read();
        yield_now().await;
    }
}

// === impl Settings ===

impl Settings {
    fn new(number: usize) -> Self {
        Self {
            number: AtomicUsize::new(number),
        }
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        self.number.store(0, Relaxed);
    }
}

// === impl Shared ===

impl Shared {
    /// Looks at the settings for a while.
    fn read(&self) {
        let section = PROCESSORS.enter();
        let settings = self.current.load(&section);
        let number = settings.number.load(Relaxed);
        if (0..200).any(|_| settings.number.load(Relaxed) != number) {
            self.changed.fetch_add(1, Relaxed);
        }
        drop(section);
        self.reads[cpu::id()].fetch_add(1, Relaxed);
    }

    /// Keeps this processor busy until there is a section on another one. Returns whether there is.
    fn is_read_elsewhere(&self) -> bool {
        let me = cpu::id();
        let elsewhere = || self.reads() - self.reads[me].load(Relaxed);
        let before = elsewhere();
        clock::wait_until(LIMIT, || elsewhere() > before)
    }

    fn reads(&self) -> usize {
        self.reads.iter().map(|reads| reads.load(Relaxed)).sum()
    }
}
