//! Blocking locks that many threads want, ours beside the peers', in one run:
//! `cargo xtask bench locks`.
//!
//! ```text
//! locks [--out FILE] [--rounds N] [--millis N] [--threads N,N] [FILTER]
//! ```
//!
//! | | |
//! |---|---|
//! | `exclusive.rs` | locks that one thread holds at a time, and what is done with them |
//! | `shared.rs` | locks that many readers hold, and what is done with them |
//! | `round.rs` | one round: threads that start at a barrier, warm up, and work until the time is up |
//! | `series.rs` | rounds in turn, so that what disturbs the machine for a while disturbs all |
//! | `report.rs` | the section of docs/benchmarks.md |
//!
//! A new lock needs a line in the list of `exclusive.rs` or `shared.rs`, and an implementation of
//! the trait there if it is no `pintle_lock` type.
//!
//! # What is measured
//!
//! - **Throughput**: a thread takes the lock, counts, releases it and begins anew, with nothing in
//!   between. Nobody's program does only that: it is where locks differ most.
//! - **Contention**: the count inside the lock also notices when the holder is not the one before.
//!   Threads that ran one after the other, and not against each other, show as a change or two.
//! - **Share**: the count of the thread that got least, by that of the thread that got most.
//! - **Longest wait**: in rounds of their own, since a clock that is read each time would be most of
//!   what is measured.

mod exclusive;
mod report;
mod round;
mod series;
mod shared;

use std::{env, error::Error, fs, process::ExitCode, time::Duration};

use series::Plan;

fn main() -> ExitCode {
    match run(env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let mut out = None;
    let mut plan = Plan::default();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--out" => out = Some(value()?),
            "--rounds" => plan.rounds = value()?.parse()?,
            "--millis" => plan.time = Duration::from_millis(value()?.parse()?),
            "--threads" => {
                plan.threads = value()?
                    .split(',')
                    .map(str::parse)
                    .collect::<Result<_, _>>()?;
            }
            "--help" | "-h" => {
                println!("locks [--out FILE] [--rounds N] [--millis N] [--threads N,N] [FILTER]");
                return Ok(());
            }
            _ if arg.starts_with('-') => return Err(format!("unknown option {arg}").into()),
            _ => plan.filter = arg,
        }
    }
    if plan.rounds == 0 || plan.threads.contains(&0) {
        return Err("at least one round and one thread".into());
    }

    let section = report::markdown(
        &series::measure(exclusive::ALL, &plan),
        &series::measure(shared::ALL, &plan),
        &plan,
    )?;
    match out {
        Some(path) => {
            let document = fs::read_to_string(&path).unwrap_or_default();
            fs::write(&path, report::replace_section(&document, &section))
                .map_err(|error| format!("{path}: {error}"))?;
        }
        None => print!("{section}"),
    }
    Ok(())
}
