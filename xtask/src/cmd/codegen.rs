//! What an abstraction costs, in instructions.

use anyhow::{Result, ensure};
use xshell::Cmd;

use super::targets::toolchain::Toolchain;
use crate::batch::Batch;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Compare the instructions of accessors with those of hand-written code, and read those of sections.
///
/// crates/codegen has each function twice, by field and by hand. The test `codegen` of
/// pintle-bitfield compiles and compares them: here, if this is x86_64 Linux, and for a microcontroller.
/// crates/codegen-rcu has what readers do. The test `codegen` of pintle-rcu looks for the stores and
/// loads that keep their order: for 64-bit ARM; and for calls and locked instructions: here. (Foreign ones
/// with the toolchains of `targets`.)
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {}

/// What is compiled, and who looks at it.
struct Look {
    package: &'static str,
    features: &'static str,
    /// The target that this machine is, if it is one that the test knows.
    native: &'static str,
    foreign: &'static str,
    /// What it means that the test has passed.
    passed: &'static str,
}

const LOOKS: &[Look] = &[
    Look {
        package: "pintle-bitfield",
        features: "atomic",
        native: "x86_64-unknown-linux-gnu",
        // Cortex-M4F: 32 bits, and load-linked instead of compare-and-swap.
        foreign: "thumbv7em-none-eabihf",
        passed: "the same instructions by field and by hand",
    },
    Look {
        package: "pintle-rcu",
        features: "std",
        native: "x86_64-unknown-linux-gnu",
        // Orders as little as a processor may.
        foreign: "aarch64-unknown-linux-gnu",
        passed: "sections store in order, and call nothing",
    },
];

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        for look in LOOKS {
            if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
                let name = format!("codegen {} x86_64", look.package);
                report.step(&name, || {
                    // Built by the compiler of the tests: a target that is named is not left out.
                    let cmd = look
                        .test(project)
                        .env("PINTLE_CODEGEN_TARGET", look.native)
                        .env_remove("PINTLE_CARGO")
                        .env_remove("PINTLE_RUSTC");
                    look.run(project, &name, cmd)
                });
            }
            let name = format!("codegen {} {}", look.package, look.foreign);
            report.step(&name, || look.foreign(project, &name));
        }
        Ok(())
    }
}

// === impl Look ===

impl Look {
    fn foreign(&self, project: &Project, name: &str) -> Result<Verdict> {
        let Some(toolchain) = Toolchain::find(project, self.foreign) else {
            return Ok(Verdict::skipped(Toolchain::install(self.foreign)));
        };
        let cmd = self
            .test(project)
            .env("PINTLE_CODEGEN_TARGET", self.foreign);
        let cmd = match &toolchain {
            Toolchain::FromSource { cargo, rustc } => {
                cmd.env("PINTLE_CARGO", cargo).env("PINTLE_RUSTC", rustc)
            }
            Toolchain::Prebuilt => cmd.env_remove("PINTLE_CARGO").env_remove("PINTLE_RUSTC"),
        };
        self.run(project, name, cmd)
    }

    fn test<'a>(&self, project: &'a Project) -> Cmd<'a> {
        project
            .cargo()
            .args(["test", "--package", self.package, "--test=codegen"])
            .args(["--features", self.features])
    }

    fn run(&self, project: &Project, label: &str, cmd: Cmd<'_>) -> Result<Verdict> {
        let mut batch = Batch::new(project);
        let tests = batch.run_tests(label, cmd)?;
        ensure!(!tests.is_empty(), "no test ran");
        Ok(batch.verdict(self.passed))
    }
}
