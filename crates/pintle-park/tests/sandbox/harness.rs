//! Runs cases one after the other, each in a process of its own, and tells of it as libtest does:
//! `cargo test`, nextest and `cargo xtask test` read its lines.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use crate::child::{self, End};

/// A test: its name, and what it does.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) body: fn(),
}

/// The cases that these functions are.
macro_rules! cases {
    ($($(#[$when:meta])* $body:ident),+ $(,)?) => {
        &[$($(#[$when])* $crate::harness::Case { name: stringify!($body), body: $body }),+]
    };
}
pub(crate) use cases;

/// Runs the cases that the command line asks for.
pub(crate) fn run(all: &[Case]) -> ExitCode {
    let wanted = Wanted::from_command_line();
    let chosen: Vec<&Case> = all.iter().filter(|case| wanted.has(case.name)).collect();
    if wanted.list {
        for case in chosen {
            println!("{}: test", case.name);
        }
        return ExitCode::SUCCESS;
    }
    let plural = if chosen.len() == 1 { "" } else { "s" };
    println!("\nrunning {} test{plural}", chosen.len());
    let start = Instant::now();
    let (mut passed, mut failed, mut ignored) = (0, 0, 0);
    for case in &chosen {
        // A child has a copy of what is not yet written.
        std::io::stdout().flush().unwrap();
        let end = child::run(case.body);
        let result = match end {
            End::Passed => {
                passed += 1;
                "ok"
            }
            End::Skipped => {
                ignored += 1;
                "ignored"
            }
            End::Panicked | End::Died { .. } => {
                failed += 1;
                "FAILED"
            }
        };
        println!("test {} ... {result}", case.name);
        if let End::Died { status } = end {
            println!("its process has ended with the wait status {status:#x}");
        }
    }
    println!(
        "\ntest result: {}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; \
         {} filtered out; finished in {:.2}s\n",
        if failed == 0 { "ok" } else { "FAILED" },
        all.len() - chosen.len(),
        start.elapsed().as_secs_f64(),
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(101)
    }
}

/// What libtest's options ask for, of those that concern us.
#[derive(Default)]
struct Wanted {
    filters: Vec<String>,
    skips: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
}

// === impl Wanted ===

impl Wanted {
    fn from_command_line() -> Self {
        /// Options of libtest whose value may be the next argument.
        const WITH_VALUE: &[&str] = &[
            "--color",
            "--format",
            "--logfile",
            "--shuffle-seed",
            "--test-threads",
            "-Z",
        ];
        let mut wanted = Self::default();
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--exact" => wanted.exact = true,
                "--list" => wanted.list = true,
                "--ignored" => wanted.ignored = true,
                "--skip" => wanted.skips.extend(args.next()),
                option if WITH_VALUE.contains(&option) => drop(args.next()),
                _ => match arg.strip_prefix("--skip=") {
                    Some(name) => wanted.skips.push(name.to_owned()),
                    None if arg.starts_with('-') => {}
                    None => wanted.filters.push(arg),
                },
            }
        }
        wanted
    }

    fn has(&self, name: &str) -> bool {
        let matches = |pattern: &String| {
            if self.exact {
                pattern == name
            } else {
                name.contains(pattern.as_str())
            }
        };
        // No case is marked as ignored.
        !self.ignored
            && (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skips.iter().any(matches)
    }
}
