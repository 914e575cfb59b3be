//! What went wrong, in a few lines: they stand before a failed command's long output, and once more
//! at the end of the run, because logs get cut.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

/// The lines of failed commands that name what failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brief {
    lines: Vec<String>,
}

/// Lines of one command; how many more there were is said in one.
const AT_MOST: usize = 24;
/// Last words of a program that died, or of a command about which nothing else is known.
const LAST_WORDS: usize = 8;
const COLUMNS: usize = 160;

// === impl Brief ===

impl Brief {
    /// Reads the output, both streams as they came, of a failed command.
    pub(crate) fn read(label: &str, text: &str) -> Self {
        let mut reader = Reader::default();
        for line in text.lines() {
            reader.line(line);
        }
        let mut found = reader.finish();
        if found.is_empty() {
            found = last_words(text.lines());
        }
        let more = found.len().saturating_sub(AT_MOST);
        found.truncate(AT_MOST);
        if more > 0 {
            found.push(format!("… and {more} lines more"));
        }
        let lines = std::iter::once(format!("{label}:"))
            .chain(found.iter().map(|line| format!("  {line}")))
            .map(|line| line.chars().take(COLUMNS).collect())
            .collect();
        Self { lines }
    }

    /// Whether nothing went wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes the lines of another one to its own.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
    }

    /// Prints every line, indented.
    pub(crate) fn print(&self) {
        for line in &self.lines {
            println!("         {line}");
        }
    }
}

/// Goes through the output of cargo, of the test programs that it runs, and of a sanitizer.
#[derive(Default)]
struct Reader<'a> {
    found: Vec<String>,
    /// The test program that cargo has last announced.
    program: &'a str,
    /// The program that has said how many tests it has, and not yet how they ended.
    begun: Option<&'a str>,
    /// What the program has printed last.
    recent: VecDeque<&'a str>,
    /// The failed test whose output this is.
    section: Option<&'a str>,
    /// Whether this line ends a message that the last one has begun.
    next: Option<Next>,
}

/// What the line after this one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The message of a panic.
    Message,
    /// The place of a compiler's error.
    Place,
}

// === impl Reader ===

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) {
        let text = line.trim();
        match self.next.take() {
            Some(Next::Message) if !text.is_empty() => self.tell(format!("    {text}")),
            Some(Next::Place) if text.starts_with("-->") => self.tell(format!("    {text}")),
            _ => {}
        }
        if let Some(announced) = announced(text) {
            self.program = announced;
            self.recent.clear();
            return;
        }
        if text.starts_with("running ") && text.trim_end_matches('s').ends_with(" test") {
            self.ended_in_the_middle();
            self.begun = Some(self.program);
        } else if text.starts_with("test result: ") {
            self.begun = None;
            self.section = None;
        } else if let Some(name) = failed_test(text) {
            // Of two streams, cargo's may be ahead: it is the program that has said `running`.
            let program = self.begun.unwrap_or(self.program);
            self.tell(format!("test {name} ... FAILED ({program})"));
        } else if let Some(name) = section(text) {
            self.section = Some(name);
        } else if self.section.is_some() && text.contains("panicked at ") {
            self.section = None;
            self.tell(format!("    {text}"));
            self.next = Some(Next::Message);
        } else if let Some(end) = death(text) {
            self.begun = None;
            self.tell(format!("{} died: {end}", self.program));
            let words = last_words(self.recent.iter().copied());
            self.found
                .extend(words.into_iter().map(|line| format!("    {line}")));
        } else if let Some(summary) = text.strip_prefix("SUMMARY: ") {
            // A sanitizer's.
            self.tell(summary.to_owned());
        } else if is_error(line) {
            self.tell(line.to_owned());
            self.next = Some(Next::Place);
        }
        if !text.is_empty() && !is_cargos(line) {
            self.recent.push_back(text);
            if self.recent.len() > LAST_WORDS {
                self.recent.pop_front();
            }
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.ended_in_the_middle();
        self.found
    }

    /// What it calls may have ended it in the middle of a test, with a code of zero.
    fn ended_in_the_middle(&mut self) {
        if let Some(program) = self.begun.take() {
            self.tell(format!("{program} ended before its tests did"));
        }
    }

    /// Once: libtest names a failed test twice, and so may a program whose tests print.
    fn tell(&mut self, line: String) {
        if !self.found.contains(&line) {
            self.found.push(line);
        }
    }
}

/// The program of cargo's `Running tests/wait.rs (target/debug/deps/wait-0123)`.
fn announced(text: &str) -> Option<&str> {
    if let Some(crate_name) = text.strip_prefix("Doc-tests ") {
        return Some(crate_name);
    }
    let (source, path) = text.strip_prefix("Running ")?.rsplit_once(" (")?;
    if let Some(source) = source.strip_prefix("unittests ") {
        // Every crate has a `src/lib.rs`: the program's name is its own.
        let name = path.trim_end_matches(')').rsplit(['/', '\\']).next()?;
        return Some(name.rsplit_once('-').map_or(source, |(name, _hash)| name));
    }
    Some(source)
}

/// The name in libtest's `test a_name ... FAILED`.
fn failed_test(text: &str) -> Option<&str> {
    let (name, result) = text.strip_prefix("test ")?.split_once(" ... ")?;
    result.ends_with("FAILED").then_some(name)
}

/// The name in libtest's `---- a_name stdout ----`.
fn section(text: &str) -> Option<&str> {
    text.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// How a program ended that did not end as test programs do. Those that count failures and leave
/// with 101 have named them.
fn death(text: &str) -> Option<&str> {
    let path_and_status = text.strip_prefix("process didn't exit successfully: ")?;
    let (_path, status) = path_and_status.rsplit_once("` (")?;
    let status = status.trim_end_matches(')');
    (status != "exit status: 101").then_some(status)
}

/// An error of the compiler or of cargo, but not that it has found errors.
fn is_error(line: &str) -> bool {
    (line.starts_with("error: ") || line.starts_with("error["))
        && !is_cargos(line)
        && !line.starts_with("error: aborting due to")
        && !line.starts_with("error: could not compile")
}

/// What cargo says about a test program that has failed.
fn is_cargos(line: &str) -> bool {
    let of_targets = |line: &str| {
        line.strip_prefix("error: ").is_some_and(|rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
                .starts_with(" target")
        })
    };
    line.starts_with("error: test failed")
        || line.starts_with("error: doctest failed")
        || line.starts_with("Caused by:")
        || of_targets(line)
}

fn last_words<'a>(lines: impl DoubleEndedIterator<Item = &'a str>) -> Vec<String> {
    let mut words: Vec<String> = lines
        .rev()
        .filter(|line| !line.trim().is_empty())
        .take(LAST_WORDS)
        .map(str::to_owned)
        .collect();
    words.reverse();
    words
}
