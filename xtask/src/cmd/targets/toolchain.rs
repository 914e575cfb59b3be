//! Who can build for a target.

use std::path::{Path, PathBuf};

use xshell::{Cmd, cmd};

use crate::exec;
use crate::project::Project;

/// A way to get core and alloc for a foreign target.
#[derive(Debug)]
pub(in crate::cmd) enum Toolchain {
    /// Builds them from source: every target that rustc knows.
    FromSource { cargo: PathBuf, rustc: PathBuf },
    /// The usual toolchain, for which they are installed.
    Prebuilt,
}

// === impl Toolchain ===

impl Toolchain {
    /// What to install where there is none, for a target that rustup does not know.
    pub(in crate::cmd) const INSTALL_FROM_SOURCE: &str =
        "rustup toolchain install nightly --component rust-src";

    /// The first that there is: one that builds from source, rustup's installed targets.
    pub(in crate::cmd) fn find(project: &Project, triple: &str) -> Option<Self> {
        if let Some(found) = Self::from_source(project) {
            return Some(found);
        }
        let libraries = cmd!(project.sh, "rustc --print target-libdir --target {triple}");
        let libraries = libraries.quiet().ignore_stderr().read().unwrap_or_default();
        Path::new(&libraries).is_dir().then_some(Self::Prebuilt)
    }

    /// The first that has the standard library's source: from the environment, Debian's, rustup's
    /// nightly.
    pub(in crate::cmd) fn from_source(project: &Project) -> Option<Self> {
        if let (Some(cargo), Some(rustc)) = (
            std::env::var_os("PINTLE_CARGO"),
            std::env::var_os("PINTLE_RUSTC"),
        ) {
            return Some(Self::FromSource {
                cargo: cargo.into(),
                rustc: rustc.into(),
            });
        }
        let debian = Path::new("/usr/bin");
        if let Some(found) = Self::in_folder(project, debian) {
            return Some(found);
        }
        let sysroot = cmd!(project.sh, "rustup run nightly rustc --print sysroot");
        let sysroot = sysroot.quiet().ignore_stderr().read().ok()?;
        Self::in_folder(project, &Path::new(&sysroot).join("bin"))
    }

    /// A toolchain in this folder that has the standard library's source.
    fn in_folder(project: &Project, folder: &Path) -> Option<Self> {
        let (cargo, rustc) = (folder.join("cargo"), folder.join("rustc"));
        if !exec::works(project.sh.cmd(&cargo).arg("--version")) {
            return None;
        }
        let sysroot = project.sh.cmd(&rustc).args(["--print", "sysroot"]);
        let sysroot = sysroot.quiet().ignore_stderr().read().ok()?;
        let source = Path::new(&sysroot).join("lib/rustlib/src/rust/library/core");
        source.is_dir().then_some(Self::FromSource { cargo, rustc })
    }

    /// What to install where there is none, for a target that rustup has a core for.
    pub(in crate::cmd) fn install(triple: &str) -> String {
        format!(
            "rustup target add {triple} (or: {})",
            Self::INSTALL_FROM_SOURCE
        )
    }

    /// Its cargo, before any argument. Without `alloc`, a library that uses the heap does
    /// not find it, and std is never there.
    pub(super) fn cargo<'a>(&self, project: &'a Project, alloc: bool) -> Cmd<'a> {
        self.cargo_with(project, if alloc { "core,alloc" } else { "core" })
    }

    /// Its cargo, before any argument, with these crates of the standard library.
    pub(in crate::cmd) fn cargo_with<'a>(&self, project: &'a Project, crates: &str) -> Cmd<'a> {
        match self {
            Self::FromSource { cargo, rustc } => project
                .sh
                .cmd(cargo)
                .arg(format!("-Zbuild-std={crates}"))
                .env("RUSTC", rustc)
                // Beside it: the one in the path is another toolchain's.
                .env("RUSTDOC", rustc.with_file_name("rustdoc"))
                .env("RUSTC_BOOTSTRAP", "1"),
            Self::Prebuilt => project.cargo(),
        }
    }
}
