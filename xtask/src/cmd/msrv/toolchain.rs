//! Where an old Rust comes from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::{Cmd, Shell, cmd};

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

/// A way to run the old cargo in a workspace of its own.
pub(super) struct Toolchain {
    sh: Shell,
    /// The command that runs one of its tools; the tool's name comes after.
    prefix: Vec<String>,
    /// Where the workspace stands, seen from outside.
    workspace: PathBuf,
}

// === impl Toolchain ===

impl Toolchain {
    /// rustup's, if it is installed; else Debian's, installed now if this is root and there
    /// is debootstrap.
    pub(super) fn find(project: &Project, version: &str) -> Result<Option<Self>> {
        if exec::works(cmd!(project.sh, "rustup run {version} cargo --version")) {
            return Self::rustup(project, version).map(Some);
        }
        let root = Path::new(CACHE).join(SUITE);
        if !root.is_dir() {
            let is_root = cmd!(project.sh, "id -u")
                .quiet()
                .read()
                .is_ok_and(|id| id == "0");
            if !is_root || !exec::works(cmd!(project.sh, "debootstrap --version")) {
                return Ok(None);
            }
            debootstrap(project, &root)?;
        }
        Self::chroot(&root).map(Some)
    }

    fn rustup(project: &Project, version: &str) -> Result<Self> {
        let workspace = project.target_dir("msrv").into_std_path_buf();
        let sh = Shell::new()?;
        sh.change_dir(&workspace);
        Ok(Self {
            sh,
            prefix: ["rustup", "run", version].map(str::to_owned).to_vec(),
            workspace,
        })
    }

    fn chroot(root: &Path) -> Result<Self> {
        let chroot = format!(
            "chroot {} env -i -C {INSIDE} HOME=/root PATH=/usr/bin:/bin",
            root.display()
        );
        Ok(Self {
            sh: Shell::new()?,
            prefix: chroot.split(' ').map(str::to_owned).collect(),
            workspace: root.join(INSIDE.trim_start_matches('/')),
        })
    }

    /// The folder that its tools run in, seen from outside.
    pub(super) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// What rustc says it is.
    pub(super) fn version(&self) -> Result<String> {
        Ok(self.tool("rustc").arg("--version").quiet().read()?)
    }

    /// Its cargo, in the workspace.
    pub(super) fn cargo(&self) -> Cmd<'_> {
        self.tool("cargo")
    }

    fn tool(&self, name: &str) -> Cmd<'_> {
        let (program, args) = self.prefix.split_first().expect("a prefix has a program");
        self.sh.cmd(program).args(args).arg(name)
    }
}

/// Fills a folder with Debian's Rust. It is renamed when it is whole: an interrupted run
/// leaves nothing to trip over.
fn debootstrap(project: &Project, root: &Path) -> Result<()> {
    let part = root.with_extension("part");
    project.sh.remove_path(&part)?;
    project.sh.create_dir(CACHE)?;
    let cmd = cmd!(
        project.sh,
        "debootstrap --variant=minbase --include={PACKAGES} {SUITE} {part}"
    );
    exec::run(project, "debootstrap", cmd)?;
    fs::rename(&part, root)?;
    Ok(())
}
