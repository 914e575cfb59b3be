//! Blocking locks that many threads want.

use anyhow::Result;

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
        let cmd = super::program(project, "locks");
        super::show(project, "bench locks", cmd, &self.filter, self.write)
    }
}
