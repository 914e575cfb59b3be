//! Over domains as a kernel has them: a slot for each lane of readers.

use crate::{LANES, canary::Read, stress};
use pintle_rcu::domain::{Barrier, Domain, Fences, Reader, Slot};
use std::{cell::Cell, hint::spin_loop};

impl<B: Barrier> Read for Reader<B> {
    fn section(&self, f: impl FnOnce()) {
        self.run(f);
    }

    fn quiesce(&self) {
        Reader::quiesce(self);
    }
}

/// Quiescent after each section, for some grace periods: writers that look then make no heavy barrier, and forget
/// the reader until it comes again.
struct Quiescent<B: Barrier + 'static> {
    reader: Reader<B>,
    sections: Cell<u32>,
}

impl<B: Barrier> Read for Quiescent<B> {
    fn section(&self, f: impl FnOnce()) {
        self.reader.run(f);
        self.reader.quiesce();
        let sections = self.sections.get() + 1;
        self.sections.set(sections);
        for _ in 0..sections % 128 {
            spin_loop();
        }
    }

    fn quiesce(&self) {
        self.reader.quiesce();
    }
}

fn poison_after_synchronize<B: Barrier + Sync + 'static, R: Read>(
    domain: Domain<B>,
    read: impl Fn(Reader<B>) -> R + Sync,
) {
    let domain: &'static Domain<B> = Box::leak(Box::new(domain));
    let slots: &'static [Slot; LANES] = Box::leak(Box::new([const { Slot::new() }; LANES]));
    stress(
        |lane| read(domain.reader(&slots[lane]).unwrap()),
        |cage, until| {
            cage.write(until, |old| {
                domain.synchronize();
                old.poison();
            });
        },
    );
}

#[test]
fn over_the_process_wide_barrier() {
    poison_after_synchronize(Domain::new(), |reader| reader);
}

#[test]
fn over_the_process_wide_barrier_that_is_skipped() {
    poison_after_synchronize(Domain::new(), |reader| Quiescent {
        reader,
        sections: Cell::new(0),
    });
}

#[test]
fn over_fences() {
    poison_after_synchronize(Domain::with_barrier(Fences), |reader| reader);
}
