//! Over domains as a kernel has them: a slot for each lane of readers.

use crate::{LANES, canary::Read, stress};
use pintle_rcu::domain::{Barrier, Domain, Fences, Reader, Slot};

impl<B: Barrier> Read for Reader<B> {
    fn section(&self, f: impl FnOnce()) {
        self.run(f);
    }

    fn quiesce(&self) {
        Reader::quiesce(self);
    }
}

/// Quiescent after each section: writers that look then make no heavy barrier.
struct Quiescent<B: Barrier + 'static>(Reader<B>);

impl<B: Barrier> Read for Quiescent<B> {
    fn section(&self, f: impl FnOnce()) {
        self.0.run(f);
        self.0.quiesce();
    }

    fn quiesce(&self) {
        self.0.quiesce();
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
    poison_after_synchronize(Domain::new(), Quiescent);
}

#[test]
fn over_fences() {
    poison_after_synchronize(Domain::with_barrier(Fences), |reader| reader);
}
