//! tokio's multi-threaded workloads, on our stealing scheduler and on the peers', in one run:
//! `cargo xtask bench runtimes`.
//!
//! ```text
//! runtimes [--rounds N] [--workers N] [FILTER]
//! ```
//!
//! | | |
//! |---|---|
//! | `contenders.rs` | the runtimes: two workers each, started before the clock |
//! | `workloads.rs` | what tokio's benches/rt_multi_threaded.rs does, for any of them |
//!
//! The rounds are interleaved: each contender runs a workload once, then each again. A round's time is that of
//! its slowest task, from a thread outside.

mod contenders;
mod workloads;

use std::{env, error::Error, process::ExitCode, time::Duration};

use contenders::{AsyncExecutor, Pintle, PintleStatic, Runtime, Tokio};
use workloads::{Shape, WORKLOADS};

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A contender, its type forgotten: it runs one round.
type Round = Box<dyn Fn(Shape) -> Duration>;

fn contender<R: Runtime>(runtime: R) -> (&'static str, Round) {
    (
        R::NAME,
        Box::new(move |shape| workloads::run(&runtime, shape)),
    )
}

fn run(mut args: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let (mut rounds, mut workers, mut filter) = (15, 2, String::new());
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--rounds" => rounds = value()?.parse()?,
            "--workers" => workers = value()?.parse()?,
            "--help" | "-h" => {
                println!("runtimes [--rounds N] [--workers N] [FILTER]");
                return Ok(());
            }
            _ if arg.starts_with('-') => return Err(format!("unknown option {arg}").into()),
            _ => filter = arg,
        }
    }
    if rounds == 0 || workers == 0 {
        return Err("at least one round and one worker".into());
    }
    let mut contenders = vec![
        contender(Pintle::start(workers)),
        contender(Tokio::start(workers)),
        contender(AsyncExecutor::start(workers)),
    ];
    if workers == PintleStatic::WORKERS {
        contenders.insert(1, contender(PintleStatic::start()));
    }

    println!(
        "Nanoseconds per operation on {workers} workers, {rounds} rounds: median (least to most).\n"
    );
    print!("| workload |");
    for (name, _) in &contenders {
        print!(" {name} |");
    }
    println!("\n|---|{}", "---|".repeat(contenders.len()));
    for &(name, shape) in WORKLOADS.iter().filter(|(name, _)| name.contains(&filter)) {
        // What is allocated for the first time is, for all.
        for (_, round) in &contenders {
            round(shape);
        }
        let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
        for number in 0..rounds {
            for index in 0..contenders.len() {
                // Each is the first in its turn.
                let index = (index + number) % contenders.len();
                let time = contenders[index].1(shape);
                times[index].push(time.as_nanos() as f64 / shape.operations() as f64);
            }
        }
        print!("| {name} |");
        for times in &mut times {
            times.sort_by(f64::total_cmp);
            let [least, median, most] = [0, rounds / 2, rounds - 1].map(|at| times[at]);
            print!(" {median:.1} ({least:.1} to {most:.1}) |");
        }
        println!();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contender_does_every_workload() {
        let contenders = [
            contender(Pintle::start(2)),
            contender(PintleStatic::start()),
            contender(Tokio::start(2)),
            contender(AsyncExecutor::start(2)),
        ];
        for (_, shape) in WORKLOADS {
            for (_, round) in &contenders {
                assert!(round(shape.tenth()) > Duration::ZERO);
            }
        }
    }
}
