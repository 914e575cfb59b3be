//! pintle beside its peers, in the same run.
//!
//! Every operation that is compared stands in one registry, [`ops()`]: a name, a sentence that says
//! exactly what is done, and the contenders, each a plain `fn(n)` that does it `n` times. Whatever
//! measures reads the registry and knows nothing of what it measures:
//!
//! | | |
//! |---|---|
//! | `benches/peers.rs` | criterion, for a look at one operation while working on it |
//! | `src/bin/instructions.rs` | instruction counts by callgrind, medians of interleaved runs, sizes: writes `docs/benchmarks.md` |
//! | `src/bin/locks` | no operation, but threads that want the same lock: throughput and fairness, a section of `docs/benchmarks.md` |
//! | `src/bin/rcu` | what takes several threads: grace periods beside readers, a section of `docs/benchmarks.md` |
//! | the tests below | each contender runs, so that CI knows that the comparison still builds and works |
//!
//! # Fairness
//!
//! - Each contender does what the operation's sentence says, no more and no less; where a peer cannot
//!   (its turn also polls `block_on`'s future, its node also counts), the sentence or the contender's
//!   name says so.
//! - Set-up happens once per call of the `fn`, not per operation, and is the same on all sides: the
//!   instruction count is `(I(2N) - I(N)) / N`, so it cancels out. Where it is long beside the
//!   operations, it is kept out of the nanoseconds too ([`Contender::time`]).
//! - Peers are built with their defaults and only the features that the operation needs, in the same
//!   profile (fat LTO, one codegen unit).

pub mod barrier;
pub mod gates;
mod ops;
pub mod sizes;
mod stopwatch;

use std::time::{Duration, Instant};

/// One thing that is compared.
#[derive(Debug)]
pub struct Op {
    /// Short name, unique.
    pub name: &'static str,
    /// What one operation is, exactly.
    pub what: &'static str,
    /// Who does it, ours first.
    pub contenders: &'static [Contender],
}

/// One way to do an [`Op`].
#[derive(Debug)]
pub struct Contender {
    /// Crate and, after a space, which of its ways; ours begins with `pintle`.
    pub name: &'static str,
    /// Does the operation this many times, a multiple of [`batch`](Self::batch).
    pub run: fn(usize),
    /// How many operations come at once.
    pub batch: usize,
}

// === impl Contender ===

impl Contender {
    const fn new(name: &'static str, run: fn(usize)) -> Self {
        Self {
            name,
            run,
            batch: 1,
        }
    }

    /// One whose operations come `batch` at a time.
    const fn in_batches(name: &'static str, batch: usize, run: fn(usize)) -> Self {
        Self { name, run, batch }
    }

    /// Does the operation `n` times, and returns how long that took: without set-up where the
    /// contender sets the two apart, and in all otherwise.
    #[must_use]
    pub fn time(&self, n: usize) -> Duration {
        let start = Instant::now();
        (self.run)(n);
        let all = start.elapsed();
        stopwatch::take().unwrap_or(all)
    }

    /// Whether this one is the kit's own.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.name.starts_with("pintle")
    }
}

/// Every operation, in the order of the report.
pub fn ops() -> impl Iterator<Item = &'static Op> {
    ops::ALL.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_ours_come_first() {
        let mut names = HashSet::new();
        for op in ops() {
            assert!(
                names.insert(op.name),
                "two operations are called {}",
                op.name
            );
            assert!(
                !op.name.contains(['/', ' ']),
                "{} is part of a command line",
                op.name
            );
            assert!(
                op.what.trim_end_matches(')').ends_with('.'),
                "{}: a sentence says what is done",
                op.name
            );

            let mut contenders = HashSet::new();
            let mut peers = false;
            for contender in op.contenders {
                assert!(
                    contenders.insert(contender.name),
                    "{}: two {}",
                    op.name,
                    contender.name
                );
                assert!(
                    !(peers && contender.is_ours()),
                    "{}: ours come first",
                    op.name
                );
                peers |= !contender.is_ours();
            }
            assert!(peers, "{} compares with nobody", op.name);
            assert!(
                op.contenders[0].is_ours(),
                "{} is not about pintle",
                op.name
            );
        }
    }

    #[test]
    fn every_contender_runs() {
        for op in ops() {
            for contender in op.contenders {
                (contender.run)(0);
                (contender.run)(10_usize.next_multiple_of(contender.batch));
            }
        }
    }
}
