//! Blocking locks that many threads want.

use anyhow::Result;

use super::{DOCUMENT, PACKAGE};
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Let threads contend for our locks and the peers', in turns, and compare.
///
/// Throughput, share per thread and longest wait. Needs a quiet machine: the times of
/// all are wrong when somebody else computes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Only locks that have this in their name.
    pub(super) filter: Option<String>,
    /// Write the result to its section of docs/benchmarks.md instead of showing it.
    #[arg(long, conflicts_with = "filter")]
    pub(super) write: bool,
}

// === impl Args ===

impl Args {
    pub(super) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        report.step("bench locks", || self.measure(project));
        Ok(())
    }

    fn measure(&self, project: &Project) -> Result<Verdict> {
        let cmd = project
            .cargo()
            .args([
                "run",
                "--release",
                "--package",
                PACKAGE,
                "--bin=locks",
                "--",
            ])
            .args(
                self.write
                    .then_some(["--out", DOCUMENT])
                    .into_iter()
                    .flatten(),
            )
            .args(&self.filter);
        let output = exec::run(project, "bench locks", cmd)?;
        print!("\n{}", output.stdout);
        Ok(Verdict::passed(if self.write { DOCUMENT } else { "" }))
    }
}
