//! The test suites, package by package and feature set by feature set.

use std::collections::BTreeMap;

use anyhow::Result;
use cargo_metadata::Package;
use xshell::Cmd;

use crate::exec;
use crate::features::{self, FeatureSet};
use crate::project::Project;
use crate::report::{Report, Verdict};
use crate::tally::Tally;

/// Run unit, integration and doc tests with every feature set.
///
/// Each published crate by itself, with no, default, each single and all features; then the
/// whole workspace. Package by package, so that no crate gets a feature because another one asked for it.
/// Feature sets that come out the same run once.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The crates to test; all published ones and the workspace when none is named.
    package: Vec<String>,

    /// The long form of soak, stress and property tests.
    #[arg(long)]
    full: bool,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        for package in project.select(&self.package)? {
            let name = format!("test {}", package.name);
            report.step(name, || self.package(project, package));
        }
        if self.package.is_empty() {
            report.step("test --workspace", || {
                let mut run = Run::default();
                run.add(
                    project,
                    "--workspace",
                    self.cargo_test(project).arg("--workspace"),
                )?;
                Ok(run.verdict())
            });
        }
        Ok(())
    }

    fn package(&self, project: &Project, package: &Package) -> Result<Verdict> {
        let mut run = Run::default();
        for set in features::sets(&package.features) {
            let label = format!("{} [{}]", package.name, set.label());
            let cmd = self
                .cargo_test(project)
                .args(["--package", package.name.as_str()])
                .args(set.cargo_args())
                .envs(self.effort(&set));
            run.add(project, &label, cmd)?;
        }
        Ok(run.verdict())
    }

    fn cargo_test<'a>(&self, project: &'a Project) -> Cmd<'a> {
        let cmd = project.cargo().args(["test", "--no-fail-fast"]);
        if self.full {
            cmd.env("PINTLE_FULL", "1")
        } else {
            cmd
        }
    }

    /// How hard property tests try: a smaller feature set runs the same code as the
    /// set of all features, which gets their full number of cases.
    fn effort(&self, set: &FeatureSet) -> BTreeMap<&'static str, &'static str> {
        let mut env = BTreeMap::new();
        if !self.full && !set.is("all") {
            env.insert("PROPTEST_CASES", "32");
        }
        env
    }
}

/// What the feature sets of one package gave so far.
#[derive(Default)]
struct Run {
    sets: usize,
    tests: Tally,
    broken: Vec<String>,
}

// === impl Run ===

impl Run {
    fn add(&mut self, project: &Project, label: &str, cmd: Cmd<'_>) -> Result<()> {
        let output = exec::try_run(project, label, cmd)?;
        let mut tests = Tally::read(&output.stdout);
        if !output.success {
            output.show(project);
            self.broken.push(label.to_owned());
            if tests.failed == 0 {
                tests += Tally::BROKEN;
            }
        }
        println!("                  {tests}, {} ignored", tests.ignored);
        self.sets += 1;
        self.tests += tests;
        Ok(())
    }

    fn verdict(self) -> Verdict {
        let verdict = if self.broken.is_empty() {
            let sets = if self.sets == 1 { "set" } else { "sets" };
            Verdict::passed(format!("{} in {} feature {sets}", self.tests, self.sets))
        } else {
            Verdict::failed(format!(
                "{}; failed: {}",
                self.tests,
                self.broken.join(", ")
            ))
        };
        verdict.with_tests(self.tests)
    }
}
