//! QEMU, as a child that ends with its owner.

use std::collections::VecDeque;
use std::fmt;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cargo_metadata::camino::Utf8Path;

use super::board::Board;

/// A board with a program that it can boot.
pub(super) struct Machine<'a> {
    board: &'a Board,
    program: &'a Utf8Path,
}

/// What became of it.
pub(super) struct Run {
    /// What it wrote to its serial line.
    pub(super) output: String,
    /// What QEMU had to say.
    pub(super) remarks: String,
    pub(super) end: End,
}

/// How a machine stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the status that says that all is well.
    AsItShould,
    /// With another one, or none.
    Status(Option<i32>),
    /// It did not, and was ended after so long.
    Timeout(Duration),
}

// === impl Machine ===

impl<'a> Machine<'a> {
    pub(super) fn new(board: &'a Board, program: &'a Utf8Path) -> Self {
        Self { board, program }
    }

    /// Boots the program and types each of these lines when it prompts for one.
    ///
    /// # Errors
    ///
    /// When QEMU cannot be started.
    pub(super) fn run(&self, mut typed: VecDeque<&str>) -> Result<Run> {
        let mut child = Kept(
            self.command("stdio")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .with_context(|| format!("cannot start {}", self.board.qemu[0]))?,
        );
        let mut keyboard = child.0.stdin.take().context("no stdin")?;
        let (sender, pieces) = mpsc::channel();
        forward(child.0.stdout.take(), sender);
        let (sender, remarks) = mpsc::channel();
        forward(child.0.stderr.take(), sender);

        let limit = Duration::from_secs(self.board.seconds);
        let deadline = Instant::now() + limit;
        let mut bytes = Vec::new();
        let end = loop {
            match pieces.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(piece) => {
                    bytes.extend_from_slice(&piece);
                    if self.is_prompted(&bytes)
                        && let Some(line) = typed.pop_front()
                    {
                        // A machine that has just ended reads no more; how it ended is told below.
                        let _ = keyboard.write_all(format!("{line}\r").as_bytes());
                        let _ = keyboard.flush();
                    }
                }
                Err(RecvTimeoutError::Timeout) => break End::Timeout(limit),
                // The stream is closed: it has ended.
                Err(RecvTimeoutError::Disconnected) => {
                    let code = child.0.wait()?.code();
                    break match code == Some(self.board.success) {
                        true => End::AsItShould,
                        false => End::Status(code),
                    };
                }
            }
        };
        // So that the other stream is closed, too.
        drop(child);
        let remarks = remarks.iter().flatten().collect::<Vec<_>>();
        Ok(Run {
            output: text(&bytes),
            remarks: text(&remarks),
            end,
        })
    }

    /// Boots the program with this terminal as its serial line, until somebody ends it.
    ///
    /// # Errors
    ///
    /// When QEMU cannot be started.
    pub(super) fn attach(&self) -> Result<()> {
        self.command("mon:stdio").status()?;
        Ok(())
    }

    fn command(&self, serial: &str) -> Command {
        let mut command = Command::new(self.board.qemu[0]);
        command
            .args(&self.board.qemu[1..])
            .args(["-display", "none", "-no-reboot", "-nic", "none"])
            .args(["-serial", serial]);
        if serial == "stdio" {
            command.args(["-monitor", "none"]);
        }
        command.arg("-kernel").arg(self.program);
        command
    }

    /// Whether the line that is not over yet is the prompt.
    fn is_prompted(&self, output: &[u8]) -> bool {
        let line = output.rsplit(|&byte| byte == b'\n').next();
        self.board
            .prompt
            .is_some_and(|prompt| line == Some(prompt.as_bytes()))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\r', "")
}

/// Sends a stream, piece by piece, until it is closed.
fn forward(from: Option<impl Read + Send + 'static>, to: Sender<Vec<u8>>) {
    let Some(mut from) = from else { return };
    thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            if to.send(piece[..read].to_vec()).is_err() {
                return;
            }
        }
    });
}

/// A child that is ended when its owner has done with it.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

// === impl End ===

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsItShould => f.write_str("ended as it should"),
            Self::Status(Some(code)) => write!(f, "QEMU ended with status {code}"),
            Self::Status(None) => f.write_str("QEMU was ended by a signal"),
            Self::Timeout(limit) => write!(f, "no end within {} s", limit.as_secs()),
        }
    }
}
