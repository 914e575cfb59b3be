//! Where an old Rust comes from.

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::{Cmd, cmd};

use crate::exec;
use crate::project::Project;

/// Debian 13 froze with the Rust that the kit promises.
const SUITE: &str = "trixie";
/// gcc and libc6-dev link the build scripts of dependencies.
const PACKAGES: &str = "cargo,gcc,libc6-dev,rustc";
/// Outside the repository, for it outlives a clone; below it, `chroot` needs no mount.
const CACHE: &str = "/var/cache/pintle";
/// Where the workspace stands inside.
const INSIDE: &str = "/pintle";

/// A way to run the old cargo.
pub(super) enum Toolchain {
    /// rustup has it under this name.
    Rustup(String),
    /// It is Debian's, and runs in this folder as its root.
    Chroot(PathBuf),
}

// === impl Toolchain ===

impl Toolchain {
    /// rustup's, if it is installed; else Debian's, installed now if this is root and there
    /// is debootstrap.
    pub(super) fn find(project: &Project, version: &str) -> Result<Option<Self>> {
        if exec::works(cmd!(project.sh, "rustup run {version} cargo --version")) {
            return Ok(Some(Self::Rustup(version.to_owned())));
        }
        let root = Path::new(CACHE).join(SUITE);
        if root.is_dir() {
            return Ok(Some(Self::Chroot(root)));
        }
        let is_root = cmd!(project.sh, "id -u")
            .quiet()
            .read()
            .is_ok_and(|id| id == "0");
        if !is_root || !exec::works(cmd!(project.sh, "debootstrap --version")) {
            return Ok(None);
        }
        // Renamed when it is whole: an interrupted run leaves nothing to trip over.
        let part = root.with_extension("part");
        project.sh.remove_path(&part)?;
        project.sh.create_dir(CACHE)?;
        exec::run(
            project,
            "debootstrap",
            cmd!(
                project.sh,
                "debootstrap --variant=minbase --include={PACKAGES} {SUITE} {part}"
            ),
        )?;
        std::fs::rename(&part, &root)?;
        Ok(Some(Self::Chroot(root)))
    }

    /// What rustc says it is.
    pub(super) fn version(&self, project: &Project) -> Result<String> {
        Ok(self
            .tool(project, "rustc")
            .arg("--version")
            .quiet()
            .read()?)
    }

    /// The folder that [`Self::cargo`] runs in, seen from outside.
    pub(super) fn workspace(&self, project: &Project) -> PathBuf {
        match self {
            Self::Rustup(_) => project.target_dir("msrv").into_std_path_buf(),
            Self::Chroot(root) => root.join(INSIDE.trim_start_matches('/')),
        }
    }

    /// Its cargo, in the workspace.
    pub(super) fn cargo<'a>(&self, project: &'a Project) -> Cmd<'a> {
        self.tool(project, "cargo")
    }

    fn tool<'a>(&self, project: &'a Project, name: &str) -> Cmd<'a> {
        match self {
            Self::Rustup(version) => {
                let workspace = self.workspace(project);
                cmd!(project.sh, "env -C {workspace} rustup run {version} {name}")
            }
            Self::Chroot(root) => cmd!(
                project.sh,
                "chroot {root} env -i -C {INSIDE} HOME=/root PATH=/usr/bin:/bin {name}"
            ),
        }
    }
}
