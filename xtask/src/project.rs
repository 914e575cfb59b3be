//! What cargo metadata says about the workspace.

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use xshell::{Cmd, Shell};

/// The workspace, and a shell that stands in its root.
pub(crate) struct Project {
    /// Runs commands in the workspace's root.
    pub(crate) sh: Shell,
    /// Whether commands show all that they print.
    pub(crate) verbose: bool,
    metadata: Metadata,
}

// === impl Project ===

impl Project {
    /// Reads the workspace that this very program was built from.
    pub(crate) fn load(verbose: bool) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
            .no_deps()
            .exec()
            .context("cargo metadata")?;
        let sh = Shell::new()?;
        sh.change_dir(&metadata.workspace_root);
        Ok(Self {
            sh,
            verbose,
            metadata,
        })
    }

    /// Where the workspace's `Cargo.toml` stands.
    pub(crate) fn root(&self) -> &Utf8Path {
        &self.metadata.workspace_root
    }

    /// A folder of its own below the target folder, for what another toolchain or
    /// other flags build: they would otherwise throw each other's work away.
    pub(crate) fn target_dir(&self, name: &str) -> Utf8PathBuf {
        self.metadata.target_directory.join(name)
    }

    /// `cargo`, as the one that runs this program.
    pub(crate) fn cargo(&self) -> Cmd<'_> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        self.sh.cmd(cargo)
    }

    /// Every package of the workspace.
    pub(crate) fn packages(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// The packages that go to crates.io, in alphabetical order.
    pub(crate) fn published(&self) -> Vec<&Package> {
        let mut published = self.packages();
        published.retain(|package| is_published(package));
        published.sort_by(|a, b| a.name.cmp(&b.name));
        published
    }

    /// The published packages of these names; all of them when no name is given.
    ///
    /// # Errors
    ///
    /// When a name is none of theirs; the message lists them.
    pub(crate) fn select(&self, names: &[String]) -> Result<Vec<&Package>> {
        let published = self.published();
        if let Some(unknown) = names.iter().find(|name| {
            !published
                .iter()
                .any(|package| package.name == name.as_str())
        }) {
            let known: Vec<_> = published
                .iter()
                .map(|package| package.name.as_str())
                .collect();
            bail!(
                "no published package `{unknown}`; there are: {}",
                known.join(" ")
            );
        }
        let mut selected = published;
        if !names.is_empty() {
            selected.retain(|package| names.iter().any(|name| package.name == name.as_str()));
        }
        Ok(selected)
    }
}

/// Whether a package goes to crates.io.
pub(crate) fn is_published(package: &Package) -> bool {
    // `publish = false` reads as an empty list of registries.
    package
        .publish
        .as_ref()
        .is_none_or(|registries| !registries.is_empty())
}

/// Whether the package has an integration test of this name.
pub(crate) fn has_test(package: &Package, name: &str) -> bool {
    package
        .targets
        .iter()
        .any(|target| target.is_test() && target.name == name)
}
