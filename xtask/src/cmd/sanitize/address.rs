//! AddressSanitizer: tests and doctests, with its search for leaks.

mod canary;

use anyhow::{Result, ensure};
use cargo_metadata::Package;
use xshell::Cmd;

use super::Args;
use crate::batch::Batch;
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// What runs when no crate is named, and in `ci`: floor 1, whose pointers all floors above rely on.
const DEFAULT: &[&str] = &["pintle-bitfield", "pintle-intrusive"];

/// Integration tests that are left out, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "interrupted",
        "forks a child at each instruction, and the sanitizer adds its own",
    ),
    (
        "ui",
        "runs the compiler and compares its messages, which are another nightly's",
    ),
    ("compile_fail", "as `ui`"),
    (
        "codegen",
        "compares instructions, and the sanitizer adds its own",
    ),
    (
        "redis",
        "starts a server that is built without the sanitizer",
    ),
    ("loom", "has no test outside of a model"),
];

/// What instruments the code. Build scripts and procedural macros are not part of it, because
/// a target is named.
const FLAGS: &str = "-Zsanitizer=address";

/// Leaks are looked for at the end of each test program; a node on the stack of a function that
/// has returned counts as gone.
const OPTIONS: &str = "detect_leaks=1:detect_stack_use_after_return=1";
const OPTIONS_WITHOUT_LEAKS: &str = "detect_leaks=0:detect_stack_use_after_return=1";

/// The canaries, and the crates.
pub(super) fn run(args: &Args, project: &Project, report: &mut Report) -> Result<()> {
    let tool = Tool {
        project,
        options: if args.allow_leaks {
            OPTIONS_WITHOUT_LEAKS
        } else {
            OPTIONS
        },
    };
    if let Some(missing) = tool.missing() {
        report.step("sanitize address", || Ok(Verdict::skipped(missing)));
        return Ok(());
    }
    let packages = project.select(&args.packages(DEFAULT))?;
    report.step("sanitize address: finds what is wrong", || {
        canary::all(&tool)
    });
    for package in packages {
        let name = format!("sanitize address {}", package.name);
        report.step(&name, || tool.test(&name, package));
    }
    Ok(())
}

/// The nightly toolchain with the sanitizer on.
struct Tool<'a> {
    project: &'a Project,
    options: &'static str,
}

// === impl Tool ===

impl Tool<'_> {
    /// What to install, if the sanitizer cannot be had.
    fn missing(&self) -> Option<&'static str> {
        if !cfg!(all(
            target_os = "linux",
            target_env = "gnu",
            any(target_arch = "x86_64", target_arch = "aarch64")
        )) {
            return Some("a Linux machine, x86_64 or aarch64, with glibc");
        }
        let there = exec::works(self.nightly("cargo").arg("--version"));
        (!there).then_some("rustup toolchain install nightly --profile minimal")
    }

    /// The host's own target. It is named to cargo, so that the flags stay with the target.
    fn target() -> String {
        format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
    }

    /// By rustup's own name: $CARGO is one toolchain's cargo and knows no `+nightly`.
    fn nightly(&self, program: &str) -> Cmd<'_> {
        self.project
            .sh
            .cmd(program)
            .arg("+nightly")
            .env_remove("RUSTUP_TOOLCHAIN")
    }

    fn test(&self, label: &str, package: &Package) -> Result<Verdict> {
        let mut tests = vec!["--lib".to_owned()];
        let mut left_out = Vec::new();
        for target in package.targets.iter().filter(|target| target.is_test()) {
            match LEFT_OUT.iter().find(|(name, _)| *name == target.name) {
                Some((name, _)) => left_out.push(*name),
                None => tests.push(format!("--test={}", target.name)),
            }
        }
        let mut batch = Batch::new(self.project);
        batch.run_tests(label, self.cargo_test(package).args(tests))?;
        // `--doc` goes with no other choice of targets.
        let doctests = format!("{label} (doctests)");
        batch.run_tests(&doctests, self.cargo_test(package).arg("--doc"))?;
        ensure!(!batch.tests().is_empty(), "no test ran");
        let note = match left_out.as_slice() {
            [] => batch.tests().to_string(),
            names => format!("{}; left out: {}", batch.tests(), names.join(", ")),
        };
        Ok(batch.verdict(note))
    }

    fn cargo_test(&self, package: &Package) -> Cmd<'_> {
        self.nightly("cargo")
            .args(["test", "--no-fail-fast", "--all-features"])
            .args(["--package", package.name.as_str()])
            .args(["--target", &Self::target()])
            .arg("--target-dir")
            .arg(self.project.target_dir("sanitize"))
            .env("RUSTFLAGS", FLAGS)
            .env("RUSTDOCFLAGS", FLAGS)
            .env("ASAN_OPTIONS", self.options)
    }
}
