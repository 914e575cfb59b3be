//! The libraries with the oldest Rust that they promise.

mod stage;
mod toolchain;

use anyhow::{Context, Result, ensure};

use self::toolchain::Toolchain;
use crate::batch::Batch;
use crate::features;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Check the libraries with the oldest Rust that their manifests promise.
///
/// Taken from rustup, or else from Debian 13 in a folder that debootstrap fills (as root,
/// about 1 GB below /var/cache/pintle). Without dev-dependencies: tests and benches may
/// ask for a newer Rust.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        report.step("msrv", || check(project));
        Ok(())
    }
}

fn check(project: &Project) -> Result<Verdict> {
    let promised = promised_version(project)?;
    let Some(toolchain) = Toolchain::find(project, &promised)? else {
        return Ok(Verdict::skipped(format!(
            "rustup toolchain install {promised} (or, as root: apt-get install debootstrap)"
        )));
    };
    stage::fill(project, toolchain.workspace())?;
    let version = toolchain.version()?;
    ensure!(
        version.starts_with(&format!("rustc {promised}.")),
        "the manifests promise Rust {promised}, and this is {version}"
    );

    let mut batch = Batch::new(project);
    let mut sets = 0;
    for package in project.published() {
        for set in features::extremes(&package.features) {
            let label = format!("{promised} {} [{}]", package.name, set.label());
            let cmd = toolchain
                .cargo()
                .args(["check", "--offline", "--lib", "--package"])
                .arg(package.name.as_str())
                .args(set.cargo_args());
            batch.run(&label, cmd)?;
            sets += 1;
        }
    }
    Ok(batch.verdict(format!("{version}, {sets} feature sets")))
}

/// The one version that all published manifests name, as `major.minor`.
fn promised_version(project: &Project) -> Result<String> {
    let mut versions = project.published().into_iter().map(|package| {
        let version = package.rust_version.as_ref();
        version
            .map(|version| format!("{}.{}", version.major, version.minor))
            .with_context(|| format!("{} promises no rust-version", package.name))
    });
    let first = versions.next().context("nothing is published")??;
    for other in versions {
        let other = other?;
        ensure!(other == first, "two promises: Rust {first} and {other}");
    }
    Ok(first)
}
