//! What readers look at: a canary that is alive until no reader can be looking at it.

use pintle_core::CachePadded;
use std::{
    collections::VecDeque,
    panic::{self, AssertUnwindSafe},
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering::*},
    },
    thread,
    time::Instant,
};

const ALIVE: u64 = 0x0a11_0a11_0a11_0a11;
const POISON: u64 = 0xdead_dead_dead_dead;

/// Canaries of a cage. The one that was poisoned longest ago comes back first, so that a reader that holds one
/// too long finds it dead for some time.
const CANARIES: usize = 256;

/// Never freed for real: an early "free" is caught by the poison, and is not undefined behaviour.
pub(crate) struct Canary {
    state: AtomicU64,
}

/// The link that readers load and writers replace.
pub(crate) struct Cage {
    link: AtomicPtr<Canary>,
    /// The poisoned ones, and those that are not yet.
    spare: Mutex<VecDeque<&'static Canary>>,
    stop: AtomicBool,
    sections: AtomicUsize,
    replaced: AtomicUsize,
    /// Lines that everybody writes to, to keep their store buffers full: so the store that enters a
    /// section takes long to get out, and a writer that does not make the heavy barrier misses it.
    noise: [CachePadded<AtomicUsize>; 16],
}

/// A canary that was taken out of its cage, and that readers may be looking at.
#[must_use = "it is to be poisoned when no reader can be looking at it"]
pub(crate) struct Old {
    canary: &'static Canary,
    cage: &'static Cage,
}

/// What a reader of some domain can do.
pub(crate) trait Read {
    /// Runs `f` in a section.
    fn section(&self, f: impl FnOnce());

    fn quiesce(&self);

    /// Before it reads for the first time.
    fn begin(&self, cage: &'static Cage) {
        let _ = cage;
    }
}

// === impl Canary ===

impl Canary {
    /// Sees whether it is alive, so many times.
    pub(crate) fn look(&self, looks: usize) {
        // The longer it takes, the likelier that a writer comes in between.
        for _ in 0..looks {
            let state = self.state.load(Relaxed);
            assert_eq!(state, ALIVE, "freed under a reader's hands");
        }
    }
}

// === impl Cage ===

impl Cage {
    pub(crate) fn new() -> &'static Self {
        let canaries: &'static [Canary; CANARIES] = Box::leak(Box::new(
            [const {
                Canary {
                    state: AtomicU64::new(POISON),
                }
            }; CANARIES],
        ));
        let (first, spare) = canaries.split_first().unwrap();
        first.state.store(ALIVE, Relaxed);
        Box::leak(Box::new(Self {
            link: AtomicPtr::new(ptr::from_ref(first).cast_mut()),
            spare: Mutex::new(spare.iter().collect()),
            stop: AtomicBool::new(false),
            sections: AtomicUsize::new(0),
            replaced: AtomicUsize::new(0),
            noise: [const { CachePadded::new(AtomicUsize::new(0)) }; 16],
        }))
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.stop.load(Relaxed)
    }

    /// The end: readers leave.
    pub(crate) fn close(&self) {
        self.stop.store(true, Relaxed);
    }

    /// That there was something to see.
    pub(crate) fn check(&self) {
        assert!(self.sections.load(Relaxed) > 0, "nobody has read");
        assert!(self.replaced.load(Relaxed) > 0, "nobody has written");
    }

    /// What a section sees. Good until its end.
    pub(crate) fn current(&self) -> &Canary {
        // Acquire pairs with the swap in `put`.
        let canary = self.link.load(Acquire);
        // SAFETY: never null, and leaked, so the reference is valid whatever the domain does.
        unsafe { &*canary }
    }

    /// `sections` sections: plain ones, nested ones, one that panics, and a quiescent state now and then.
    pub(crate) fn read(&self, reader: &impl Read, sections: usize) {
        for section in 0..sections {
            self.make_noise(section);
            match section % 64 {
                // What was loaded in the inner section is good until the outer one ends.
                1 | 33 => reader.section(|| {
                    let outer = self.current();
                    let mut inner = outer;
                    reader.section(|| {
                        inner = self.current();
                        inner.look(4);
                    });
                    inner.look(4);
                    outer.look(4);
                }),
                7 => {
                    let panics = || {
                        reader.section(|| {
                            self.current().look(4);
                            // Without the hook, which would print.
                            panic::resume_unwind(Box::new(()));
                        })
                    };
                    let panics = AssertUnwindSafe(panics);
                    assert!(panic::catch_unwind(panics).is_err_and(|it| it.is::<()>()));
                }
                15 | 47 => reader.quiesce(),
                // Within a section it does nothing.
                21 => reader.section(|| {
                    let canary = self.current();
                    reader.quiesce();
                    canary.look(8);
                }),
                // The writer waits while this one has no processor.
                63 => reader.section(|| {
                    let canary = self.current();
                    thread::yield_now();
                    canary.look(4);
                }),
                // Long ones, so that the old canary is poisoned before their end.
                looks => reader.section(|| self.current().look(looks % 32 * 8)),
            }
        }
        self.sections.fetch_add(sections, Relaxed);
    }

    /// Replaces the canary again and again, and hands out the old one, until the time is up.
    pub(crate) fn write(&'static self, until: Instant, mut reclaim: impl FnMut(Old)) {
        while Instant::now() < until {
            match self.put() {
                Some(old) => reclaim(old),
                // All are waiting for their grace periods.
                None => thread::yield_now(),
            }
        }
    }

    /// Puts a living one in the place of the current one, if there is a spare one.
    fn put(&'static self) -> Option<Old> {
        let next = self.spares().pop_front()?;
        next.state.store(ALIVE, Relaxed);
        self.make_noise(0);
        // Release pairs with the load in `look`; Acquire with the release of the put before.
        let old = self.link.swap(ptr::from_ref(next).cast_mut(), AcqRel);
        self.replaced.fetch_add(1, Relaxed);
        // SAFETY: one of the canaries, which are leaked.
        let canary = unsafe { &*old };
        Some(Old { canary, cage: self })
    }

    fn make_noise(&self, value: usize) {
        for line in &self.noise {
            line.store(value, Relaxed);
        }
    }

    fn spares(&self) -> MutexGuard<'_, VecDeque<&'static Canary>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Old ===

impl Old {
    /// Frees it: a grace period has passed.
    pub(crate) fn poison(self) {
        self.canary.state.store(POISON, Relaxed);
        self.cage.spares().push_back(self.canary);
    }
}
