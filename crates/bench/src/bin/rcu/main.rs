//! What of read-copy-update takes several threads, in one run: `cargo xtask bench rcu`.
//!
//! ```text
//! rcu [--rounds N]
//! ```
//!
//! | | |
//! |---|---|
//! | `grace.rs` | what a grace period costs, beside which readers |
//! | `shared.rs` | how many heavy barriers writers make that come at once |
//! | `reads.rs` | reads of two threads, and beside a writer: ours and the peers' |
//! | `rounds.rs` | rounds in turn, so that what disturbs the machine for a while disturbs all |
//!
//! A section alone is an operation like others, in `src/ops/rcu.rs`.

mod grace;
mod reads;
mod rounds;
mod shared;

use std::{env, error::Error, process::ExitCode};

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
    let mut rounds = 15;
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--rounds" => rounds = value()?.parse()?,
            "--help" | "-h" => {
                println!("rcu [--rounds N]");
                return Ok(());
            }
            _ => return Err(format!("unknown option {arg}").into()),
        }
    }
    if rounds == 0 {
        return Err("at least one round".into());
    }
    println!("Nanoseconds, {rounds} rounds: median (least to most).\n");
    grace::report(rounds);
    println!();
    shared::report(rounds);
    println!();
    reads::report(rounds);
    Ok(())
}
