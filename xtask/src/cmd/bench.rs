//! The benches, ours beside the peers'.

mod locks;
mod rcu;
mod redis;
mod runtimes;
mod section;
mod timers;

use anyhow::Result;
use clap::Subcommand;

use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Measure ours beside the peers, in the same run.
///
/// Instruction counts by callgrind are the same in every run; times are not, and are
/// shown with their spread.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: Option<What>,

    /// Only what has this in its name.
    filter: Option<String>,

    /// Count what the gates are about and nothing else, and fail if one does not hold.
    #[arg(long, conflicts_with_all = ["filter", "criterion", "write"])]
    gates: bool,

    /// Measure times by criterion, too (minutes).
    #[arg(long)]
    criterion: bool,

    /// Write the result to docs/benchmarks.md instead of showing it.
    #[arg(long, conflicts_with = "filter")]
    write: bool,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    Locks(locks::Args),
    Rcu(rcu::Args),
    Redis(redis::Args),
    Runtimes(runtimes::Args),
    Timers(timers::Args),
}

// === impl Args ===

const PACKAGE: &str = "pintle-bench";
const DOCUMENT: &str = "docs/benchmarks.md";

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        match &self.what {
            Some(What::Locks(args)) => return args.run(project, report),
            Some(What::Rcu(args)) => return args.run(project, report),
            Some(What::Redis(args)) => return args.run(project, report),
            Some(What::Runtimes(args)) => return args.run(project, report),
            Some(What::Timers(args)) => return args.run(project, report),
            None => {}
        }
        report.step("instructions", || self.instructions(project));
        if self.write {
            // Sections of the same document, which has just been written anew.
            let locks = locks::Args {
                filter: None,
                write: true,
            };
            locks.run(project, report)?;
            let timers = timers::Args {
                rounds: timers::ROUNDS,
                write: true,
            };
            timers.run(project, report)?;
            let runtimes = runtimes::Args {
                rounds: runtimes::ROUNDS,
                write: true,
            };
            runtimes.run(project, report)?;
            let rcu = rcu::Args {
                rounds: rcu::ROUNDS,
                write: true,
            };
            rcu.run(project, report)?;
        }
        if self.criterion {
            report.step("criterion", || self.criterion(project));
        }
        Ok(())
    }

    fn instructions(&self, project: &Project) -> Result<Verdict> {
        if !exec::works(project.sh.cmd("valgrind").arg("--version")) {
            return Ok(Verdict::skipped("apt-get install valgrind"));
        }
        let cmd = project
            .cargo()
            .args([
                "run",
                "--release",
                "--package",
                PACKAGE,
                "--bin=instructions",
                "--",
            ])
            .args(self.gates.then_some("--gates"))
            .args(
                self.write
                    .then_some(["--out", DOCUMENT])
                    .into_iter()
                    .flatten(),
            )
            .args(&self.filter);
        let output = exec::run(project, "instructions", cmd)?;
        print!("\n{}", output.stdout);
        Ok(Verdict::passed(if self.write { DOCUMENT } else { "" }))
    }

    fn criterion(&self, project: &Project) -> Result<Verdict> {
        let cmd = project
            .cargo()
            .args(["bench", "--package", PACKAGE, "--bench=peers", "--"])
            .args(&self.filter);
        let output = exec::run(project, "criterion", cmd)?;
        print!("\n{}", output.stdout);
        Ok(Verdict::passed("target/criterion has the plots"))
    }
}
