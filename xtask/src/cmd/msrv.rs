//! The libraries with the oldest Rust that they promise.

mod stage;
mod toolchain;

use anyhow::{Context, Result, ensure};
use cargo_metadata::Package;

use self::toolchain::Toolchain;
use crate::batch::Batch;
use crate::features;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Check the libraries with the oldest Rust that their manifests promise.
///
/// Taken from rustup, or else from Debian 13 in a folder that debootstrap fills (as root,
/// about 1 GB below /var/cache/pintle). Without dev-dependencies: tests and benches may
/// ask for a newer Rust. Without the features that a manifest lists as `newer-rust` in
/// `[package.metadata.pintle]`, too.
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
    let (mut sets, mut newer) = (0, Vec::new());
    for package in project.published() {
        let without = needs_newer_rust(package)?;
        for set in features::extremes(&package.features, &without) {
            let label = format!("{promised} {} [{}]", package.name, set.label());
            let cmd = toolchain
                .cargo()
                .args(["check", "--offline", "--lib", "--package"])
                .arg(package.name.as_str())
                .args(set.cargo_args());
            batch.run(&label, cmd)?;
            sets += 1;
        }
        newer.extend(without);
    }
    let newer = match newer.as_slice() {
        [] => String::new(),
        newer => format!(", without {}", newer.join(" ")),
    };
    Ok(batch.verdict(format!("{version}, {sets} feature sets{newer}")))
}

/// The features that a manifest takes out of the promise: `newer-rust` in
/// `[package.metadata.pintle]`.
fn needs_newer_rust(package: &Package) -> Result<Vec<String>> {
    let Some(list) = package.metadata.pointer("/pintle/newer-rust") else {
        return Ok(Vec::new());
    };
    let names = list.as_array().into_iter().flatten();
    let names: Vec<_> = names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    for name in &names {
        ensure!(
            package.features.contains_key(name),
            "{}: newer-rust names `{name}`, which is no feature",
            package.name
        );
    }
    ensure!(
        !names.is_empty(),
        "{}: newer-rust must be a list of features",
        package.name
    );
    Ok(names)
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
