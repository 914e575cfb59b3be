//! Small wrong programs: a sanitizer that says nothing about them is not at work.
//!
//! It may well not be. The search for leaks stops the whole process by ptrace, which some
//! containers forbid, and another program's `ASAN_OPTIONS` turn things off.

use anyhow::{Result, ensure};

use super::{FLAGS, Tool};
use crate::exec;
use crate::report::Verdict;

/// A wrong program, and what the sanitizer must call it.
struct Canary {
    name: &'static str,
    source: &'static str,
    report: &'static str,
}

const CANARIES: [Canary; 2] = [
    Canary {
        name: "use-after-free",
        source: "\
fn main() {
    let node = Box::into_raw(Box::new(7_u32));
    drop(unsafe { Box::from_raw(node) });
    let value = unsafe { std::hint::black_box(node).read_volatile() };
    println!(\"the value is {value}\");
}
",
        report: "heap-use-after-free",
    },
    Canary {
        name: "leak",
        source: "\
fn main() {
    std::mem::forget(std::hint::black_box(Box::new([7_u32; 8])));
}
",
        report: "detected memory leaks",
    },
];

/// Builds and runs each of them; each must fail in its own way.
pub(super) fn all(tool: &Tool<'_>) -> Result<Verdict> {
    let project = tool.project;
    let folder = project.target_dir("sanitize").join("canaries");
    project.sh.create_dir(&folder)?;
    for canary in &CANARIES {
        let source = folder.join(canary.name).with_extension("rs");
        let program = folder.join(canary.name);
        project.sh.write_file(&source, canary.source)?;
        let build = tool
            .nightly("rustc")
            .args([FLAGS, "--edition=2024", "--target", &Tool::target(), "-o"])
            .args([&program, &source]);
        exec::run(project, &format!("build {}", canary.name), build)?;

        let run = project.sh.cmd(&program).env("ASAN_OPTIONS", super::OPTIONS);
        let label = format!("{} must be found", canary.name);
        let output = exec::run_to_error(project, &label, run)?;
        if output.success || !output.text().contains(canary.report) {
            output.show(project);
        }
        ensure!(!output.success, "it does not find: {}", canary.name);
        ensure!(
            output.text().contains(canary.report),
            "{} did not end with: {}",
            canary.name,
            canary.report
        );
    }
    let names: Vec<_> = CANARIES.iter().map(|canary| canary.name).collect();
    Ok(Verdict::passed(names.join(", ")))
}
