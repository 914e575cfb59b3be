//! One module per subcommand.

mod bench;
mod ci;
mod demo;
mod layers;
mod lint;
mod loom;
mod miri;
mod msrv;
mod targets;
mod test;

use anyhow::Result;
use clap::Subcommand;

use crate::project::Project;
use crate::report::Report;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ci(ci::Args),
    Demo(demo::Args),
    Test(test::Args),
    Loom(loom::Args),
    Lint(lint::Args),
    Layers(layers::Args),
    Targets(targets::Args),
    Msrv(msrv::Args),
    Bench(bench::Args),
    Miri(miri::Args),
}

// === impl Command ===

impl Command {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        match self {
            Self::Ci(args) => args.run(project, report),
            Self::Demo(args) => args.run(project, report),
            Self::Test(args) => args.run(project, report),
            Self::Loom(args) => args.run(project, report),
            Self::Lint(args) => args.run(project, report),
            Self::Layers(args) => args.run(project, report),
            Self::Targets(args) => args.run(project, report),
            Self::Msrv(args) => args.run(project, report),
            Self::Bench(args) => args.run(project, report),
            Self::Miri(args) => args.run(project, report),
        }
    }
}
