//! Settings that tasks on both processors read all the time while another one replaces them: what RCU is for.

use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use pintle::future::yield_now;
use pintle::time::Duration;

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
    /// Points to settings that do not change while a section lasts in which it is read.
    current: AtomicPtr<Settings>,
    is_over: AtomicBool,
    /// How many sections each processor has had.
    reads: [AtomicUsize; cpu::COUNT],
    /// Sections in which they changed all the same.
    changed: AtomicUsize,
}

/// Replaces the settings many times, under the eyes of readers.
pub(crate) async fn run() {
    let barriers = rcu::barriers();
    let shared = Arc::new(Shared {
        current: AtomicPtr::new(Settings::boxed(1)),
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
        shared.replace(1 + replaced);
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
    fn boxed(number: usize) -> *mut Self {
        Box::into_raw(Box::new(Self {
            number: AtomicUsize::new(number),
        }))
    }
}

// === impl Shared ===

impl Shared {
    /// Looks at the settings for a while.
    fn read(&self) {
        rcu::read(|| {
            // Acquire pairs with the Release in `replace`: the settings are seen whole.
            let current = self.current.load(Acquire);
            // SAFETY: this section began before it was loaded, so it is not freed before this section ends.
            let settings = unsafe { &*current };
            let number = settings.number.load(Relaxed);
            let is_same = (0..200).all(|_| settings.number.load(Relaxed) == number);
            if !is_same {
                self.changed.fetch_add(1, Relaxed);
            }
        });
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

    fn replace(&self, number: usize) {
        // Release pairs with the Acquire in `read`, Acquire with the Release of the `swap` before.
        let old = self.current.swap(Settings::boxed(number), AcqRel);
        rcu::synchronize();
        free(old);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // The readers are gone.
        free(*self.current.get_mut());
    }
}

/// Frees settings that nobody can reach any more.
fn free(settings: *mut Settings) {
    // SAFETY: they came from a box, and go back to it once: who calls this has made sure that they cannot be reached.
    let settings = unsafe { Box::from_raw(settings) };
    settings.number.store(0, Relaxed);
}
