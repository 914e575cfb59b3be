//! Workers that steal, beside the peers' runtimes.

use anyhow::Result;

use super::{DOCUMENT, PACKAGE, section};
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// How often each runtime does each workload, unless asked otherwise.
pub(super) const ROUNDS: usize = 31;

/// Where the section begins in the document.
const HEADING: &str = "## Runtimes with several workers";

/// What the section says before its table.
const PREFACE: &str = "\
tokio's multi-threaded workloads (its benches/rt_multi_threaded.rs) on `StealingScheduler`, on
`StaticStealingScheduler`, which needs no heap for itself, and on the peers' runtimes, in turns.";

/// Run tokio's multi-threaded workloads on our stealing schedulers and on the peers' runtimes,
/// in turns.
///
/// Needs a quiet machine: the times of all are wrong when somebody else computes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// How often each runtime does each workload.
    #[arg(long, default_value_t = ROUNDS)]
    pub(super) rounds: usize,
    /// Write the result to its section of docs/benchmarks.md instead of showing it.
    #[arg(long)]
    pub(super) write: bool,
}

// === impl Args ===

impl Args {
    pub(super) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        report.step("bench runtimes", || self.measure(project));
        Ok(())
    }

    fn measure(&self, project: &Project) -> Result<Verdict> {
        let cmd = project
            .cargo()
            .args(["run", "--release", "--package", PACKAGE])
            .args(["--bin=runtimes", "--", "--rounds", &self.rounds.to_string()]);
        let output = exec::run(project, "bench runtimes", cmd)?;
        let table = format!("{HEADING}\n\n{PREFACE}\n\n{}", output.stdout);
        if self.write {
            section::write(HEADING, &table)?;
            return Ok(Verdict::passed(DOCUMENT));
        }
        print!("\n{table}");
        Ok(Verdict::passed(""))
    }
}
