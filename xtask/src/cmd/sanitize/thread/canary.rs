//! Small programs, of which the sanitizer must call two wrong and one right.

use anyhow::{Result, ensure};

use super::Tool;
use crate::exec;
use crate::report::Verdict;

/// A program, and whether it has a data race.
struct Canary {
    name: &'static str,
    source: &'static str,
    races: bool,
}

const CANARIES: [Canary; 3] = [
    Canary {
        name: "race",
        source: "\
use std::sync::atomic::{AtomicU32, Ordering::*};

static mut COUNT: u32 = 0;
static THERE: AtomicU32 = AtomicU32::new(0);

fn main() {
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                // One that is over before the other begins may come before it.
                THERE.fetch_add(1, Relaxed);
                while THERE.load(Relaxed) < 2 {
                    std::thread::yield_now();
                }
                let count = &raw mut COUNT;
                // SAFETY: none. This is the race.
                unsafe { count.write_volatile(count.read_volatile() + 1) };
            });
        }
    });
}
",
        races: true,
    },
    // Right on this very processor, whose stores are not reordered.
    Canary {
        name: "unpublished",
        source: "\
use std::sync::atomic::{AtomicBool, Ordering::*};

static mut VALUE: u32 = 0;
static READY: AtomicBool = AtomicBool::new(false);
static SEEN: AtomicBool = AtomicBool::new(false);

fn main() {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: none. Nothing puts it before the read.
            unsafe { (&raw mut VALUE).write(7) };
            READY.store(true, Relaxed);
            // What a thread has done is forgotten when it ends.
            while !SEEN.load(Relaxed) {
                std::thread::yield_now();
            }
        });
        scope.spawn(|| {
            while !READY.load(Acquire) {
                std::thread::yield_now();
            }
            // SAFETY: none. As above.
            println!(\"{}\", unsafe { (&raw const VALUE).read() });
            SEEN.store(true, Relaxed);
        });
    });
}
",
        races: true,
    },
    // Its std has to be instrumented.
    Canary {
        name: "right",
        source: "\
use std::sync::{Mutex, mpsc};

fn main() {
    let (sender, receiver) = mpsc::channel();
    let count = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (sender, count) = (sender.clone(), &count);
            scope.spawn(move || {
                for _ in 0..100 {
                    *count.lock().unwrap() += 1;
                    sender.send(Box::new(1)).unwrap();
                }
            });
        }
        drop(sender);
        let sum: i32 = receiver.iter().map(|one| *one).sum();
        assert_eq!(sum, 200);
    });
    assert_eq!(count.into_inner().unwrap(), 200);
}
",
        races: false,
    },
];

/// Of a workspace of its own, and nobody's member.
const MANIFEST: &str = "\
[package]
name = \"canaries\"
edition = \"2024\"

[workspace]
";

const REPORT: &str = "WARNING: ThreadSanitizer: data race";

/// Builds and runs each of them; each must end as it should.
pub(super) fn all(tool: &Tool<'_>) -> Result<Verdict> {
    let project = tool.project;
    let folder = project.target_dir("sanitize-thread").join("canaries");
    let manifest = folder.join("Cargo.toml");
    project.sh.create_dir(folder.join("src/bin"))?;
    project.sh.write_file(&manifest, MANIFEST)?;
    for canary in &CANARIES {
        let source = folder
            .join("src/bin")
            .join(canary.name)
            .with_extension("rs");
        project.sh.write_file(&source, canary.source)?;
    }
    let build = tool.cargo("build").arg("--manifest-path").arg(&manifest);
    exec::run(project, "build std and the canaries", build)?;
    for canary in &CANARIES {
        let run = tool
            .cargo("run")
            .args(["--quiet", "--bin", canary.name, "--manifest-path"])
            .arg(&manifest);
        let (label, output) = if canary.races {
            let label = format!("{} must be found", canary.name);
            let output = exec::run_to_error(project, &label, run)?;
            (label, output)
        } else {
            let label = format!("{} must be let be", canary.name);
            let output = exec::try_run(project, &label, run)?;
            (label, output)
        };
        let found = output.text().contains(REPORT);
        if found != canary.races || output.success == canary.races {
            output.show(project);
        }
        ensure!(found == canary.races, "not so: {label}");
        ensure!(
            output.success != canary.races,
            "{} ended with the wrong status",
            canary.name
        );
    }
    let names: Vec<_> = CANARIES.iter().map(|canary| canary.name).collect();
    Ok(Verdict::passed(names.join(", ")))
}
