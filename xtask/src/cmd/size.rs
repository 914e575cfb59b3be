//! How large a program becomes that uses the tasks.

use anyhow::{Context, Result, ensure};
use xshell::cmd;

use super::targets::{linker, toolchain::Toolchain};
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Build the same small program on the kit and on its peer, and tell their sizes.
///
/// crates/size/tasks has two tasks in statics, one of which joins the other (on embassy-executor, which has no
/// joining, it watches it), built for size and for a Cortex-M4, a Cortex-M0 and a RISC-V core; the last two have no
/// compare-and-swap, and enter critical sections. `text` is code and constants, without an interrupt table or start-up code.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {}

const TARGETS: [&str; 3] = [
    "thumbv7em-none-eabihf",
    "thumbv6m-none-eabi",
    "riscv32imc-unknown-none-elf",
];

/// The programs, ours first.
const PROGRAMS: [&str; 2] = ["pintle", "embassy"];

/// What a program takes, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    text: u64,
    data: u64,
    bss: u64,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        for target in TARGETS {
            report.step(format!("size {target}"), || build(project, target));
        }
        Ok(())
    }
}

/// Builds the programs for a target.
fn build(project: &Project, target: &str) -> Result<Verdict> {
    let Some(toolchain) = Toolchain::find(project, target) else {
        return Ok(Verdict::skipped(Toolchain::install(target)));
    };
    if !exec::works(cmd!(project.sh, "size --version")) {
        return Ok(Verdict::skipped("apt-get install binutils"));
    }
    let Some(linker) = linker::find(project) else {
        return Ok(Verdict::skipped(linker::INSTALL));
    };
    let folder = project.target_dir("size");
    let build = toolchain
        .cargo_with(project, "core")
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg("crates/size/tasks/Cargo.toml")
        .args(["--target", target, "--target-dir"])
        .arg(&folder)
        .env(
            "RUSTFLAGS",
            format!("-Clinker={} -Clink-arg=-e_start", linker.display()),
        );
    exec::run(project, "size", build)?;
    let mut notes = Vec::new();
    for program in PROGRAMS {
        let path = folder.join(target).join("release").join(program);
        let output = cmd!(project.sh, "size {path}").quiet().read()?;
        let Size { text, data, bss } = parse(&output)?;
        notes.push(format!("{program}: text {text}, data {data}, bss {bss}"));
    }
    Ok(Verdict::passed(notes.join("; ")))
}

/// Reads the table of binutils' `size`: a line of names, a line of numbers.
fn parse(output: &str) -> Result<Size> {
    let line = output.lines().nth(1).context("`size` said nothing")?;
    let numbers: Vec<u64> = line
        .split_whitespace()
        .map_while(|number| number.parse().ok())
        .collect();
    ensure!(numbers.len() >= 3, "`size` said: {line}");
    Ok(Size {
        text: numbers[0],
        data: numbers[1],
        bss: numbers[2],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_table() {
        let table = "   text\t   data\t    bss\t    dec\t    hex\tfilename\n   488\t  0\t 64\t  552\t    228\tx\n";
        let size = parse(table).unwrap();
        assert_eq!((size.text, size.data, size.bss), (488, 0, 64));
        assert!(parse("text data bss\n").is_err());
        assert!(parse("text data bss\nnone\n").is_err());
    }
}
