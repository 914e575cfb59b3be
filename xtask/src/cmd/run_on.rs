//! The tests on other machines than this one.

mod machine;

use anyhow::{Result, ensure};
use clap::ValueEnum;

use self::machine::Machine;
use super::targets::toolchain::Toolchain;
use crate::batch::Batch;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Run the tests on another system: Windows, ARM, a 32-bit PC.
///
/// On Windows by way of Wine; on ARM by way of QEMU, which proves the code path and not the
/// fences, as it orders memory like the host. std is built from source, by Debian's rustc-web, by
/// rustup's nightly with rust-src, or by PINTLE_RUSTC and PINTLE_CARGO. Doctests are left to
/// `test`, but for those that only Windows has.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The system to run on.
    #[arg(value_name = "SYSTEM")]
    machine: Machine,

    /// The crates to run; all libraries but the umbrella when none is named.
    package: Vec<String>,

    /// The long form of soak, stress and property tests.
    #[arg(long)]
    full: bool,
}

/// The names of the systems.
pub(super) fn systems() -> impl Iterator<Item = String> {
    Machine::value_variants().iter().map(ToString::to_string)
}

/// All machines, as `ci` runs them.
pub(crate) fn everywhere(project: &Project, report: &mut Report) -> Result<()> {
    for machine in Machine::value_variants() {
        let args = Args {
            machine: *machine,
            package: Vec::new(),
            full: false,
        };
        args.run(project, report)?;
    }
    Ok(())
}

/// Crates that are left out unless they are named: the umbrella's tests drive an example by
/// `redis-server`'s own clients, and what it re-exports is tested where it is written.
const NOT_BY_DEFAULT: &[&str] = &["pintle"];

/// Integration tests that are left out everywhere, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "ui",
        "runs the compiler, on this machine and for this machine",
    ),
    ("compile_fail", "as `ui`"),
    (
        "codegen",
        "compares instructions of the compiler for this machine",
    ),
    ("redis", "starts a server and its clients"),
    ("loom", "has no test outside of a model"),
];

/// The crate whose code differs from system to system: it is built without features, too.
const BACK_ENDS: &str = "pintle-park";

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        let mut packages = project.select(&self.package)?;
        if self.package.is_empty() {
            packages.retain(|package| !NOT_BY_DEFAULT.contains(&package.name.as_str()));
        }
        report.step(format!("run-on {}", self.machine), || {
            let Some(toolchain) = Toolchain::from_source(project) else {
                return Ok(Verdict::skipped(
                    "rustup toolchain install nightly --component rust-src (or, on Debian: \
                     apt-get install rustc-web cargo-web rust-web-src)",
                ));
            };
            if let Some(missing) = self.machine.missing(project) {
                return Ok(Verdict::skipped(missing));
            }
            let run = Run {
                args: self,
                project,
                toolchain: &toolchain,
            };
            self.machine.start(project)?;
            let verdict = run.all(&packages);
            self.machine.stop(project);
            verdict
        });
        Ok(())
    }
}

/// One machine, and who builds for it.
struct Run<'a> {
    args: &'a Args,
    project: &'a Project,
    toolchain: &'a Toolchain,
}

// === impl Run ===

impl Run<'_> {
    fn all(&self, packages: &[&cargo_metadata::Package]) -> Result<Verdict> {
        let mut batch = Batch::new(self.project);
        let machine = self.args.machine;
        let back_ends = packages.iter().any(|package| package.name == BACK_ENDS);
        if back_ends {
            let label = format!("{machine}: {BACK_ENDS} [none]");
            let cmd = self
                .cargo_test()
                .args(["--no-default-features", "--package", BACK_ENDS]);
            batch.run_tests(&label, self.finish(cmd, packages, |name| name == BACK_ENDS))?;
        }
        // In one go, so that cargo builds each dependency once and links on all processors.
        let cmd = self.cargo_test().arg("--all-features").args(
            packages
                .iter()
                .map(|package| format!("--package={}", package.name)),
        );
        let label = format!("{machine}: {} crates [all]", packages.len());
        batch.run_tests(&label, self.finish(cmd, packages, |_| true))?;
        if machine == Machine::Windows && back_ends {
            // What only Windows has is documented here, or nowhere.
            let what = ["--all-features", "--package", BACK_ENDS];
            let label = format!("{machine}: {BACK_ENDS} (doctests)");
            batch.run_tests(&label, self.cargo("test").arg("--doc").args(what))?;
            let label = format!("{machine}: {BACK_ENDS} (docs)");
            batch.run(&label, self.cargo("doc").arg("--no-deps").args(what))?;
        }
        ensure!(!batch.tests().is_empty(), "no test ran");
        let note = batch.tests().to_string();
        Ok(batch.verdict(note))
    }

    /// Names the test programs: those that these packages have, and that are not left out.
    fn finish<'a>(
        &self,
        cmd: xshell::Cmd<'a>,
        packages: &[&cargo_metadata::Package],
        wanted: impl Fn(&str) -> bool,
    ) -> xshell::Cmd<'a> {
        let mut tests: Vec<_> = packages
            .iter()
            .filter(|package| wanted(&package.name))
            .flat_map(|package| &package.targets)
            .filter(|target| target.is_test())
            .map(|target| target.name.as_str())
            .filter(|name| LEFT_OUT.iter().all(|(left_out, _)| left_out != name))
            .collect();
        tests.sort_unstable();
        tests.dedup();
        cmd.arg("--lib")
            .args(tests.iter().map(|name| format!("--test={name}")))
            .arg("--")
            .args(
                self.args
                    .machine
                    .cannot()
                    .iter()
                    .map(|name| format!("--skip={name}")),
            )
    }

    fn cargo_test(&self) -> xshell::Cmd<'_> {
        self.cargo("test").arg("--no-fail-fast")
    }

    fn cargo(&self, verb: &str) -> xshell::Cmd<'_> {
        let machine = self.args.machine;
        let cmd = self
            .toolchain
            .cargo_with(self.project, "std")
            // Without the reader of debug information that backtraces need: a third of std's code.
            .arg("-Zbuild-std-features=panic-unwind")
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .args([verb, "--target", machine.triple()])
            .arg("--target-dir")
            .arg(self.project.target_dir("run-on"))
            .envs(machine.environment(self.project));
        if self.args.full {
            cmd.env("PINTLE_FULL", "1")
        } else {
            // What they check does not depend on the machine, but on its word; `test` tries hard.
            cmd.env("PROPTEST_CASES", "32")
        }
    }
}
