//! What an abstraction costs, in instructions.

use anyhow::{Result, ensure};
use xshell::Cmd;

use super::targets::toolchain::Toolchain;
use crate::batch::Batch;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Compare the instructions of accessors with those of hand-written code.
///
/// crates/codegen has each function twice, by field and by hand. The test `codegen` of
/// pintle-bitfield compiles and compares them: here, if this is x86_64 Linux, and for a microcontroller (with
/// the toolchains of `targets`).
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {}

/// What this machine is, if it is one that the comparison knows.
const NATIVE: &str = "x86_64-unknown-linux-gnu";

/// Cortex-M4F: 32 bits, and load-linked instead of compare-and-swap.
const FOREIGN: &str = "thumbv7em-none-eabihf";

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        if cfg!(all(target_arch = "x86_64", target_os = "linux")) {
            let name = "codegen x86_64";
            report.step(name, || {
                // Built by the compiler of the tests: a target that is named is not left out.
                let cmd = test(project)
                    .env("PINTLE_CODEGEN_TARGET", NATIVE)
                    .env_remove("PINTLE_CARGO")
                    .env_remove("PINTLE_RUSTC");
                compare(project, name, cmd)
            });
        }
        let name = format!("codegen {FOREIGN}");
        report.step(&name, || {
            let Some(toolchain) = Toolchain::find(project, FOREIGN) else {
                return Ok(Verdict::skipped(Toolchain::install(FOREIGN)));
            };
            let cmd = test(project).env("PINTLE_CODEGEN_TARGET", FOREIGN);
            let cmd = match &toolchain {
                Toolchain::FromSource { cargo, rustc } => {
                    cmd.env("PINTLE_CARGO", cargo).env("PINTLE_RUSTC", rustc)
                }
                Toolchain::Prebuilt => cmd.env_remove("PINTLE_CARGO").env_remove("PINTLE_RUSTC"),
            };
            compare(project, &name, cmd)
        });
        Ok(())
    }
}

fn test(project: &Project) -> Cmd<'_> {
    project
        .cargo()
        .args(["test", "--package=pintle-bitfield", "--test=codegen"])
        .arg("--features=atomic")
}

fn compare(project: &Project, label: &str, cmd: Cmd<'_>) -> Result<Verdict> {
    let mut batch = Batch::new(project);
    let tests = batch.run_tests(label, cmd)?;
    ensure!(!tests.is_empty(), "no test ran");
    Ok(batch.verdict("the same instructions by field and by hand"))
}
