//! What every manifest of the workspace leaves to the workspace's own.

use anyhow::Result;

use crate::project::Project;
use crate::report::Verdict;

/// Versions stand once, in the workspace's manifest, and so do lints.
pub(super) fn check(project: &Project) -> Result<Verdict> {
    let packages = project.packages();
    let mut wrong = 0;
    for package in &packages {
        let manifest = project.sh.read_file(&package.manifest_path)?;
        for complaint in complaints(&manifest) {
            eprintln!("error: {}: {complaint}", package.manifest_path);
            wrong += 1;
        }
    }
    Ok(match wrong {
        0 => Verdict::passed(format!("{} manifests", packages.len())),
        _ => Verdict::failed(format!(
            "{wrong} lines that belong into the workspace's manifest"
        )),
    })
}

fn complaints(manifest: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let (mut table, mut inherits_lints) = ("", false);
    for line in manifest.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            table = line;
        } else if table == "[lints]" && line == "workspace = true" {
            inherits_lints = true;
        } else if table.ends_with("dependencies]") && !inherits(line) && !renames(line) {
            complaints.push(format!(
                "`{line}` has a version of its own; put it into [workspace.dependencies] and \
                 write `workspace = true` here"
            ));
        }
    }
    if !inherits_lints {
        complaints
            .push("the lints are not the workspace's; add `[lints] workspace = true`".to_owned());
    }
    complaints
}

fn inherits(dependency: &str) -> bool {
    dependency.contains(".workspace = true")
        || dependency.contains("workspace = true,")
        || dependency.contains("workspace = true }")
}

/// Whether this is a crate of the workspace under another's name, as crates/drop-in has it. It names
/// no version, and in the workspace's manifest the name is the other crate's.
fn renames(dependency: &str) -> bool {
    ["package = ", "path = "]
        .iter()
        .all(|key| dependency.contains(key))
        && !dependency.contains("version")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_that_inherits_is_fine() {
        let manifest = "\
[package]
name = \"x\"
version = \"1\"

[lints]
workspace = true

[dependencies]
# Why.
a.workspace = true
b = { workspace = true, optional = true }

[target.'cfg(unix)'.dependencies]
c = { workspace = true }
d = { package = \"e\", path = \"../e\" }
";
        assert_eq!(complaints(manifest), Vec::<String>::new());
    }

    #[test]
    fn own_versions_and_own_lints_are_found() {
        let manifest = "\
[dev-dependencies]
a = \"1\"
b = { version = \"2\", features = [\"x\"] }
d = { package = \"e\", path = \"../e\", version = \"1\" }
c.workspace = true
";
        let found = complaints(manifest);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].contains("`a = \"1\"`"));
        assert!(found[3].contains("[lints]"));
    }
}
