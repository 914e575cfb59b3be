//! Model checking: the test `loom` of each crate.

use anyhow::{Result, bail, ensure};
use cargo_metadata::Package;

use super::test::INTERRUPTS;
use crate::batch::Batch;
use crate::project::{Project, has_test};
use crate::report::{Report, Verdict};

/// Explore the interleavings of threads with loom.
///
/// Runs the test `loom` (tests/loom.rs or tests/loom/) of each crate that has it, under `--cfg loom`. Named races run at 3 preemptions; LOOM_MAX_PREEMPTIONS overrides it.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The crates to check; all that have models when none is named.
    package: Vec<String>,

    /// The long form: larger models, too (minutes to hours).
    #[arg(long)]
    full: bool,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        let mut packages = project.select(&self.package)?;
        if self.package.is_empty() {
            // Not published, but its models are of a published crate's locks.
            let all = project.packages();
            packages.extend(all.into_iter().filter(|other| other.name == INTERRUPTS));
        }
        packages.retain(|package| has_test(package, "loom"));
        if packages.is_empty() {
            bail!("none of these crates has a test `loom`");
        }
        for package in packages {
            let name = format!("loom {}", package.name);
            report.step(&name, || check(project, &name, package, self.full));
        }
        Ok(())
    }
}

fn check(project: &Project, label: &str, package: &Package, full: bool) -> Result<Verdict> {
    let mut cmd = project
        .cargo()
        .args([
            "test",
            "--release",
            "--all-features",
            "--test=loom",
            "--package",
        ])
        .arg(package.name.as_str())
        // The cfg goes to every dependency, so nothing can be shared with normal builds.
        .env("RUSTFLAGS", "--cfg loom")
        .env("CARGO_TARGET_DIR", project.target_dir("loom"))
        // Models run for seconds: link-time optimization would cost more than it gives.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    if full {
        cmd = cmd.env("PINTLE_FULL", "1");
    }
    let mut batch = Batch::new(project);
    let models = batch.run_tests(label, cmd)?;
    ensure!(!models.is_empty(), "no model ran");
    Ok(batch.verdict(format!("{} models", models.passed)))
}
