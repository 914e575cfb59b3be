//! docs/contexts.md, the table of what may be called where: each file whose documentation says it is in it.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use super::source;
use crate::project::Project;
use crate::report::Verdict;

const FILE: &str = "docs/contexts.md";
const HEADINGS: [&str; 2] = ["# Contexts", "# Where it may be called"];

pub(super) fn check(project: &Project) -> Result<Verdict> {
    let text = std::fs::read_to_string(project.root().join(FILE)).context(FILE)?;
    let named = links(&text);
    let mut there = BTreeSet::new();
    for source in source::files(&project.root().join("crates"))? {
        let says_so =
            |line: &source::Line| HEADINGS.contains(&line.comment.trim_matches(['/', '!', ' ']));
        if source.lines.iter().any(says_so) {
            there.insert(source.path);
        }
    }
    let mut found = 0;
    for path in there.difference(&named) {
        eprintln!("error: {FILE}: crates/{path} says where it may be called; give it a row");
        found += 1;
    }
    for path in named.difference(&there) {
        eprintln!("error: {FILE}: crates/{path} has no section that says where it may be called");
        found += 1;
    }
    Ok(match found {
        0 => Verdict::passed(format!("{} files", there.len())),
        _ => Verdict::failed(format!("{found} findings")),
    })
}

/// The files of crates/ that are linked to.
fn links(text: &str) -> BTreeSet<String> {
    text.split("](../crates/")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_crates_are_found() {
        let text = "[`A`](../crates/a/src/a.rs), [b](../docs/b.md)\n| [c](../crates/c.rs) |";
        let found: Vec<_> = links(text).into_iter().collect();
        assert_eq!(found, ["a/src/a.rs", "c.rs"]);
    }
}
