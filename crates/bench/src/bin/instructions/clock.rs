//! Nanoseconds per operation: the median of interleaved runs.

use std::time::Duration;

use pintle_bench::Contender;

/// Odd, so that the median is one of them.
const RUNS: usize = 31;

/// How long one run takes, at least. Short beside a scheduler's time slice, so that on a busy machine
/// most runs are not interrupted; long beside what is set up once per run.
const TARGET: Duration = Duration::from_millis(1);

/// Operations to begin with: a multiple of the lists' 64 nodes and of the 100 tasks that yield.
const FEWEST: usize = 1600;

/// Nanoseconds per operation over the runs.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

/// Measures the contenders in turn, [`RUNS`] times, so that what disturbs the machine for a while
/// disturbs all of them.
pub(crate) fn interleaved(contenders: &[Contender]) -> Vec<Spread> {
    let counts: Vec<_> = contenders.iter().map(calibrate).collect();
    let mut runs = vec![Vec::with_capacity(RUNS); contenders.len()];
    for _ in 0..RUNS {
        for ((contender, &n), runs) in contenders.iter().zip(&counts).zip(&mut runs) {
            runs.push(contender.time(n).as_nanos() as f64 / n as f64);
        }
    }
    runs.into_iter().map(spread).collect()
}

/// Finds how many operations take about [`TARGET`].
fn calibrate(contender: &Contender) -> usize {
    let mut n = FEWEST.next_multiple_of(contender.batch);
    while contender.time(n) < TARGET && n < 1 << 30 {
        n *= 2;
    }
    n
}

fn spread(mut runs: Vec<f64>) -> Spread {
    runs.sort_by(f64::total_cmp);
    Spread {
        least: runs[0],
        median: runs[runs.len() / 2],
        most: runs[runs.len() - 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let spread = spread(vec![9.0, 1.0, 4.0]);
        assert_eq!(
            spread,
            Spread {
                least: 1.0,
                median: 4.0,
                most: 9.0
            }
        );
    }
}
