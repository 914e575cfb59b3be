//! Instructions per operation, of ours and of the peers, in one run: `cargo xtask bench`.
//!
//! ```text
//! instructions [--out FILE] [FILTER]   measures the operations whose name contains FILTER
//! instructions --gates                 counts what the gates are about, and fails if one does not hold
//! instructions --times [FILTER]        the nanoseconds alone, for a look while nothing else runs
//! instructions --run OP CONTENDER N    does one contender's operation N times (what callgrind watches)
//! ```
//!
//! For each contender the program starts itself twice under `valgrind --tool=callgrind`, with N and
//! with 2N operations; `(I(2N) - I(N)) / N` is what one operation costs, without set-up, and is the
//! same in every run. Nanoseconds are measured too, for what instructions do not show: the median of
//! interleaved runs, with their spread. They depend on the machine and on what else it does.

mod callgrind;
mod clock;
mod machine;
mod report;

use std::{collections::HashMap, env, error::Error, fs, process::ExitCode};

use pintle_bench::{
    Contender, Op,
    gates::{GATES, Gate, Outcome},
    ops,
};

/// What was measured of one operation.
struct Measured {
    op: &'static Op,
    rows: Vec<Row>,
}

/// What was measured of one contender.
struct Row {
    contender: &'static Contender,
    instructions: f64,
    nanoseconds: clock::Spread,
}

fn main() -> ExitCode {
    match run(env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Vec<String>) -> Result<(), Box<dyn Error>> {
    let mut out = None;
    let mut filter = String::new();
    let mut times = false;
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--run" => {
                let mut next = || args.next().ok_or("--run OP CONTENDER N");
                let (op, contender, n) = (next()?, next()?, next()?.parse()?);
                let contender = find(&op, &contender).ok_or("no such operation or contender")?;
                (contender.run)(n);
                return Ok(());
            }
            "--gates" => return count_for_gates(),
            "--times" => times = true,
            "--out" => out = Some(args.next().ok_or("--out FILE")?),
            "--help" | "-h" => {
                println!("instructions [--out FILE | --times] [FILTER] | --gates");
                return Ok(());
            }
            _ if arg.starts_with('-') => return Err(format!("unknown option {arg}").into()),
            _ => filter = arg,
        }
    }

    if times {
        return show_times(&filter);
    }
    let measured = measure(&filter)?;
    if measured.is_empty() {
        return Err(format!("no operation is called anything like {filter:?}").into());
    }
    let report = report::markdown(&measured, &machine::facts())?;
    match out {
        Some(path) => fs::write(&path, report).map_err(|error| format!("{path}: {error}"))?,
        None => print!("{report}"),
    }
    check_gates(&gates(|op, contender| {
        let measured = measured.iter().find(|measured| measured.op.name == op)?;
        let row = measured
            .rows
            .iter()
            .find(|row| row.contender.name == contender)?;
        Some(row.instructions)
    }))
}

/// Looks at every gate about which enough was counted.
fn gates(count: impl Fn(&str, &str) -> Option<f64>) -> Vec<Outcome> {
    GATES.iter().filter_map(|gate| gate.check(&count)).collect()
}

/// Says what became of the gates.
fn check_gates(outcomes: &[Outcome]) -> Result<(), Box<dyn Error>> {
    for Outcome { what, holds } in outcomes {
        eprintln!("gate {}: {what}", if *holds { "holds" } else { "FAILS" });
    }
    match outcomes.iter().filter(|outcome| !outcome.holds).count() {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} gates fail", outcomes.len()).into()),
    }
}

fn count_for_gates() -> Result<(), Box<dyn Error>> {
    callgrind::check()?;
    let mut counts = HashMap::new();
    for (name, contender_name) in GATES.iter().flat_map(Gate::needs) {
        if counts.contains_key(&(name, contender_name)) {
            continue;
        }
        let op = ops()
            .find(|op| op.name == name)
            .ok_or("no such operation")?;
        let contender = find(name, contender_name).ok_or("no such contender")?;
        counts.insert(
            (name, contender_name),
            callgrind::per_operation(op, contender)?,
        );
    }
    check_gates(&gates(|op, contender| {
        counts.get(&(op, contender)).copied()
    }))
}

fn find(op: &str, contender: &str) -> Option<&'static Contender> {
    ops()
        .find(|candidate| candidate.name == op)?
        .contenders
        .iter()
        .find(|candidate| candidate.name == contender)
}

fn show_times(filter: &str) -> Result<(), Box<dyn Error>> {
    for op in ops().filter(|op| op.name.contains(filter)) {
        println!("{}", op.name);
        for (contender, ns) in op.contenders.iter().zip(clock::interleaved(op.contenders)) {
            let clock::Spread {
                least,
                median,
                most,
            } = ns;
            println!(
                "    {:<42} {median:>8.1} ns ({least:.1} … {most:.1})",
                contender.name
            );
        }
    }
    Ok(())
}

fn measure(filter: &str) -> Result<Vec<Measured>, Box<dyn Error>> {
    callgrind::check()?;
    let wanted: Vec<_> = ops().filter(|op| op.name.contains(filter)).collect();
    let mut measured = Vec::new();
    for (i, op) in wanted.iter().enumerate() {
        eprintln!("[{}/{}] {}", i + 1, wanted.len(), op.name);
        let nanoseconds = clock::interleaved(op.contenders);
        let mut rows = Vec::new();
        for (contender, nanoseconds) in op.contenders.iter().zip(nanoseconds) {
            let instructions = callgrind::per_operation(op, contender)?;
            eprintln!(
                "    {:<30} {instructions:>8.1} instructions",
                contender.name
            );
            rows.push(Row {
                contender,
                instructions,
                nanoseconds,
            });
        }
        measured.push(Measured { op, rows });
    }
    Ok(measured)
}
