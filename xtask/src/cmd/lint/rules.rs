//! The rules that no tool of others checks.

#[cfg(test)]
mod tests;

use anyhow::Result;

use super::source::{self, Line, Source};
use crate::project::Project;
use crate::report::Verdict;

/// Where a rule is broken, and what to do about it.
#[derive(Debug)]
struct Finding {
    /// Counted from 1.
    line: usize,
    mend: String,
}

/// Every rule; each looks at one file by itself.
const RULES: &[fn(&Source) -> Vec<Finding>] = &[file_size, no_std, loom_cfg, leftovers, safety];

/// Applies every rule to every Rust file of the workspace.
pub(super) fn check(project: &Project) -> Result<Verdict> {
    let files = source::files(project.root())?;
    let mut found = 0;
    for source in &files {
        for finding in RULES.iter().flat_map(|rule| rule(source)) {
            eprintln!("error: {}:{}: {}", source.path, finding.line, finding.mend);
            found += 1;
        }
    }
    Ok(match found {
        0 => Verdict::passed(format!("{} files", files.len())),
        _ => Verdict::failed(format!("{found} findings in {} files", files.len())),
    })
}

/// "About 500 lines": about ends a tenth above.
const MAX_LINES: usize = 550;

fn file_size(source: &Source) -> Vec<Finding> {
    let lines = source.lines.len();
    if lines <= MAX_LINES {
        return Vec::new();
    }
    vec![Finding {
        line: lines,
        mend: format!(
            "{lines} lines, and a file stays under about 500; one type per file, tests \
             in a `tests.rs` beside it"
        ),
    }]
}

/// A library that has no std says so first, and takes it back by feature.
fn no_std(source: &Source) -> Vec<Finding> {
    let path = source.path.as_str();
    let is_library = path.starts_with("crates/pintle") && path.ends_with("/src/lib.rs");
    let says_so = || {
        source
            .lines
            .iter()
            .any(|line| line.code.trim() == "#![no_std]")
    };
    if !is_library || says_so() {
        return Vec::new();
    }
    vec![Finding {
        line: 1,
        mend:
            "a library of the kit is `#![no_std]`; bring std in by `extern crate std` behind its \
               feature"
                .to_owned(),
    }]
}

/// `cfg(loom)` stands where the kit chooses between the model and the machine, and in tests.
fn loom_cfg(source: &Source) -> Vec<Finding> {
    let path = source.path.as_str();
    let allowed = path.starts_with("crates/pintle-core/")
        || path.starts_with("crates/pintle-park/src/sys/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs");
    if allowed {
        return Vec::new();
    }
    matching(
        source,
        |_, line| names_loom_cfg(&line.code),
        "cfg(loom) outside pintle-core, pintle-park's sys and tests; use pintle_core's \
         const_fn! and not_loom!",
    )
}

fn names_loom_cfg(code: &str) -> bool {
    code.split("cfg").skip(1).any(|rest| {
        let rest = rest
            .trim_start_matches(['_', '!'])
            .trim_start_matches("attr");
        rest.starts_with('(') && words(rest).any(|word| word == "loom")
    })
}

/// What is left over from writing: notes to oneself, unfinished code, debug prints.
fn leftovers(source: &Source) -> Vec<Finding> {
    let mut findings = matching(
        source,
        |_, line| words(&line.comment).any(|word| NOTES.contains(&word)),
        "a note of unfinished work; finish it, or write an issue and say here what holds today",
    );
    // A case for the compiler is never run, so it need not end.
    let is_run = !source.path.contains("/tests/ui/");
    findings.extend(matching(
        source,
        |_, line| is_run && UNFINISHED.iter().any(|name| line.code.contains(name)),
        "unfinished or debugging code; remove it",
    ));
    findings
}

const NOTES: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];
const UNFINISHED: &[&str] = &["todo!", "unimplemented!", "dbg!"];

/// How many lines above its `unsafe` a reason may begin.
const REACH: usize = 16;

/// Clippy asks for the reason, too, but only in code that this machine's target compiles;
/// the back ends of other systems have no other reader. Tests are left to clippy.
fn safety(source: &Source) -> Vec<Finding> {
    if !source.path.contains("/src/") {
        return Vec::new();
    }
    let has_reason = |index: usize| {
        let above = &source.lines[index.saturating_sub(REACH)..=index];
        above.iter().any(|line| line.comment.contains("SAFETY:"))
    };
    matching(
        source,
        |index, line| is_unsafe(&line.code) && !has_reason(index),
        "unsafe without a reason; write `// SAFETY:` above it and name the invariant",
    )
}

fn is_unsafe(code: &str) -> bool {
    code.contains("unsafe {") || code.contains("unsafe impl")
}

/// One finding for each line that is wrong; lines are given with their index.
fn matching(source: &Source, wrong: impl Fn(usize, &Line) -> bool, mend: &str) -> Vec<Finding> {
    let lines = source.lines.iter().enumerate();
    lines
        .filter(|(index, line)| wrong(*index, line))
        .map(|(index, _)| Finding {
            line: index + 1,
            mend: mend.to_owned(),
        })
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}
