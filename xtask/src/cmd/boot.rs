//! The boards: programs for bare metal that boot in QEMU.

mod board;
mod machine;
mod transcript;

use anyhow::{Context, Result};
use cargo_metadata::camino::Utf8PathBuf;
use xshell::Cmd;

use self::board::{BOARDS, Board};
use self::machine::{End, Machine};
use self::transcript::Transcript;
use super::targets::{linker, toolchain::Toolchain};
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Boot the boards of crates/boards in QEMU and compare what they print.
///
/// Each is built with its own lockfile and runs without a screen or a network. What stands on its serial line is compared
/// with its `expected.txt`: text as it is, but for `{number}`, which is digits, and what follows the board's prompt
/// in a line is typed.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The boards to boot; all of them when none is named.
    #[arg(value_parser = board::names())]
    board: Vec<String>,

    /// Connect the board's serial line to this terminal instead. Leave by ctrl-a x.
    #[arg(long, requires = "board")]
    attach: bool,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        let chosen = BOARDS
            .iter()
            .filter(|board| self.board.is_empty() || self.board.iter().any(|it| it == board.name));
        for board in chosen {
            report.step(format!("boot {}", board.name), || self.boot(project, board));
        }
        Ok(())
    }

    fn boot(&self, project: &Project, board: &Board) -> Result<Verdict> {
        if !exec::works(project.sh.cmd(board.qemu[0]).arg("--version")) {
            return Ok(Verdict::skipped(board.install_qemu()));
        }
        let Some(toolchain) = board.toolchain(project) else {
            return Ok(Verdict::skipped(board.install_toolchain()));
        };
        let Some(linker) = linker::find(project) else {
            return Ok(Verdict::skipped(linker::INSTALL));
        };
        let folder = project.root().join("crates/boards").join(board.name);
        let (build, program) = build(project, board, &toolchain);
        let in_folder = project.sh.push_dir(&folder);
        let variable = format!(
            "CARGO_TARGET_{}_LINKER",
            board.target.to_uppercase().replace('-', "_")
        );
        let build = build.env(variable, linker).env_remove("RUSTFLAGS");
        exec::run(project, board.name, build)?;
        drop(in_folder);

        let machine = Machine::new(board, &program);
        if self.attach {
            machine.attach()?;
            return Ok(Verdict::passed("attached: nothing was compared"));
        }
        let path = folder.join("expected.txt");
        let expected = project.sh.read_file(&path)?;
        let transcript = Transcript::parse(&expected, board.prompt)
            .with_context(|| format!("cannot read {path}"))?;
        let run = machine.run(transcript.typed())?;
        let differences = transcript.differences(&run.output);
        if project.verbose || differences.is_some() || run.end != End::AsItShould {
            println!("{}{}", run.remarks, run.output);
        }
        if let Some(differences) = &differences {
            println!("{path} (-), and what was printed (+):\n\n{differences}");
        }
        Ok(match (run.end, differences) {
            (End::AsItShould, None) => {
                Verdict::passed(format!("{} lines as expected", transcript.len()))
            }
            (End::AsItShould, Some(_)) => Verdict::failed("printed what is not expected"),
            (end, _) => Verdict::failed(end.to_string()),
        })
    }
}

/// How a board is built, in its own folder (which may have a `.cargo/config.toml`), and where its program will stand.
fn build<'a>(project: &'a Project, board: &Board, toolchain: &Toolchain) -> (Cmd<'a>, Utf8PathBuf) {
    let folder = project.target_dir("boards");
    let cmd = toolchain
        .cargo_with(project, "core,alloc")
        .args(["build", "--release", "--locked"])
        .args(["--target", board.target, "--target-dir"])
        .arg(&folder);
    let program = format!("board-{}", board.name);
    let program = folder.join(board.target).join("release").join(program);
    (cmd, program)
}
