//! The test suites, package by package and feature set by feature set.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use cargo_metadata::Package;
use xshell::Cmd;

use super::redis_tools;
use crate::batch::Batch;
use crate::features::{self, FeatureSet};
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Run unit, integration and doc tests with every feature set.
///
/// Each published crate by itself, with no, default, each single and all features; then the locks
/// that interrupt handlers take, what tokio-console sees, and the whole workspace. Package by package, so that no crate gets a feature because another one asked for it.
/// Feature sets that come out the same run once.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The crates to test; all published ones and the workspace when none is named.
    package: Vec<String>,

    /// The long form of soak, stress and property tests.
    #[arg(long)]
    full: bool,
}

/// The package with the Redis example, whose tests drive it with Redis's own clients.
const EXAMPLE_OF: &str = "pintle";

/// Sets of features that only together make another build, beside those that every crate is tested
/// with. What is asked for, and what tells the tests about it.
const COMBINED: &[(&str, &[&str], (&str, &str))] = &[
    // The process-wide barrier decides itself at run time, so on a machine that has it fences have to be
    // asked for.
    (
        "pintle-rcu",
        &["std", "pintle-park/barrier-fences"],
        ("PINTLE_BARRIER", "Fences"),
    ),
    (
        "pintle-rcu",
        &["std", "pintle-park/barrier-process"],
        ("PINTLE_BARRIER", "ProcessBarrier"),
    ),
];

/// The crate with the example that tokio-console watches.
const BENCHES: &str = "pintle-bench";

/// The crate whose tests bring a critical section of their own.
pub(super) const INTERRUPTS: &str = "pintle-interrupts";

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        let packages = project.select(&self.package)?;
        // Without these, the tests that need them pass without having looked.
        if cfg!(target_os = "linux") && packages.iter().any(|package| package.name == EXAMPLE_OF) {
            report.step("redis tools", || Ok(redis_tools(project)));
        }
        for package in packages {
            let name = format!("test {}", package.name);
            report.step(name, || self.package(project, package));
        }
        if self.package.is_empty() {
            // Its interrupts are Linux's signals.
            if cfg!(target_os = "linux") {
                let name = format!("test {INTERRUPTS}");
                report.step(name, || self.interrupts(project));
            }
            report.step("test console", || self.console(project));
            report.step("test --workspace", || {
                let mut batch = Batch::new(project);
                let cmd = self.cargo_test(project).arg("--workspace");
                let tests = batch.run_tests("--workspace", cmd)?;
                Ok(batch.verdict(tests.to_string()))
            });
        }
        Ok(())
    }

    fn package(&self, project: &Project, package: &Package) -> Result<Verdict> {
        let mut batch = Batch::new(project);
        let sets = features::sets(&package.features);
        for set in &sets {
            let label = format!("{} [{}]", package.name, set.label());
            let cmd = self
                .cargo_test(project)
                .args(["--package", package.name.as_str()])
                .args(set.cargo_args())
                .envs(self.effort(set));
            batch.run_tests(&label, cmd)?;
        }
        let combined = || COMBINED.iter().filter(|(name, ..)| package.name == *name);
        for (name, features, (variable, value)) in combined() {
            let features = features.join(",");
            let label = format!("{name} [{features}]");
            let cmd = self
                .cargo_test(project)
                .args(["--package", name, "--no-default-features", "--features"])
                .arg(features)
                .env(variable, value);
            batch.run_tests(&label, cmd)?;
        }
        ensure!(!batch.tests().is_empty(), "no test ran");
        let sets = sets.len() + combined().count();
        let note = format!("{}; feature sets: {sets}", batch.tests());
        Ok(batch.verdict(note))
    }

    /// By itself: with other crates' tests comes their critical section, and a program has one.
    fn interrupts(&self, project: &Project) -> Result<Verdict> {
        let mut batch = Batch::new(project);
        // With an operating system the default lock enters no section: tests of its own.
        let own_section = ["--features=os", "--test=own_section"];
        for args in [&["--features=one-core"][..], &own_section] {
            let cmd = self.cargo_test(project).args(["--package", INTERRUPTS]);
            let tests = batch.run_tests(INTERRUPTS, cmd.args(args))?;
            ensure!(!tests.is_empty(), "no test ran");
        }
        let note = batch.tests().to_string();
        Ok(batch.verdict(note))
    }

    /// By itself: console-subscriber asks by a cfg whether it is meant, and whoever watches tasks slows them.
    fn console(&self, project: &Project) -> Result<Verdict> {
        let mut batch = Batch::new(project);
        let cmd = self
            .cargo_test(project)
            .args(["--package", BENCHES, "--features=console", "--test=console"])
            .env("RUSTFLAGS", "--cfg console_without_tokio_unstable")
            .env("CARGO_TARGET_DIR", project.target_dir("console"));
        let tests = batch.run_tests(BENCHES, cmd)?;
        ensure!(!tests.is_empty(), "no test ran");
        Ok(batch.verdict(tests.to_string()))
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
