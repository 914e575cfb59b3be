//! Code that a page of docs/ quotes from a file is what the file has.
//!
//! A quotation is a comment with its source, and the block below it:
//!
//! ````text
//! <!-- quote: crates/boards/cortex-m3/src/main.rs#idle -->
//! ```rust
//! ...
//! ```
//! ````
//!
//! `#idle` is the region between the lines that end in `ANCHOR: idle` and `ANCHOR_END: idle`; without it the whole
//! file is meant. Indentation that all of the lines have is left out.

#[cfg(test)]
mod tests;

use std::fs;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::report::Verdict;

const BEGIN: &str = "<!-- quote: ";
const END: &str = " -->";

/// Where a page is wrong (counted from 1), and what to do about it.
type Finding = (usize, String);

pub(super) fn check(project: &Project) -> Result<Verdict> {
    let (mut quotes, mut found) = (0, 0);
    for entry in fs::read_dir(project.root().join("docs"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let read = |source: &str| fs::read_to_string(project.root().join(source)).ok();
        let (count, findings) = check_page(&text, read);
        quotes += count;
        for (line, mend) in findings {
            eprintln!("error: {}:{line}: {mend}", path.display());
            found += 1;
        }
    }
    Ok(match found {
        0 => Verdict::passed(format!("{quotes} quotations")),
        _ => Verdict::failed(format!("{found} findings")),
    })
}

/// How many quotations a page has, and what is wrong with them.
fn check_page(page: &str, read: impl Fn(&str) -> Option<String>) -> (usize, Vec<Finding>) {
    let (mut count, mut findings) = (0, Vec::new());
    let mut lines = page.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(source) = line.strip_prefix(BEGIN).and_then(|it| it.strip_suffix(END)) else {
            continue;
        };
        count += 1;
        if !lines
            .next()
            .is_some_and(|(_, line)| line.starts_with("```"))
        {
            findings.push((at + 1, "no block of code follows".to_owned()));
            continue;
        }
        let quoted: Vec<_> = (&mut lines)
            .map(|(_, line)| line)
            .take_while(|line| !line.starts_with("```"))
            .collect();
        let (path, region) = match source.split_once('#') {
            Some((path, region)) => (path, Some(region)),
            None => (source, None),
        };
        let Some(code) = read(path).and_then(|file| part(&file, region)) else {
            findings.push((at + 1, format!("there is no {source}")));
            continue;
        };
        if quoted != code.lines().collect::<Vec<_>>() {
            findings.push((at + 1, format!("{source} reads:\n{code}")));
        }
    }
    (count, findings)
}

/// A region of a file, or all of it but the marks of regions.
fn part(file: &str, region: Option<&str>) -> Option<String> {
    let mut is_inside = region.is_none();
    let mut is_closed = region.is_none();
    let mut lines = Vec::new();
    for line in file.lines() {
        let mark = |kind| line.split_once(kind).map(|(_, name)| name.trim());
        if let Some(name) = mark("ANCHOR_END: ") {
            if region == Some(name) {
                (is_inside, is_closed) = (false, true);
            }
        } else if let Some(name) = mark("ANCHOR: ") {
            is_inside |= region == Some(name);
        } else if is_inside {
            lines.push(line);
        }
    }
    if lines.is_empty() || !is_closed {
        return None;
    }
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let common = lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(indentation)
        .min()?;
    let lines = lines.iter().map(|line| line.get(common..).unwrap_or(""));
    Some(lines.collect::<Vec<_>>().join("\n"))
}
