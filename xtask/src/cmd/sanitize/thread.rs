//! ThreadSanitizer: the stress tests, over a std that is instrumented as they are.
//!
//! Without that, it would take std's own locks and queues for races. It does not understand a bare
//! fence: what a fence proves it calls a race, or does not see. What follows from that stands in
//! `thread/suppressions.txt`, with the reason of each, and in [`LEFT_OUT`].
//!
//! It knows nothing of the process-wide barrier of pintle-rcu either. None of its annotations is needed for that: what puts
//! a section before the free that waited for it is a release store of the reader and an acquire load of the writer, which
//! it understands, and reports if they are weaker. The barrier only decides whether the writer waits at all. If it did not
//! where it should have, the free would be a race with the section, and found, as far as this machine lets it
//! happen; the models look for the rest.

mod canary;
mod runtime;

use anyhow::{Result, ensure};
use cargo_metadata::Package;
use xshell::Cmd;

use self::runtime::Runtime;
use super::Args;
use crate::batch::Batch;
use crate::cmd::targets::toolchain::Toolchain;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// What runs when no crate is named, and in `ci`: what all other crates wait with, what their tasks do, and
/// who frees what others have been reading.
const DEFAULT: &[&str] = &["pintle-lock", "pintle-park", "pintle-sync", "pintle-rcu"];

/// The crates of [`DEFAULT`] of which only the tests with this in their names run then: the others have one
/// thread each, and are many.
const BY_THREADS: (&[&str], &str) = (&["pintle-sync"], "threads");

/// Integration tests that are left out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("ui", "runs the compiler"),
    ("compile_fail", "as `ui`"),
    (
        "codegen",
        "compares instructions, and the sanitizer adds its own",
    ),
    ("loom", "has no test outside of a model"),
    (
        "fork",
        "starts threads in the child of a process that has some, which the sanitizer cannot",
    ),
    (
        "interrupted",
        "forks a child at each instruction, and the sanitizer adds its own",
    ),
    (
        "sandbox",
        "has to have one thread, and the sanitizer brings another",
    ),
];

/// - The first race is enough, and none is forgiven.
/// - What is wrong with a `pthread_mutex_t` is not asked: unlocking one that another thread holds is
///   what tests of error-checking ones do.
/// - The C compiler's `addr2line` tells which functions they are; LLVM's own is a package more.
const OPTIONS: &str =
    "halt_on_error=1:report_mutex_bugs=0:external_symbolizer_path=/usr/bin/addr2line";

/// The canaries, and the crates.
pub(super) fn run(args: &Args, project: &Project, report: &mut Report) -> Result<()> {
    let (toolchain, runtime) = match find(project) {
        Ok(found) => found,
        Err(missing) => {
            report.step("sanitize thread", || Ok(Verdict::skipped(missing)));
            return Ok(());
        }
    };
    let tool = Tool {
        project,
        toolchain,
        flags: runtime.flags(project)?,
        full: args.full,
        default: args.package.is_empty(),
    };
    let packages = project.select(&args.packages(DEFAULT))?;
    report.step("sanitize thread: finds what is wrong", || {
        canary::all(&tool)
    });
    for package in packages {
        let name = format!("sanitize thread {}", package.name);
        report.step(&name, || tool.test(&name, package));
    }
    Ok(())
}

/// Who builds, and what the sanitizer is linked from; or what to install.
fn find(project: &Project) -> Result<(Toolchain, Runtime), String> {
    if !cfg!(all(
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )) {
        return Err("a Linux machine, x86_64 or aarch64, with glibc".to_owned());
    }
    let Some(toolchain) = Toolchain::from_source(project) else {
        return Err(
            "rustup toolchain install nightly --component rust-src (or, on Debian: \
                    apt-get install rustc-web cargo-web rust-web-src)"
                .to_owned(),
        );
    };
    let runtime = Runtime::find(project, &toolchain)?;
    Ok((toolchain, runtime))
}

/// A toolchain with the sanitizer on.
struct Tool<'a> {
    project: &'a Project,
    toolchain: Toolchain,
    flags: String,
    full: bool,
    /// No crate was named.
    default: bool,
}

// === impl Tool ===

impl Tool<'_> {
    fn test(&self, label: &str, package: &Package) -> Result<Verdict> {
        let by_threads = self.default && BY_THREADS.0.contains(&package.name.as_str());
        let mut tests = Vec::new();
        if !by_threads {
            tests.push("--lib".to_owned());
        }
        let mut left_out = Vec::new();
        for target in package.targets.iter().filter(|target| target.is_test()) {
            if by_threads && !target.name.contains(BY_THREADS.1) {
                continue;
            }
            match LEFT_OUT.iter().find(|(name, _)| *name == target.name) {
                Some((name, _)) => left_out.push(*name),
                None => tests.push(format!("--test={}", target.name)),
            }
        }
        let cmd = self
            .cargo("test")
            .args(["--no-fail-fast", "--all-features"])
            .args(["--package", package.name.as_str()])
            .args(tests)
            // It is other tests that try hard: each step costs ten times as much here.
            .env("PROPTEST_CASES", "8")
            .env("PINTLE_FULL", if self.full { "1" } else { "0" });
        let mut batch = Batch::new(self.project);
        batch.run_tests(label, cmd)?;
        ensure!(!batch.tests().is_empty(), "no test ran");
        if by_threads {
            left_out.push("all that have one thread");
        }
        let note = match left_out.as_slice() {
            [] => batch.tests().to_string(),
            names => format!("{}; left out: {}", batch.tests(), names.join(", ")),
        };
        Ok(batch.verdict(note))
    }

    fn cargo(&self, verb: &str) -> Cmd<'_> {
        let suppressions = self
            .project
            .root()
            .join("xtask/src/cmd/sanitize/thread/suppressions.txt");
        self.toolchain
            .cargo_with(self.project, "std")
            .args([verb, "--target", &runtime::target()])
            .arg("--target-dir")
            .arg(self.project.target_dir("sanitize-thread"))
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .env("RUSTFLAGS", &self.flags)
            .env(
                "TSAN_OPTIONS",
                format!("{OPTIONS}:suppressions={suppressions}"),
            )
    }
}
