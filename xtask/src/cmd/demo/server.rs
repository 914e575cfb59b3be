//! The example as a child process.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use anyhow::{Context, Result};
use cargo_metadata::camino::Utf8PathBuf;

use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// The built example.
pub(in crate::cmd) struct Program(Utf8PathBuf);

/// Builds the example, and does with it what the step `name` is.
pub(in crate::cmd) fn with_built(
    project: &Project,
    report: &mut Report,
    name: &str,
    step: impl FnOnce(&Program) -> Result<Verdict>,
) {
    let mut built = None;
    report.step(format!("{name}: build"), || {
        built = Some(build(project)?);
        Ok(Verdict::passed("crates/pintle/examples/redis, release"))
    });
    if let Some(program) = built {
        report.step(name, || step(&program));
    }
}

/// Builds the example as it is meant to run.
fn build(project: &Project) -> Result<Program> {
    let features = ["--no-default-features", "--features", "std,park,rcu"];
    let cmd = project
        .cargo()
        .args([
            "build",
            "--release",
            "--package",
            "pintle",
            "--example",
            "redis",
        ])
        .args(features);
    exec::run(
        project,
        "the redis example, with link-time optimization",
        cmd,
    )?;
    let name = format!("redis{}", env::consts::EXE_SUFFIX);
    Ok(Program(
        project.target_dir("release").join("examples").join(name),
    ))
}

/// The example, running. It ends with its owner.
pub(in crate::cmd) struct Server {
    pub(in crate::cmd) port: u16,
    process: Child,
    /// Open for as long as it prints.
    _stdout: BufReader<ChildStdout>,
}

// === impl Server ===

impl Server {
    /// Starts it on a free port.
    pub(in crate::cmd) fn start(program: &Program, workers: usize) -> Result<Self> {
        Self::start_under(&[], program, workers)
    }

    /// Starts it as the last argument of another program.
    pub(in crate::cmd) fn start_under(
        outer: &[&str],
        Program(path): &Program,
        workers: usize,
    ) -> Result<Self> {
        let words = [outer, &[path.as_str()]].concat();
        let mut process = Command::new(words[0])
            .args(&words[1..])
            .args(["--port", "0", "--workers", &workers.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {path}"))?;
        let mut stdout = BufReader::new(process.stdout.take().context("no stdout")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let port = line
            .strip_prefix("listening on 127.0.0.1:")
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        let server = Self {
            // Not known yet; the process has its owner in any case.
            port: port.unwrap_or(0),
            process,
            _stdout: stdout,
        };
        port.with_context(|| format!("the server printed {line:?}"))?;
        Ok(server)
    }

    /// The process's id.
    pub(in crate::cmd) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it as Ctrl-C does, and says whether it ended well. Where there are no such
    /// signals, it is just ended.
    pub(in crate::cmd) fn interrupt(mut self) -> Result<bool> {
        if !cfg!(unix) {
            return Ok(true);
        }
        let id = self.process.id().to_string();
        Command::new("kill").args(["-INT", &id]).status()?;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status.success());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(false)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
