//! Sections of docs/benchmarks.md that are measured apart from the rest.

use std::fs;

use anyhow::Result;

use super::DOCUMENT;
use crate::report::Verdict;

/// How a section is measured, and where it goes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Options {
    /// How often each figure is taken, 31 times unless asked otherwise; by `timers` 8 times in each of
    /// three servers.
    #[arg(long)]
    pub(super) rounds: Option<usize>,
    /// Write the result to its section of docs/benchmarks.md instead of showing it.
    #[arg(long)]
    pub(super) write: bool,
}

/// Shows a section, which begins with `heading`. Or writes it in the place of the one that stands in
/// the document, or at its end.
pub(super) fn put(heading: &str, section: &str, write: bool) -> Result<Verdict> {
    if !write {
        print!("\n{section}");
        return Ok(Verdict::passed(""));
    }
    let document = fs::read_to_string(DOCUMENT)?;
    fs::write(DOCUMENT, replace(&document, heading, section))?;
    Ok(Verdict::passed(DOCUMENT))
}

fn replace(document: &str, heading: &str, section: &str) -> String {
    let start = document.find(heading).unwrap_or(document.len());
    let (before, old) = document.split_at(start);
    // The next heading of the same level.
    let after = old.find("\n## ").map_or("", |index| &old[index..]);
    format!("{}\n\n{section}{after}", before.trim_end())
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn the_section_takes_its_place() {
        let new = "## B\n\nnew\n";
        let old = "# A\n\n## B\n\nold\n\n## Z\n";
        assert_eq!(replace(old, "## B", new), format!("# A\n\n{new}\n## Z\n"));
        assert_eq!(replace("# A\n", "## B", new), format!("# A\n\n{new}"));
    }
}
