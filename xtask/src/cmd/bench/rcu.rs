//! Read-copy-update where it takes several threads.

use anyhow::Result;

use super::{DOCUMENT, PACKAGE, section};
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// How often each figure is taken, unless asked otherwise.
pub(super) const ROUNDS: usize = 31;

/// Where the section begins in the document.
const HEADING: &str = "## Read-copy-update with several threads";

/// What the section says before its tables.
const PREFACE: &str = "\
What a grace period costs beside which readers, and what a read costs beside another reader or a
writer. A section alone is among the operations, `rcu_read` and the like.";

/// Measure grace periods beside readers, and reads beside readers and writers, ours and the peers'.
///
/// Needs a quiet machine: the times of all are wrong when somebody else computes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// How often each figure is taken.
    #[arg(long, default_value_t = ROUNDS)]
    pub(super) rounds: usize,
    /// Write the result to its section of docs/benchmarks.md instead of showing it.
    #[arg(long)]
    pub(super) write: bool,
}

// === impl Args ===

impl Args {
    pub(super) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        report.step("bench rcu", || self.measure(project));
        Ok(())
    }

    fn measure(&self, project: &Project) -> Result<Verdict> {
        let cmd = project
            .cargo()
            .args(["run", "--release", "--package", PACKAGE])
            .args(["--bin=rcu", "--", "--rounds", &self.rounds.to_string()]);
        let output = exec::run(project, "bench rcu", cmd)?;
        let tables = format!("{HEADING}\n\n{PREFACE}\n\n{}", output.stdout);
        if self.write {
            section::write(HEADING, &tables)?;
            return Ok(Verdict::passed(DOCUMENT));
        }
        print!("\n{tables}");
        Ok(Verdict::passed(""))
    }
}
