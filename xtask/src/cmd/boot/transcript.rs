//! What a board is expected to print, and what is typed meanwhile.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt::Write;

use anyhow::{Result, ensure};

/// A session at a board's serial line, as its `expected.txt` has it.
///
/// | in `expected.txt` | on the serial line |
/// |---|---|
/// | `{number}` | one digit or more |
/// | a line that begins with the board's prompt | the prompt; then the rest of the line is typed, and the board's echo of it is compared |
/// | anything else | itself |
///
/// Spaces at the end of a line do not count, nor do empty lines after the last one.
#[derive(Debug)]
pub(super) struct Transcript<'a> {
    lines: Vec<&'a str>,
    typed: Vec<&'a str>,
}

/// What stands for a number.
const NUMBER: &str = "{number}";

// === impl Transcript ===

impl<'a> Transcript<'a> {
    /// Reads an `expected.txt`.
    ///
    /// # Errors
    ///
    /// When it says nothing, or has a placeholder in what is to be typed.
    pub(super) fn parse(text: &'a str, prompt: Option<&str>) -> Result<Self> {
        let lines = lines(text);
        ensure!(!lines.is_empty(), "it is empty");
        let typed = lines
            .iter()
            .filter_map(|line| line.strip_prefix(prompt?))
            .collect::<Vec<_>>();
        if let Some(line) = typed.iter().find(|line| line.contains(NUMBER)) {
            anyhow::bail!("`{line}` cannot be typed");
        }
        Ok(Self { lines, typed })
    }

    /// How many lines it has.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// What is to be typed, prompt by prompt.
    pub(super) fn typed(&self) -> VecDeque<&'a str> {
        self.typed.iter().copied().collect()
    }

    /// Compares the output with what is expected. Where they differ, each expected line that was not printed is
    /// returned with `-` before it and each printed one that was not expected with `+`.
    pub(super) fn differences(&self, output: &str) -> Option<String> {
        let printed = lines(output);
        // common[i][j]: how many lines the rests from `i` and `j` on have in common.
        let mut common = vec![vec![0; printed.len() + 1]; self.lines.len() + 1];
        for (i, pattern) in self.lines.iter().enumerate().rev() {
            for (j, line) in printed.iter().enumerate().rev() {
                common[i][j] = match matches(pattern, line) {
                    true => common[i + 1][j + 1] + 1,
                    false => common[i + 1][j].max(common[i][j + 1]),
                };
            }
        }
        if common[0][0] == self.lines.len().max(printed.len()) {
            return None;
        }
        let (mut text, mut i, mut j) = (String::new(), 0, 0);
        while i < self.lines.len() || j < printed.len() {
            let expected = self.lines.get(i);
            let (mark, line) = match (expected, printed.get(j)) {
                (Some(pattern), Some(line)) if matches(pattern, line) => (' ', line),
                (_, Some(line)) if expected.is_none() || common[i][j + 1] > common[i + 1][j] => {
                    ('+', line)
                }
                (Some(pattern), _) => ('-', pattern),
                (None, _) => break,
            };
            i += usize::from(mark != '+');
            j += usize::from(mark != '-');
            writeln!(text, "{mark} {line}").expect("a String takes all");
        }
        Some(text)
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}

/// Whether the line is what the pattern says.
fn matches(pattern: &str, line: &str) -> bool {
    let Some((before, after)) = pattern.split_once(NUMBER) else {
        return pattern == line;
    };
    let Some(rest) = line.strip_prefix(before) else {
        return false;
    };
    let number = rest.bytes().take_while(u8::is_ascii_digit).count();
    number > 0 && matches(after, &rest[number..])
}
