//! How many tests ran, read from libtest's own summary lines.

use std::fmt;
use std::ops::AddAssign;

/// Tests that passed, failed, and were ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

// === impl Tally ===

impl Tally {
    /// One failure: of a build that never came to run its tests.
    pub(crate) const BROKEN: Self = Self {
        passed: 0,
        failed: 1,
        ignored: 0,
    };

    /// Adds up the `test result:` lines of a run of `cargo test`.
    ///
    /// A program that has begun and has no such line is a failure, however it ended: what it calls
    /// may have ended it in the middle of a test, with a code of zero.
    pub(crate) fn read(output: &str) -> Self {
        let mut tally = Self::default();
        let (mut begun, mut ended) = (0_u64, 0_u64);
        for line in output.lines() {
            begun += u64::from(is_beginning(line));
            let Some((_, counts)) = line.split_once("test result: ") else {
                continue;
            };
            ended += 1;
            for count in counts.split([';', '.']) {
                let mut words = count.split_whitespace();
                let (Some(number), Some(what)) = (words.next(), words.next()) else {
                    continue;
                };
                let Ok(number) = number.parse::<u64>() else {
                    continue;
                };
                match what {
                    "passed" => tally.passed += number,
                    "failed" => tally.failed += number,
                    "ignored" => tally.ignored += number,
                    _ => {}
                }
            }
        }
        tally.failed += begun.saturating_sub(ended);
        tally
    }

    /// Whether no test ran at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.passed + self.failed == 0
    }
}

/// Whether this is libtest's `running 3 tests`.
fn is_beginning(line: &str) -> bool {
    let mut words = line.split(' ');
    words.next() == Some("running")
        && words.next().is_some_and(|n| n.parse::<u64>().is_ok())
        && matches!(words.next(), Some("test" | "tests"))
        && words.next().is_none()
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_every_result_line() {
        let output = "running 3 tests\n...\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.10s\n\
            \n\
            test result: FAILED. 10 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        let tally = Tally::read(output);
        assert_eq!(
            tally,
            Tally {
                passed: 12,
                failed: 3,
                ignored: 1
            }
        );
        assert_eq!(tally.to_string(), "12 passed, 3 failed");
    }

    #[test]
    fn a_program_that_ends_in_the_middle_has_failed() {
        let output = "running 1 test\n\
            test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
            running 3 tests\n\
            test one ... ok\n\
            running 0 tests\n\
            test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n\
            running 3 tests at once\n";
        assert_eq!(Tally::read(output).to_string(), "1 passed, 1 failed");
    }

    #[test]
    fn output_without_results_is_empty() {
        assert!(Tally::read("error: could not compile\n5 passed; 1 failed").is_empty());
    }
}
