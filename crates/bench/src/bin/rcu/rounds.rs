//! Rounds in turn.

use std::fmt;

/// Nanoseconds per operation over the rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

/// Takes each figure once, then each again; the first in each turn is another one.
pub(crate) fn interleaved(rounds: usize, figures: &mut [&mut dyn FnMut() -> f64]) -> Vec<Spread> {
    let mut taken = vec![Vec::with_capacity(rounds); figures.len()];
    for round in 0..rounds {
        for index in 0..figures.len() {
            let index = (index + round) % figures.len();
            taken[index].push(figures[index]());
        }
    }
    taken.into_iter().map(Spread::of).collect()
}

// === impl Spread ===

impl Spread {
    fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        Self {
            least: figures[0],
            median: figures[figures.len() / 2],
            most: figures[figures.len() - 1],
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            least,
            median,
            most,
        } = self;
        write!(f, "{median:.1} ({least:.1} to {most:.1})")
    }
}
