//! A copy of the workspace that an old cargo can read by itself: the published libraries,
//! no dev-dependencies, and what they need from others beside them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::exec;
use crate::project::Project;

/// Builds the copy in this folder; a former one's build products stay.
pub(super) fn fill(project: &Project, folder: &Path) -> Result<()> {
    let sh = Shell::new()?;
    for entry in ["Cargo.toml", "Cargo.lock", ".cargo", "crates", "vendor"] {
        sh.remove_path(folder.join(entry))?;
    }
    let root = project.root().as_std_path();
    let manifest = without_tables(&sh.read_file(root.join("Cargo.toml"))?, |table| {
        table == "workspace"
    });
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n";
    sh.write_file(folder.join("Cargo.toml"), format!("{members}{manifest}"))?;
    sh.copy_file(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;

    for package in project.published() {
        let from = package
            .manifest_path
            .parent()
            .context("a manifest has a folder")?;
        let into = folder.join("crates").join(package.name.as_str());
        let manifest = without_tables(&sh.read_file(&package.manifest_path)?, is_for_tests);
        sh.write_file(into.join("Cargo.toml"), manifest)?;
        copy_tree(from.join("src").as_std_path(), &into.join("src"))?;
        // The libraries include it as their documentation.
        sh.copy_file(from.join("README.md"), into.join("README.md"))?;
    }

    // Beside it, for the old cargo may see no network and no registry.
    let manifest = folder.join("Cargo.toml");
    let vendor = folder.join("vendor");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    exec::run(
        project,
        "cargo vendor",
        cmd!(sh, "{cargo} vendor --manifest-path {manifest} {vendor}"),
    )?;
    sh.write_file(
        folder.join(".cargo/config.toml"),
        "[source.crates-io]\nreplace-with = \"vendor\"\n\n[source.vendor]\ndirectory = \"vendor\"\n",
    )?;
    Ok(())
}

/// Whether a manifest's table is about tests, examples or models only.
fn is_for_tests(table: &str) -> bool {
    table.contains("dev-dependencies")
        || matches!(table, "example" | "test" | "bench")
        || table.starts_with("target.'cfg(loom)'")
}

/// The manifest without the tables of these names. Tables begin at a line's start, as
/// they do in every manifest of this workspace.
fn without_tables(manifest: &str, drop: impl Fn(&str) -> bool) -> String {
    let mut dropping = false;
    let mut kept = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            let name = line.trim().trim_start_matches('[').trim_end_matches(']');
            dropping = drop(name);
        }
        if !dropping {
            kept.extend([line, "\n"]);
        }
    }
    kept
}

fn copy_tree(from: &Path, into: &Path) -> Result<()> {
    fs::create_dir_all(into)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let copy = into.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_tests_is_left_out() {
        let manifest = "\
[package]
name = \"x\"
[dependencies]
a = \"1\"
[target.'cfg(loom)'.dependencies]
loom = \"0.7\"
[dev-dependencies]
b = \"1\"
[target.'cfg(unix)'.dev-dependencies]
c = \"1\"
[target.'cfg(unix)'.dependencies]
d = \"1\"
[[example]]
name = \"y\"
";
        let kept = without_tables(manifest, is_for_tests);
        let kept: Vec<_> = kept.lines().collect();
        assert_eq!(
            kept,
            [
                "[package]",
                "name = \"x\"",
                "[dependencies]",
                "a = \"1\"",
                "[target.'cfg(unix)'.dependencies]",
                "d = \"1\""
            ]
        );
    }
}
