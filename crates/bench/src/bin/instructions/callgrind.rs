//! Counts instructions by Valgrind's callgrind.

use std::{
    env,
    error::Error,
    io::ErrorKind,
    process::{Command, Stdio},
    thread,
};

use pintle_bench::{Contender, Op};

/// Operations of the shorter run: a multiple of the lists' 64 nodes and of the 100 tasks that yield.
const N: usize = 6400;

/// Looks whether there is a Valgrind at all.
pub(crate) fn check() -> Result<(), Box<dyn Error>> {
    match Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
    {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("valgrind is missing: apt-get install valgrind".into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns how many instructions one operation takes, set-up not counted.
pub(crate) fn per_operation(op: &Op, contender: &Contender) -> Result<f64, Box<dyn Error>> {
    let n = N.next_multiple_of(contender.batch);
    // Both runs at once: counts do not depend on what else the machine does.
    let (once, twice) = thread::scope(|scope| {
        let count =
            |n| move || count(op.name, contender.name, n).map_err(|error| error.to_string());
        let once = scope.spawn(count(n));
        let twice = scope.spawn(count(2 * n));
        (once.join(), twice.join())
    });
    let once = once.map_err(|_| "counting panicked")??;
    let twice = twice.map_err(|_| "counting panicked")??;
    Ok((twice as f64 - once as f64) / n as f64)
}

fn count(op: &str, contender: &str, n: usize) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args(["--run", op, contender, &n.to_string()])
        .stdin(Stdio::null())
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{op}, {contender}: {}\n{log}", output.status).into());
    }
    collected(&log)
        .ok_or_else(|| format!("{op}, {contender}: callgrind counted nothing:\n{log}").into())
}

/// Finds the count in callgrind's log, which ends with a line like `==123== Collected : 456`.
fn collected(log: &str) -> Option<u64> {
    log.lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, count)| count.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_count() {
        let log = "==7== Events    : Ir\n==7== Collected : 844802\n==7==\n";
        assert_eq!(collected(log), Some(844_802));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }
}
