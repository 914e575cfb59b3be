//! The project's own commands. `cargo xtask --help` lists them; each is one module
//! of [`cmd`] and fills one [`report::Report`], which closes every run as a table.
//!
//! * [`project`]: what cargo metadata says about the workspace.
//! * [`features`]: the feature sets that a crate is checked with.
//! * [`exec`]: commands that are shown while they run.
//! * [`batch`]: several of them as one step.
//! * [`brief`]: what failed, in a few lines.
//! * [`report`]: steps and their table.
//! * [`tally`]: how many tests ran.

mod batch;
mod brief;
mod cmd;
mod exec;
mod features;
mod project;
mod report;
mod tally;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::project::Project;
use crate::report::Report;

/// The project's own commands.
///
/// Every command ends in a table: step, result, time, and for a skipped step what to
/// install. With CI=true in the environment, and always in `ci`, a skipped step that
/// was promised fails the run.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    /// Show the whole output of every command instead of the failing ones'.
    #[arg(long, short, global = true)]
    verbose: bool,

    #[command(subcommand)]
    command: cmd::Command,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let project = Project::load(cli.verbose)?;
    let mut report = Report::new(std::env::var_os("CI").is_some_and(|ci| ci == "true"));
    cli.command.run(&project, &mut report)?;
    report.finish()
}
