//! Settings that tasks on both processors read all the time while another one replaces them: what RCU is for.

use core::hint::spin_loop;
use core::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use pintle::future::yield_now;

use crate::serial::println;
use crate::{rcu, worker};

const READERS: usize = 4;
const REPLACED: usize = 200;

/// What is replaced as a whole.
struct Settings {
    /// Until its memory is about to be freed.
    is_valid: AtomicBool,
}

/// What readers and the writer share.
struct Shared {
    /// Points to settings that are valid for as long as a section lasts in which it is read.
    current: AtomicPtr<Settings>,
    is_over: AtomicBool,
    reads: AtomicUsize,
    /// Settings that a reader found invalid.
    freed: AtomicUsize,
}

/// Replaces the settings many times, under the eyes of readers.
pub(crate) async fn run() {
    let barriers = rcu::barriers();
    let shared = Arc::new(Shared {
        current: AtomicPtr::new(Settings::boxed()),
        is_over: AtomicBool::new(false),
        reads: AtomicUsize::new(0),
        freed: AtomicUsize::new(0),
    });
    let readers: Vec<_> = (0..READERS)
        .map(|_| worker::SCHEDULER.spawn(read(shared.clone())))
        .collect();
    for _ in 0..REPLACED {
        shared.replace();
        yield_now().await;
    }
    shared.is_over.store(true, Relaxed);
    for reader in readers {
        reader.await.expect("a reader does not panic");
    }
    println!(
        "{REPLACED} settings replaced, {} read after they were freed",
        shared.freed.load(Relaxed)
    );
    println!(
        "{} reads, {} barriers",
        shared.reads.load(Relaxed),
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
    fn boxed() -> *mut Self {
        Box::into_raw(Box::new(Self {
            is_valid: AtomicBool::new(true),
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
            for _ in 0..20 {
                // SAFETY: this section began before it was loaded, so it is not freed before this section ends.
                if !unsafe { &*current }.is_valid.load(Relaxed) {
                    self.freed.fetch_add(1, Relaxed);
                }
                spin_loop();
            }
        });
        self.reads.fetch_add(1, Relaxed);
    }

    fn replace(&self) {
        // Release pairs with the Acquire in `read`, Acquire with the Release of the `swap` before.
        let old = self.current.swap(Settings::boxed(), AcqRel);
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
    settings.is_valid.store(false, Relaxed);
}
