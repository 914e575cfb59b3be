//! Who may import whom: the floor table of docs/architecture.md as code.

mod house;
#[cfg(test)]
mod tests;

use anyhow::{Result, bail};
use cargo_metadata::DependencyKind;

use self::house::{Edge, Kind, violations};
use crate::project::{self, Project};
use crate::report::{Report, Verdict};

/// Check that the crates' dependencies point down the floors.
///
/// And outside only to the libraries that the kit allows itself.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        report.step("layers", || check(project));
        Ok(())
    }
}

fn check(project: &Project) -> Result<Verdict> {
    let mut edges = Vec::new();
    for package in project.packages() {
        if !project::is_published(package) {
            continue;
        }
        for dependency in &package.dependencies {
            edges.push(Edge {
                from: package.name.to_string(),
                to: dependency.name.clone(),
                kind: match dependency.kind {
                    DependencyKind::Normal => Kind::Normal,
                    DependencyKind::Build => Kind::Build,
                    DependencyKind::Development => Kind::Dev,
                    other => {
                        bail!("cargo knows a kind of dependency that layers does not: {other}")
                    }
                },
                optional: dependency.optional,
                target: dependency.target.as_ref().map(ToString::to_string),
            });
        }
    }
    let names: Vec<_> = project
        .published()
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let violations = violations(&names, &edges);
    for violation in &violations {
        eprintln!("error: {violation}");
    }
    Ok(match violations.len() {
        0 => Verdict::passed(format!(
            "{} crates, {} dependencies",
            names.len(),
            edges.len()
        )),
        count => Verdict::failed(format!("{count} edges that the floors do not allow")),
    })
}
