//! The house rules as code. What a tool of others checks is called here; the rest is in
//! [`rules`], [`contexts`], [`manifests`], [`package`], [`platforms`] and [`quotes`].

mod contexts;
mod manifests;
mod package;
mod platforms;
mod quotes;
mod rules;
mod source;

use anyhow::Result;
use cargo_metadata::camino::Utf8PathBuf;

use super::layers;
use crate::batch::Batch;
use crate::exec;
use crate::features;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Check the house rules; each message says how to mend.
///
/// Format, clippy, layers, links in the documentation, licences and sources of the
/// dependencies, what would be published, the tables of platforms and of contexts, code that docs/ quotes, file sizes, the places of cfg(loom), leftovers,
/// reasons for unsafe.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Ask for known vulnerabilities of the dependencies, too (downloads a list).
    #[arg(long)]
    advisories: bool,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        report.step("house rules", || rules::check(project));
        report.step("manifests", || manifests::check(project));
        report.step("platforms", || platforms::check(project));
        report.step("contexts", || contexts::check(project));
        report.step("quotes", || quotes::check(project));
        layers::Args::default().run(project, report)?;
        report.step("fmt", || fmt(project));
        report.step("lockfiles", || lockfiles(project));
        report.step("deny", || self.deny(project));
        report.step("package", || package::check(project));
        report.step("clippy", || clippy(project));
        report.step("rustdoc", || rustdoc(project));
        Ok(())
    }

    /// Licences, duplicate versions and sources by deny.toml.
    fn deny(&self, project: &Project) -> Result<Verdict> {
        if !exec::works(project.cargo().args(["deny", "--version"])) {
            return Ok(Verdict::skipped(
                "cargo install --locked --no-default-features cargo-deny",
            ));
        }
        let mut checks = vec!["bans", "licenses", "sources"];
        checks.extend(self.advisories.then_some("advisories"));
        let cmd = project.cargo().args(["deny", "check"]).args(&checks);
        exec::run(project, "cargo deny", cmd)?;
        Ok(Verdict::passed(checks.join(", ")))
    }
}

/// The workspace, and what is outside of it.
fn fmt(project: &Project) -> Result<Verdict> {
    let mut manifests = outside(project)?;
    manifests.insert(0, project.root().join("Cargo.toml"));
    for manifest in &manifests {
        let cmd = project
            .cargo()
            .args(["fmt", "--all", "--check", "--manifest-path"])
            .arg(manifest);
        let output = exec::try_run(project, "cargo fmt --check", cmd)?;
        if !output.success {
            output.show(project);
            let mend = format!("mend with `cargo fmt --all --manifest-path {manifest}`");
            return Ok(Verdict::failed(mend));
        }
    }
    Ok(Verdict::passed(format!("{} workspaces", manifests.len())))
}

/// Whether the lockfiles outside of the workspace know what the libraries depend on by now: else these programs do not
/// build any more, for they are built `--locked`.
fn lockfiles(project: &Project) -> Result<Verdict> {
    let mut batch = Batch::new(project);
    let mut manifests = outside(project)?;
    manifests.retain(|manifest| manifest.with_file_name("Cargo.lock").is_file());
    for manifest in &manifests {
        let folder = manifest.parent().unwrap_or(manifest);
        let cmd = project
            .cargo()
            .args(["update", "--workspace", "--locked", "--manifest-path"])
            .arg(manifest);
        let label = format!("lockfile of {folder} (mend with `cargo update -w` there)");
        batch.run(&label, cmd)?;
    }
    Ok(batch.verdict(format!("{} of them", manifests.len())))
}

/// The manifests of the packages that are not in the workspace.
fn outside(project: &Project) -> Result<Vec<Utf8PathBuf>> {
    let mut manifests = Vec::new();
    for folder in ["crates/boards", "crates/size"] {
        for entry in project.root().join(folder).read_dir_utf8()? {
            let manifest = entry?.path().join("Cargo.toml");
            if manifest.is_file() {
                manifests.push(manifest);
            }
        }
    }
    Ok(manifests)
}

/// The whole workspace with its tests, and each published library by itself, without what
/// its dev-dependencies turn on.
fn clippy(project: &Project) -> Result<Verdict> {
    const DENY_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

    let mut batch = Batch::new(project);
    for (name, features) in [("default", None), ("all", Some("--all-features"))] {
        let cmd = project
            .cargo()
            .args(["clippy", "--keep-going", "--workspace", "--all-targets"])
            .args(features)
            .args(DENY_WARNINGS);
        batch.run(&format!("clippy --workspace [{name}]"), cmd)?;
    }
    let mut libraries = 0;
    for package in project.published() {
        for set in features::sets(&package.features) {
            let cmd = project
                .cargo()
                .args(["clippy", "--lib", "--package", package.name.as_str()])
                .args(set.cargo_args())
                .args(DENY_WARNINGS);
            batch.run(&format!("clippy {} [{}]", package.name, set.label()), cmd)?;
            libraries += 1;
        }
    }
    Ok(batch.verdict(format!(
        "workspace, and {libraries} feature sets of the libraries"
    )))
}

/// The whole workspace, and each published library without features: a link to what a feature brings leads
/// nowhere there.
fn rustdoc(project: &Project) -> Result<Verdict> {
    let doc = |label: &str, args: &[&str], batch: &mut Batch<'_>| {
        let cmd = project
            .cargo()
            .args(["doc", "--keep-going", "--no-deps"])
            .args(args)
            .env("RUSTDOCFLAGS", "-D warnings");
        batch.run(&format!("doc {label}"), cmd)
    };
    let mut batch = Batch::new(project);
    let all = ["--workspace", "--all-features"];
    doc("--workspace [all]", &all, &mut batch)?;
    let libraries = project.published();
    for package in &libraries {
        let name = package.name.as_str();
        let none = ["--no-default-features", "--package", name];
        doc(&format!("{name} [none]"), &none, &mut batch)?;
    }
    Ok(batch.verdict(format!(
        "every link leads somewhere, in {} libraries without features, too",
        libraries.len()
    )))
}
