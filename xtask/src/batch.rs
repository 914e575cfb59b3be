//! Commands that belong to one step: all of them run, and those that failed are named.

use anyhow::Result;
use xshell::Cmd;

use crate::brief::Brief;
use crate::exec::{self, Output};
use crate::project::Project;
use crate::report::Verdict;
use crate::tally::Tally;

/// What the commands of one step gave so far.
pub(crate) struct Batch<'a> {
    project: &'a Project,
    failed: Vec<String>,
    brief: Brief,
    tests: Tally,
}

// === impl Batch ===

impl<'a> Batch<'a> {
    /// No command yet.
    pub(crate) fn new(project: &'a Project) -> Self {
        Self {
            project,
            failed: Vec::new(),
            brief: Brief::default(),
            tests: Tally::default(),
        }
    }

    /// Runs a command; if it fails, shows what it printed and goes on.
    ///
    /// # Errors
    ///
    /// When the command cannot be started.
    pub(crate) fn run(&mut self, label: &str, cmd: Cmd<'_>) -> Result<Output> {
        let output = exec::try_run(self.project, label, cmd)?;
        if !output.success {
            self.blame(label, &output);
        }
        Ok(output)
    }

    /// Runs a command that runs tests, counts them and says how many there were.
    ///
    /// # Errors
    ///
    /// When the command cannot be started.
    pub(crate) fn run_tests(&mut self, label: &str, cmd: Cmd<'_>) -> Result<Tally> {
        let output = self.run(label, cmd)?;
        let mut tests = Tally::read(&output.stdout);
        if !output.success && tests.failed == 0 {
            tests += Tally::BROKEN;
        }
        if output.success && tests.failed > 0 {
            // One of its programs has ended in the middle.
            self.blame(label, &output);
        }
        println!("{:18}{tests}, {} ignored", "", tests.ignored);
        self.tests += tests;
        Ok(tests)
    }

    fn blame(&mut self, label: &str, output: &Output) {
        self.brief.append(output.show(self.project));
        self.failed.push(label.to_owned());
    }

    /// The tests of all commands so far.
    pub(crate) fn tests(&self) -> Tally {
        self.tests
    }

    /// Passed with this note, or failed with the names of the commands that did.
    pub(crate) fn verdict(self, note: impl Into<String>) -> Verdict {
        let verdict = if self.failed.is_empty() {
            Verdict::passed(note)
        } else {
            Verdict::failed(format!("failed: {}", self.failed.join(", ")))
        };
        verdict.with_tests(self.tests).with_brief(self.brief)
    }
}
