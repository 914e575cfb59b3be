//! A source file, its code apart from its comments.

#[cfg(test)]
mod tests;

use std::fs;

use anyhow::Result;
use cargo_metadata::camino::Utf8Path;

/// Every Rust file below this folder, in order; what is built or hidden is left out.
pub(super) fn files(root: &Utf8Path) -> Result<Vec<Source>> {
    let mut files = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir_utf8()? {
            let entry = entry?;
            let is_ours = !entry.file_name().starts_with('.') && entry.file_name() != "target";
            if is_ours && entry.file_type()?.is_dir() {
                open.push(entry.into_path());
            } else if is_ours && entry.path().extension() == Some("rs") {
                let path = entry.path().strip_prefix(root)?.as_str().replace('\\', "/");
                files.push(Source::new(path, &fs::read_to_string(entry.path())?));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// A Rust file, line by line.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path from the workspace's root, with `/`.
    pub(super) path: String,
    pub(super) lines: Vec<Line>,
}

/// One line, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// What the compiler sees; literals are emptied, for they say nothing about the code.
    pub(super) code: String,
    /// What stands in comments, documentation included.
    pub(super) comment: String,
}

// === impl Source ===

impl Source {
    pub(super) fn new(path: impl Into<String>, text: &str) -> Self {
        Self {
            path: path.into(),
            lines: Splitter::default().split(text),
        }
    }
}

/// Where in the text the splitter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Code,
    LineComment,
    /// Block comments nest.
    BlockComment(u32),
    Text,
    /// Ends at a quote and this many `#`.
    RawText(usize),
}

/// Walks over a text once. It knows as much of Rust as tells comments and literals from
/// code, and no more.
#[derive(Default)]
struct Splitter {
    state: State,
    done: Vec<Line>,
    line: Line,
}

// === impl Splitter ===

impl Splitter {
    fn split(mut self, text: &str) -> Vec<Line> {
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if next == '\n' {
                if self.state == State::LineComment {
                    self.state = State::Code;
                }
                self.done.push(std::mem::take(&mut self.line));
                rest = &rest[1..];
            } else {
                rest = &rest[self.step(rest, next)..];
            }
        }
        if self.line != Line::default() {
            self.done.push(self.line);
        }
        self.done
    }

    /// Takes one token from the front of `rest`, which begins with `next`; gives its
    /// length in bytes.
    fn step(&mut self, rest: &str, next: char) -> usize {
        match self.state {
            State::Code => self.code(rest, next),
            State::LineComment => self.comment(next),
            State::BlockComment(depth) => {
                if rest.starts_with("*/") {
                    self.state = match depth {
                        1 => State::Code,
                        _ => State::BlockComment(depth - 1),
                    };
                    return 2;
                }
                if rest.starts_with("/*") {
                    self.state = State::BlockComment(depth + 1);
                    return 2;
                }
                self.comment(next)
            }
            State::Text => match next {
                // An escaped line end is left for the walk to count.
                '\\' => {
                    1 + rest[1..]
                        .chars()
                        .next()
                        .filter(|c| *c != '\n')
                        .map_or(0, char::len_utf8)
                }
                '"' => {
                    self.state = State::Code;
                    self.keep('"')
                }
                _ => next.len_utf8(),
            },
            State::RawText(hashes) => {
                if next == '"' && count_hashes(&rest[1..]) >= hashes {
                    self.state = State::Code;
                    self.line.code.push('"');
                    return 1 + hashes;
                }
                next.len_utf8()
            }
        }
    }

    fn code(&mut self, rest: &str, next: char) -> usize {
        if rest.starts_with("//") {
            self.state = State::LineComment;
            return 2;
        }
        if rest.starts_with("/*") {
            self.state = State::BlockComment(1);
            return 2;
        }
        if next == '"' {
            self.state = State::Text;
            return self.keep('"');
        }
        if next == 'r' && !self.in_word() {
            let hashes = count_hashes(&rest[1..]);
            if rest[1 + hashes..].starts_with('"') {
                self.state = State::RawText(hashes);
                self.line.code.push('"');
                return 2 + hashes;
            }
        }
        if next == '\''
            && let Some(length) = char_literal(rest)
        {
            self.line.code.push_str("''");
            return length;
        }
        self.keep(next)
    }

    fn keep(&mut self, next: char) -> usize {
        self.line.code.push(next);
        next.len_utf8()
    }

    fn comment(&mut self, next: char) -> usize {
        self.line.comment.push(next);
        next.len_utf8()
    }

    /// Whether the code so far ends in the middle of a word. (`br"` and `cr"` are raw
    /// texts, too.)
    fn in_word(&self) -> bool {
        let word = self
            .line
            .code
            .rsplit(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        !matches!(word, None | Some("" | "b" | "c"))
    }
}

fn count_hashes(text: &str) -> usize {
    text.bytes().take_while(|byte| *byte == b'#').count()
}

/// The length of the character literal at the front of `text`, if it is one and not a
/// lifetime.
fn char_literal(text: &str) -> Option<usize> {
    let inner = &text[1..];
    let first = inner.chars().next()?;
    if first == '\\' {
        // The character after the backslash may be a quote itself.
        let escaped = 1 + inner[1..].chars().next()?.len_utf8();
        return inner[escaped..].find('\'').map(|end| 1 + escaped + end + 1);
    }
    inner[first.len_utf8()..]
        .starts_with('\'')
        .then(|| 1 + first.len_utf8() + 1)
}
