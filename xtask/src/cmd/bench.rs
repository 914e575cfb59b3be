//! The benches, ours beside the peers'.

mod locks;
mod redis;
mod section;
mod tables;
mod timers;

use anyhow::Result;
use clap::Subcommand;
use xshell::Cmd;

use self::section::Options;
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
    /// Measure grace periods beside readers, and reads beside readers and writers, ours and the peers'.
    ///
    /// Needs a quiet machine: the times of all are wrong when somebody else computes.
    Rcu(Options),
    Redis(redis::Args),
    /// Run tokio's multi-threaded workloads on our stealing schedulers and on the peers' runtimes,
    /// in turns.
    ///
    /// Needs a quiet machine: the times of all are wrong when somebody else computes.
    Runtimes(Options),
    /// Count the instructions of the Redis example's requests, with 100,000 keys that expire
    /// and with none.
    Timers(Options),
}

// === impl Args ===

const PACKAGE: &str = "pintle-bench";
const DOCUMENT: &str = "docs/benchmarks.md";

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        match &self.what {
            Some(What::Locks(args)) => return args.run(project, report),
            Some(What::Redis(args)) => return args.run(project, report),
            Some(What::Rcu(options)) => tables::RCU.run(project, report, options),
            Some(What::Runtimes(options)) => tables::RUNTIMES.run(project, report, options),
            Some(What::Timers(options)) => timers::run(project, report, options),
            None => return self.operations(project, report),
        }
        Ok(())
    }

    fn operations(&self, project: &Project, report: &mut Report) -> Result<()> {
        report.step("instructions", || self.instructions(project));
        if self.write {
            // Sections of the same document, which has just been written anew.
            let locks = locks::Args {
                filter: None,
                write: true,
            };
            locks.run(project, report)?;
            let options = Options {
                rounds: None,
                write: true,
            };
            timers::run(project, report, &options);
            tables::RUNTIMES.run(project, report, &options);
            tables::RCU.run(project, report, &options);
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
        let cmd = program(project, "instructions").args(self.gates.then_some("--gates"));
        show(project, "instructions", cmd, &self.filter, self.write)
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

/// A program of the bench crate, to which arguments can be added.
fn program<'a>(project: &'a Project, name: &str) -> Cmd<'a> {
    let cargo = project.cargo().args(["run", "--release"]);
    cargo.args(["--package", PACKAGE, "--bin", name, "--"])
}

/// Runs a [`program`] that takes a filter, and knows how to write to the document.
fn show(
    project: &Project,
    label: &str,
    cmd: Cmd<'_>,
    filter: &Option<String>,
    write: bool,
) -> Result<Verdict> {
    let out: &[&str] = if write { &["--out", DOCUMENT] } else { &[] };
    let output = exec::run(project, label, cmd.args(out).args(filter))?;
    print!("\n{}", output.stdout);
    Ok(Verdict::passed(if write { DOCUMENT } else { "" }))
}
