//! The steps of a run, and the table that closes it.

mod table;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

pub(crate) use self::table::seconds;
use crate::brief::Brief;
use crate::exec::Failed;
use crate::tally::Tally;

/// How a step ended, and what is worth saying about it.
#[derive(Debug)]
pub(crate) struct Verdict {
    outcome: Outcome,
    /// One short line for the table; for a skipped step, what to install.
    note: String,
    tests: Tally,
    /// What went wrong, command by command.
    brief: Brief,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Skipped,
    Failed,
}

/// One line of the table.
#[derive(Debug)]
struct Step {
    name: String,
    verdict: Verdict,
    time: Duration,
    /// Whether the run fails when this step was skipped.
    promised: bool,
}

/// All steps of a run.
#[derive(Debug)]
pub(crate) struct Report {
    steps: Vec<Step>,
    strict: bool,
}

// === impl Verdict ===

impl Verdict {
    /// The step did what it should.
    pub(crate) fn passed(note: impl Into<String>) -> Self {
        Self::new(Outcome::Passed, note)
    }

    /// The step found something wrong, and has already shown what.
    pub(crate) fn failed(note: impl Into<String>) -> Self {
        Self::new(Outcome::Failed, note)
    }

    /// The step needs what this machine does not have.
    pub(crate) fn skipped(install: impl Into<String>) -> Self {
        Self::new(Outcome::Skipped, install)
    }

    /// Whether the step was skipped.
    pub(crate) fn is_skipped(&self) -> bool {
        self.outcome == Outcome::Skipped
    }

    /// Counts these tests in the run's last line.
    pub(crate) fn with_tests(mut self, tests: Tally) -> Self {
        self.tests = tests;
        self
    }

    /// Repeats this at the end of the run.
    pub(crate) fn with_brief(mut self, brief: Brief) -> Self {
        self.brief = brief;
        self
    }

    fn new(outcome: Outcome, note: impl Into<String>) -> Self {
        Self {
            outcome,
            note: note.into(),
            tests: Tally::default(),
            brief: Brief::default(),
        }
    }
}

// === impl Report ===

impl Report {
    /// An empty report; a `strict` one fails when a step was skipped.
    pub(crate) fn new(strict: bool) -> Self {
        Self {
            steps: Vec::new(),
            strict,
        }
    }

    /// From here on, a skipped step fails the run, or does not.
    pub(crate) fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }

    /// Runs one step and writes its line. An error is a failed step: the run goes on,
    /// so that one run shows all that is wrong.
    pub(crate) fn step(&mut self, name: impl Into<String>, body: impl FnOnce() -> Result<Verdict>) {
        let name = name.into();
        println!("==> {name}");
        let start = Instant::now();
        let verdict = body().unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            let verdict = Verdict::failed(first_line(&format!("{error:#}")));
            match error.downcast::<Failed>() {
                Ok(failed) => verdict.with_brief(failed.brief),
                Err(_) => verdict,
            }
        });
        self.steps.push(Step {
            name,
            verdict,
            time: start.elapsed(),
            promised: self.strict,
        });
    }

    /// Prints the table, what went wrong in the steps that failed, and, when tests ran, how many.
    ///
    /// # Errors
    ///
    /// When a step failed, or was skipped though it was promised.
    pub(crate) fn finish(self) -> Result<()> {
        print!("\n{}", self.table());
        for step in self
            .steps
            .iter()
            .filter(|step| !step.verdict.brief.is_empty())
        {
            println!("\nFAILED: {}", step.name);
            step.verdict.brief.print();
        }
        let tests = self.tests();
        if !tests.is_empty() {
            println!("\n{tests}");
        }
        self.verdict()
    }

    fn tests(&self) -> Tally {
        let mut sum = Tally::default();
        for step in &self.steps {
            sum += step.verdict.tests;
        }
        sum
    }

    fn verdict(&self) -> Result<()> {
        let count =
            |wanted: &dyn Fn(&Step) -> bool| self.steps.iter().filter(|s| wanted(s)).count();
        let failed = count(&|step| step.verdict.outcome == Outcome::Failed);
        let broken = count(&|step| step.verdict.outcome == Outcome::Skipped && step.promised);
        match (failed, broken) {
            (0, 0) => Ok(()),
            (0, _) => bail!(
                "{broken} of {} steps skipped; the table says what to install",
                self.steps.len()
            ),
            (_, 0) => bail!("{failed} of {} steps failed", self.steps.len()),
            (_, _) => bail!(
                "{failed} of {} steps failed, {broken} skipped",
                self.steps.len()
            ),
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
