//! Commands that are shown while they run, and whose output is kept.

use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use xshell::Cmd;

use crate::brief::Brief;
use crate::project::Project;
use crate::report::seconds;

/// What a command printed and how it ended.
#[derive(Debug)]
pub(crate) struct Output {
    /// What it is called in what people read.
    label: String,
    /// The command itself, as one would type it.
    command: String,
    /// Whether it ended with status 0.
    pub(crate) success: bool,
    /// What it wrote to its standard output.
    pub(crate) stdout: String,
    /// All it wrote, both streams as they came.
    text: String,
}

/// Runs a command to its end, and fails if it does; what it printed is shown then.
///
/// # Errors
///
/// When the command cannot be started, or ends with another status than 0.
pub(crate) fn run(project: &Project, label: &str, cmd: Cmd<'_>) -> Result<Output> {
    let output = try_run(project, label, cmd)?;
    if output.success {
        return Ok(output);
    }
    Err(Failed {
        brief: output.show(project),
        label: label.to_owned(),
    }
    .into())
}

/// Runs a command to its end, however it ends.
///
/// # Errors
///
/// When the command cannot be started.
pub(crate) fn try_run(project: &Project, label: &str, cmd: Cmd<'_>) -> Result<Output> {
    execute(project, label, cmd, true)
}

/// Runs a command that should end with an error, however it ends.
///
/// # Errors
///
/// When the command cannot be started.
pub(crate) fn run_to_error(project: &Project, label: &str, cmd: Cmd<'_>) -> Result<Output> {
    execute(project, label, cmd, false)
}

fn execute(project: &Project, label: &str, cmd: Cmd<'_>, wanted: bool) -> Result<Output> {
    let command = cmd.to_string();
    let start = Instant::now();
    let mut progress = Progress::new(project.verbose, label);
    progress.command(&command);

    let mut child = Command::from(cmd)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{command}`"))?;
    let (sender, lines) = mpsc::channel();
    forward(child.stdout.take(), Stream::Out, sender.clone());
    forward(child.stderr.take(), Stream::Err, sender);

    let (mut stdout, mut text) = (String::new(), String::new());
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok((stream, line)) => {
                progress.line(&line, start.elapsed());
                text.extend([line.as_str(), "\n"]);
                if matches!(stream, Stream::Out) {
                    stdout.extend([line.as_str(), "\n"]);
                }
            }
            Err(RecvTimeoutError::Timeout) => progress.tick(start.elapsed()),
            // Both streams are closed: the command is over, or as good as.
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let success = child.wait()?.success();
    progress.end(success == wanted, start.elapsed());
    Ok(Output {
        label: label.to_owned(),
        command,
        success,
        stdout,
        text,
    })
}

/// Whether a command can be started and ends well; for asking whether a tool is there.
pub(crate) fn works(cmd: Cmd<'_>) -> bool {
    Command::from(cmd)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

/// Sends a stream line by line until it is closed.
fn forward(from: Option<impl Read + Send + 'static>, stream: Stream, to: Sender<(Stream, String)>) {
    let Some(from) = from else { return };
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        // Bytes and not `lines()`: a test may print what is not UTF-8.
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            if to.send((stream, text.trim_end().to_owned())).is_err() {
                return;
            }
            line.clear();
        }
    });
}

// === impl Output ===

impl Output {
    /// All it wrote, both streams as they came.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Prints what went wrong, in short; then all of it, unless it was printed while the command
    /// ran.
    pub(crate) fn show(&self, project: &Project) -> Brief {
        let brief = Brief::read(&self.label, &self.text);
        brief.print();
        if !project.verbose {
            println!("$ {}\n{}", self.command, self.text);
        }
        brief
    }
}

/// A command that ended with another status than 0, and has been shown.
#[derive(Debug)]
pub(crate) struct Failed {
    label: String,
    /// What went wrong with it.
    pub(crate) brief: Brief,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.label)
    }
}

impl std::error::Error for Failed {}

/// Tells a person that a long command is alive: on a terminal by a line that is
/// written over, elsewhere by a line every half minute.
struct Progress<'a> {
    label: &'a str,
    verbose: bool,
    terminal: bool,
    last: String,
    spoke: Duration,
}

// === impl Progress ===

impl<'a> Progress<'a> {
    const SILENCE: Duration = Duration::from_secs(30);

    fn new(verbose: bool, label: &'a str) -> Self {
        Self {
            label,
            verbose,
            terminal: !verbose && std::io::stdout().is_terminal(),
            last: String::new(),
            spoke: Duration::ZERO,
        }
    }

    fn command(&self, command: &str) {
        if self.verbose {
            println!("$ {command}");
        }
    }

    fn line(&mut self, line: &str, elapsed: Duration) {
        if self.verbose {
            println!("{line}");
        } else if !line.trim().is_empty() {
            line.trim().clone_into(&mut self.last);
            self.tick(elapsed);
        }
    }

    fn tick(&mut self, elapsed: Duration) {
        let pause = if self.terminal {
            Duration::from_millis(100)
        } else {
            Self::SILENCE
        };
        if self.verbose || elapsed < self.spoke + pause {
            return;
        }
        self.spoke = elapsed;
        let line = format!(
            "    … {:>7}  {}: {}",
            seconds(elapsed),
            self.label,
            self.last
        );
        if self.terminal {
            let line: String = line.chars().take(99).collect();
            print!("\r\x1b[K{line}");
            // A terminal that went away is no reason to stop.
            let _ = std::io::stdout().flush();
        } else {
            println!("{line}");
        }
    }

    fn end(self, as_wanted: bool, elapsed: Duration) {
        let clear = if self.terminal { "\r\x1b[K" } else { "" };
        let mark = if as_wanted { "ok  " } else { "FAIL" };
        println!("{clear}    {mark} {:>7}  {}", seconds(elapsed), self.label);
    }
}
