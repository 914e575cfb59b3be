//! Rounds in turn.

use std::thread;
use std::time::Duration;

use crate::round::Round;

/// One kind of lock.
#[derive(Debug)]
pub(crate) struct Contender {
    /// Crate and, after a space, which of its locks; ours begins with `pintle`.
    pub(crate) name: &'static str,
    /// A round of so many threads for so long.
    pub(crate) throughput: fn(usize, Duration) -> Round,
    /// The longest wait of such a round, in which a clock is read each time.
    pub(crate) longest_wait: fn(usize, Duration) -> Duration,
}

/// How much is measured.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Odd, so that the median is one of them.
    pub(crate) rounds: usize,
    /// Of a round with no more threads than cores; others take [`CROWD`] times as long, so that each
    /// thread has had its time slices.
    pub(crate) time: Duration,
    pub(crate) threads: Vec<usize>,
    pub(crate) filter: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            rounds: 11,
            time: Duration::from_millis(40),
            threads: vec![1, 2, 8, 32],
            filter: String::new(),
        }
    }
}

/// What was measured of one contender with one number of threads.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) threads: usize,
    /// Millions of visits per second: least, median, most.
    pub(crate) mops: [f64; 3],
    /// Median.
    pub(crate) share: f64,
    /// Of the round with the fewest.
    pub(crate) changes: u64,
    /// Median and worst.
    pub(crate) longest_wait: [Duration; 2],
}

/// How much longer a round is if threads have to take turns. In a few turns chance makes the shares: 32
/// threads on two cores have 0.5 of a fair lock after 120 ms, and 0.7 after 480.
pub(crate) const CROWD: u32 = 8;

/// As many changes of the holder are contention: a hundred times as many as there are time slices.
pub(crate) const CHANGES_PER_MS: u128 = 20;

/// How often a round without contention is run again.
const TRIES: usize = 5;

/// Rounds for the longest wait, each with a worst case of its own.
const WAIT_ROUNDS: usize = 5;

/// Lets the contenders run in turn, as often as planned.
pub(crate) fn measure(contenders: &[Contender], plan: &Plan) -> Vec<Measured> {
    let wanted: Vec<_> = contenders
        .iter()
        .filter(|contender| contender.name.contains(&plan.filter))
        .collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut measured = Vec::new();
    for &threads in &plan.threads {
        let time = plan.time * if threads > cores { CROWD } else { 1 };
        let mut rounds = vec![Vec::with_capacity(plan.rounds); wanted.len()];
        let mut waits = vec![Vec::with_capacity(WAIT_ROUNDS); wanted.len()];
        for number in 0..plan.rounds {
            for (index, contender) in wanted.iter().enumerate() {
                rounds[index].push(contended_round(contender, threads, time));
                if number < WAIT_ROUNDS {
                    waits[index].push((contender.longest_wait)(threads, time));
                }
            }
        }
        for ((contender, rounds), mut waits) in wanted.iter().zip(rounds).zip(waits) {
            waits.sort_unstable();
            let [least, median, most] = spread(rounds.iter().map(|round| round.mops));
            measured.push(Measured {
                name: contender.name,
                threads,
                mops: [least, median, most],
                share: spread(rounds.iter().map(|round| round.share))[1],
                changes: rounds.iter().map(|round| round.changes).min().unwrap_or(0),
                longest_wait: [waits[waits.len() / 2], waits[waits.len() - 1]],
            });
            eprintln!(
                "    {threads:>2} threads, {:<20} {median:>6.1} Mops/s",
                contender.name
            );
        }
    }
    measured
}

/// A round in which the threads did want the lock at the same time.
///
/// A scheduler that has put them all on one core, or begins with one of them, shows as hardly any
/// change of the holder; such a round is run again. One that never succeeds is shown as it is: the
/// report has the changes.
fn contended_round(contender: &Contender, threads: usize, time: Duration) -> Round {
    let mut round = (contender.throughput)(threads, time);
    for _ in 0..TRIES {
        if threads == 1 || u128::from(round.changes) >= CHANGES_PER_MS * time.as_millis() {
            break;
        }
        round = (contender.throughput)(threads, time);
    }
    round
}

/// Least, median and most.
fn spread(values: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    [
        values[0],
        values[values.len() / 2],
        values[values.len() - 1],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{exclusive, shared};

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(spread([9.0, 1.0, 4.0].into_iter()), [1.0, 4.0, 9.0]);
    }

    #[test]
    fn every_contender_runs() {
        let plan = Plan {
            rounds: 1,
            time: Duration::from_millis(2),
            threads: vec![2],
            filter: String::new(),
        };
        for all in [exclusive::ALL, shared::ALL] {
            let measured = measure(all, &plan);
            assert_eq!(measured.len(), all.len());
            assert!(measured.iter().all(|row| row.mops[1] > 0.0));
        }
    }
}
