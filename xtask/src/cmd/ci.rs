//! Everything, in one table.

use anyhow::Result;
use clap::ValueEnum;

use super::{boot, codegen, demo, lint, loom, miri, msrv, run_on, sanitize, targets, test};
use crate::project::Project;
use crate::report::Report;

/// Run every check that this machine can, the cheap ones first.
///
/// Fails when a step that it promises was skipped; the table says what to install. Miri
/// is no promise: it comes with rustup's nightly only, and the workflow on GitHub runs it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave these out.
    #[arg(long, value_name = "PART")]
    except: Vec<Part>,
}

/// What `ci` is made of, in the order it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    Lint,
    Test,
    Loom,
    Sanitize,
    Codegen,
    Targets,
    RunOn,
    Boot,
    Msrv,
    Demo,
    Miri,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        for part in Part::value_variants() {
            if self.except.contains(part) {
                continue;
            }
            report.set_strict(*part != Part::Miri);
            match part {
                Part::Lint => lint::Args::default().run(project, report)?,
                Part::Test => test::Args::default().run(project, report)?,
                Part::Loom => loom::Args::default().run(project, report)?,
                Part::Sanitize => sanitize::Args::default().run(project, report)?,
                Part::Codegen => codegen::Args::default().run(project, report)?,
                Part::Targets => targets::Args::default().run(project, report)?,
                Part::RunOn => run_on::everywhere(project, report)?,
                Part::Boot => boot::Args::default().run(project, report)?,
                Part::Msrv => msrv::Args::default().run(project, report)?,
                Part::Demo => demo::Args::default().run(project, report)?,
                Part::Miri => miri::Args::default().run(project, report)?,
            }
        }
        Ok(())
    }
}
