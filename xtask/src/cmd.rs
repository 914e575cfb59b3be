//! One module per subcommand.

mod bench;
mod boot;
mod ci;
mod codegen;
mod demo;
mod layers;
mod lint;
mod loom;
mod miri;
mod msrv;
mod run_on;
mod sanitize;
mod size;
mod targets;
mod test;

use anyhow::Result;
use clap::Subcommand;

use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ci(ci::Args),
    Demo(demo::Args),
    Test(test::Args),
    Loom(loom::Args),
    Lint(lint::Args),
    Layers(layers::Args),
    Codegen(codegen::Args),
    Targets(targets::Args),
    RunOn(run_on::Args),
    Boot(boot::Args),
    Msrv(msrv::Args),
    Bench(bench::Args),
    Miri(miri::Args),
    Sanitize(sanitize::Args),
    Size(size::Args),
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
            Self::Codegen(args) => args.run(project, report),
            Self::Targets(args) => args.run(project, report),
            Self::RunOn(args) => args.run(project, report),
            Self::Boot(args) => args.run(project, report),
            Self::Msrv(args) => args.run(project, report),
            Self::Bench(args) => args.run(project, report),
            Self::Miri(args) => args.run(project, report),
            Self::Sanitize(args) => args.run(project, report),
            Self::Size(args) => args.run(project, report),
        }
    }
}

/// Whether Redis's own server and clients are there; if not, what to install.
fn redis_tools(project: &Project) -> Verdict {
    let there = ["redis-server", "redis-cli", "redis-benchmark"]
        .into_iter()
        .all(|tool| exec::works(project.sh.cmd(tool).arg("--version")));
    if there {
        Verdict::passed("the example is compared with redis-server")
    } else {
        Verdict::skipped("apt-get install redis-server redis-tools")
    }
}
