//! What would go to crates.io.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::exec;
use crate::project::{self, Project};
use crate::report::Verdict;

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// What each package must hold.
const WANTED: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    LICENCES[0],
    LICENCES[1],
    "README.md",
    "src/lib.rs",
];

/// What it may hold besides.
const FOLDERS: &[&str] = &["src/", "tests/", "examples/"];
const WRITTEN_BY_CARGO: &str = ".cargo_vcs_info.json";

/// Each published crate's file list is what it should be, and all of them pack.
pub(super) fn check(project: &Project) -> Result<Verdict> {
    let mut wrong = 0;
    let published = project.published();
    for package in &published {
        let label = format!("cargo package --list {}", package.name);
        let cmd = project
            .cargo()
            .args(["package", "--list", "--allow-dirty", "--package"])
            .arg(package.name.as_str());
        let output = exec::run(project, &label, cmd)?;
        for complaint in complaints(output.stdout.lines()) {
            eprintln!("error: {}: {complaint}", package.name);
            wrong += 1;
        }
        for licence in LICENCES {
            // Copies, for a package ends at its own folder.
            let copy = package.manifest_path.with_file_name(licence);
            if project.sh.read_file(copy)? != project.sh.read_file(licence)? {
                eprintln!(
                    "error: {}: {licence} is another text than the workspace's; copy it",
                    package.name
                );
                wrong += 1;
            }
        }
    }

    // In one go, for then a crate may depend on a version of another that is not on
    // crates.io yet. Building the packed crates would be what `test` has already built.
    let unpublished = project.packages();
    let unpublished = unpublished
        .iter()
        .filter(|package| !project::is_published(package));
    let cmd = project
        .cargo()
        .args(["package", "--workspace", "--no-verify", "--allow-dirty"])
        .args(unpublished.map(|package| format!("--exclude={}", package.name)));
    exec::run(project, "cargo package --workspace", cmd)?;

    Ok(match wrong {
        0 => Verdict::passed(format!(
            "{} crates pack, with README and licences",
            published.len()
        )),
        _ => Verdict::failed(format!("{wrong} files missing, strange or wrong")),
    })
}

/// What is missing from a package's file list, and what does not belong there.
fn complaints<'a>(files: impl Iterator<Item = &'a str>) -> Vec<String> {
    let files: BTreeSet<String> = files.map(|file| file.replace('\\', "/")).collect();
    let missing = WANTED
        .iter()
        .filter(|wanted| !files.contains(**wanted))
        .map(|wanted| format!("{wanted} is missing; add it, and to `include` in the manifest"));
    let strange = files.iter().filter(|file| !belongs(file)).map(|file| {
        format!("{file} does not belong into a package; narrow `include` in the manifest")
    });
    missing.chain(strange).collect()
}

fn belongs(file: &str) -> bool {
    WANTED.contains(&file)
        || file == WRITTEN_BY_CARGO
        || FOLDERS.iter().any(|folder| file.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_package_is_fine() {
        let files = WANTED.iter().copied();
        let files = files.chain([
            ".cargo_vcs_info.json",
            "src/list.rs",
            "tests/ui/send.stderr",
        ]);
        assert!(complaints(files).is_empty());
    }

    #[test]
    fn says_what_is_missing_and_what_is_strange() {
        let files = WANTED.iter().copied().filter(|file| *file != "LICENSE-MIT");
        let found = complaints(files.chain(["notes.txt"]));
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("LICENSE-MIT is missing"));
        assert!(found[1].starts_with("notes.txt does not belong"));
    }
}
