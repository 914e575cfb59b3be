//! The look of the table.

use std::time::Duration;

use super::{Outcome, Report, Step};

impl Report {
    /// The steps as aligned columns: name, result, time, note.
    pub(super) fn table(&self) -> String {
        let name = width(
            self.steps
                .iter()
                .map(|step| step.name.as_str())
                .chain(["step"]),
        );
        let mut table = line(name, ["step", "result", "time", ""]);
        for step in &self.steps {
            let (time, result) = (seconds(step.time), result(step));
            table += &line(name, [&step.name, result, &time, &note(step)]);
        }
        table
    }
}

fn line(name_width: usize, [name, result, time, note]: [&str; 4]) -> String {
    let line = format!("{name:<name_width$}  {result:<7}  {time:>8}  {note}");
    format!("{}\n", line.trim_end())
}

fn width<'a>(cells: impl Iterator<Item = &'a str>) -> usize {
    cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
}

fn result(step: &Step) -> &'static str {
    match step.verdict.outcome {
        Outcome::Passed => "passed",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failed",
    }
}

fn note(step: &Step) -> String {
    match step.verdict.outcome {
        Outcome::Skipped => format!("to run it: {}", step.verdict.note),
        Outcome::Passed | Outcome::Failed => step.verdict.note.clone(),
    }
}

/// A duration for people: `0.4 s`, `74 s`.
pub(crate) fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(10) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{:.0} s", time.as_secs_f64())
    }
}
