//! Benches whose program prints the tables of a section.

use anyhow::Result;

use super::section::{self, Options};
use crate::project::Project;
use crate::report::{Report, Verdict};

/// How often each figure is taken, unless asked otherwise.
const ROUNDS: usize = 31;

/// A program of the bench crate that measures in rounds, and what stands before its tables.
pub(super) struct Tables {
    /// What the program is called, and this command's subcommand.
    program: &'static str,
    /// Where the section begins in the document.
    heading: &'static str,
    /// What the section says before its tables.
    preface: &'static str,
}

/// Read-copy-update where it takes several threads.
pub(super) const RCU: Tables = Tables {
    program: "rcu",
    heading: "## Read-copy-update with several threads",
    preface: "\
What a grace period costs beside which readers, and what a read costs beside another reader or a
writer. A section alone is among the operations, `rcu_read` and the like.",
};

/// Workers that steal, beside the peers' runtimes.
pub(super) const RUNTIMES: Tables = Tables {
    program: "runtimes",
    heading: "## Runtimes with several workers",
    preface: "\
tokio's multi-threaded workloads (its benches/rt_multi_threaded.rs) on `StealingScheduler`, on
`StaticStealingScheduler`, which needs no heap for itself, and on the peers' runtimes, in turns.",
};

// === impl Tables ===

impl Tables {
    pub(super) fn run(&self, project: &Project, report: &mut Report, options: &Options) {
        let name = format!("bench {}", self.program);
        report.step(name.clone(), || self.measure(project, &name, options));
    }

    fn measure(&self, project: &Project, name: &str, options: &Options) -> Result<Verdict> {
        let rounds = options.rounds.unwrap_or(ROUNDS).to_string();
        let cmd = super::program(project, self.program).args(["--rounds", &rounds]);
        let output = crate::exec::run(project, name, cmd)?;
        let Self {
            heading, preface, ..
        } = self;
        let section = format!("{heading}\n\n{preface}\n\n{}", output.stdout);
        section::put(heading, &section, options.write)
    }
}
