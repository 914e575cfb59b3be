//! A linker for bare metal.

use std::path::PathBuf;

use xshell::cmd;

use crate::exec;
use crate::project::Project;

/// What to install where there is none.
pub(in crate::cmd) const INSTALL: &str = "apt-get install lld-22";

/// The first that there is: Debian's, or the one that comes with rustup's toolchains.
pub(in crate::cmd) fn find(project: &Project) -> Option<PathBuf> {
    for name in ["ld.lld", "ld.lld-22"] {
        if exec::works(project.sh.cmd(name).arg("--version")) {
            return Some(name.into());
        }
    }
    let sysroot = cmd!(project.sh, "rustc --print sysroot")
        .quiet()
        .read()
        .ok()?;
    let host = cmd!(project.sh, "rustc --print host-tuple")
        .quiet()
        .read()
        .ok()?;
    let path = PathBuf::from(sysroot)
        .join("lib/rustlib")
        .join(host)
        .join("bin/rust-lld");
    path.is_file().then_some(path)
}
