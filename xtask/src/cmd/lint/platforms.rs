//! docs/platforms.md, the table of what is proven where: what it says is what the commands do.

#[cfg(test)]
mod tests;

use anyhow::{Context, Result};

use crate::cmd::{run_on, targets};
use crate::project::Project;
use crate::report::Verdict;

const FILE: &str = "docs/platforms.md";

/// What the file may name.
struct Known {
    /// The commands that run tests, of which each has a column.
    commands: Vec<String>,
    /// Every foreign target.
    targets: Vec<&'static str>,
    /// Those of them that are checked, of which each has a column.
    systems: Vec<&'static str>,
}

/// A platform, as the table of columns has it.
struct Column<'a> {
    name: &'a str,
    is_run: bool,
    is_checked: bool,
}

/// Where the file is wrong (counted from 1), and what to do about it.
type Finding = (usize, String);

pub(super) fn check(project: &Project) -> Result<Verdict> {
    let known = Known {
        commands: ["cargo xtask test", "cargo xtask loom"]
            .map(str::to_owned)
            .into_iter()
            .chain(run_on::systems().map(|system| format!("cargo xtask run-on {system}")))
            .collect(),
        targets: targets::triples(),
        systems: targets::systems(),
    };
    let text = std::fs::read_to_string(project.root().join(FILE)).context(FILE)?;
    let (cells, findings) = known.read(&text);
    for (line, mend) in &findings {
        eprintln!("error: {FILE}:{line}: {mend}");
    }
    Ok(match findings.len() {
        0 => Verdict::passed(format!("{cells} cells")),
        findings => Verdict::failed(format!("{findings} findings")),
    })
}

// === impl Known ===

impl Known {
    /// How many cells there are, and what is wrong.
    fn read(&self, text: &str) -> (usize, Vec<Finding>) {
        let mut findings = Vec::new();
        let columns = self.columns(text, &mut findings);
        let names: Vec<_> = columns.iter().map(|column| column.name).collect();
        let mut cells = 0;
        let mut in_table = false;
        for (line, row) in rows(text) {
            if row[0] == "operation" {
                in_table = row[1..] == names;
            } else if in_table && row[0].starts_with('`') {
                if row.len() != names.len() + 1 {
                    let cells = row.len() - 1;
                    let mend = format!("{cells} cells, and there are {} columns", names.len());
                    findings.push((line, mend));
                }
                for (cell, column) in row[1..].iter().zip(&columns) {
                    cells += 1;
                    if let Some(mend) = column.wrong(cell, text) {
                        findings.push((line, mend));
                    }
                }
            }
        }
        if cells == 0 {
            findings.push((1, "no table has the columns that are named".to_owned()));
        }
        (cells, findings)
    }

    fn columns<'a>(&self, text: &'a str, findings: &mut Vec<Finding>) -> Vec<Column<'a>> {
        let mut columns = Vec::new();
        let mut in_table = false;
        let mut last = 1;
        let (mut commands, mut checked) = (Vec::new(), Vec::new());
        for (line, row) in rows(text) {
            if row[0] == "column" || row[0] == "operation" {
                in_table = row[0] == "column";
                continue;
            }
            let (true, &[name, _, run_by, checked_for]) = (in_table, &row[..]) else {
                continue;
            };
            last = line;
            let targets: Vec<_> = checked_for
                .split(", ")
                .filter(|it| !it.is_empty())
                .collect();
            let run_by = run_by.trim_matches('`');
            if !run_by.is_empty() && !self.commands.iter().any(|known| known == run_by) {
                findings.push((line, format!("`{run_by}` is no command that runs tests")));
            }
            for target in targets.iter().filter(|it| !self.targets.contains(it)) {
                findings.push((line, format!("`cargo xtask targets` has no {target}")));
            }
            columns.push(Column {
                name,
                is_run: !run_by.is_empty(),
                is_checked: !targets.is_empty(),
            });
            commands.push(run_by);
            checked.extend(targets);
        }
        for command in self
            .commands
            .iter()
            .filter(|it| !commands.contains(&it.as_str()))
        {
            findings.push((last, format!("`{command}` runs tests, and has no column")));
        }
        for system in self.systems.iter().filter(|it| !checked.contains(it)) {
            findings.push((last, format!("{system} is checked, and has no column")));
        }
        columns
    }
}

// === impl Column ===

impl Column<'_> {
    fn wrong(&self, cell: &str, text: &str) -> Option<String> {
        let name = self.name;
        match cell.split_once(' ').unwrap_or((cell, "")) {
            ("run", "") if self.is_run => None,
            ("run", "") => Some(format!("no command runs {name}")),
            ("checked", "") if self.is_checked => None,
            ("checked", "") => Some(format!("no target stands for {name}")),
            ("no", reason) if text.contains(&format!("\n{reason}. ")) => None,
            ("no", reason) => Some(format!("there is no reason {reason}")),
            _ => Some(format!(
                "`{cell}` is not run, checked, or no and the number of a reason"
            )),
        }
    }
}

/// The rows of tables with their lines, without the rules below the heads.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let inner = line.strip_prefix('|')?.strip_suffix('|')?;
        let cells: Vec<_> = inner.split('|').map(str::trim).collect();
        (!cells[0].starts_with("---")).then_some((index + 1, cells))
    })
}
