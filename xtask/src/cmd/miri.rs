//! The unit tests under Miri.

use anyhow::Result;

use crate::batch::Batch;
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Run the libraries' unit tests under Miri, which sees undefined behaviour.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The crates to run; all published ones when none is named.
    package: Vec<String>,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        // By rustup's own name: $CARGO is one toolchain's cargo and knows no `+nightly`.
        let miri = || {
            project
                .sh
                .cmd("cargo")
                .args(["+nightly", "miri"])
                .env_remove("RUSTUP_TOOLCHAIN")
        };
        if !exec::works(miri().arg("--version")) {
            report.step("miri", || {
                Ok(Verdict::skipped(
                    "rustup toolchain install nightly --component miri,rust-src",
                ))
            });
            return Ok(());
        }
        for package in project.select(&self.package)? {
            let name = format!("miri {}", package.name);
            report.step(&name, || {
                let cmd = miri()
                    .args([
                        "test",
                        "--lib",
                        "--all-features",
                        "--package",
                        package.name.as_str(),
                    ])
                    // Property tests write down failures, and parkers read the clock.
                    .env(
                        "MIRIFLAGS",
                        "-Zmiri-disable-isolation -Zmiri-strict-provenance",
                    )
                    // Miri is some hundred times slower than the machine.
                    .env("PROPTEST_CASES", "8");
                let mut batch = Batch::new(project);
                let tests = batch.run_tests(&name, cmd)?;
                Ok(batch.verdict(tests.to_string()))
            });
        }
        Ok(())
    }
}
