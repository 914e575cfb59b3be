//! Where the sanitizer's own code comes from.

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::cmd;

use crate::cmd::targets::toolchain::Toolchain;
use crate::project::Project;

/// The library that is linked into each program.
#[derive(Debug)]
pub(super) enum Runtime {
    /// The toolchain has it, and links it by itself.
    Toolchain,
    /// LLVM's, of the version that the toolchain was built with. GNU ld fails on it.
    Llvm { library: PathBuf, lld: PathBuf },
}

/// The host's own target. It is named to cargo, so that the flags stay with the target.
pub(super) fn target() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

// === impl Runtime ===

impl Runtime {
    /// The toolchain's own, else LLVM's, else what to install.
    pub(super) fn find(project: &Project, toolchain: &Toolchain) -> Result<Self, String> {
        let rustc = match toolchain {
            Toolchain::FromSource { rustc, .. } => rustc.as_path(),
            Toolchain::Prebuilt => Path::new("rustc"),
        };
        let read = |argument: &[&str]| {
            let cmd = project.sh.cmd(rustc).args(argument).quiet();
            cmd.ignore_stderr().read().unwrap_or_default()
        };
        let libraries = read(&["--print", "target-libdir", "--target", &target()]);
        let is_runtime = |name: &str| name.starts_with("librustc") && name.ends_with("_rt.tsan.a");
        let own = std::fs::read_dir(libraries)
            .into_iter()
            .flatten()
            .flatten()
            .any(|file| file.file_name().to_str().is_some_and(is_runtime));
        if own {
            return Ok(Self::Toolchain);
        }
        let version = read(&["-vV"]);
        let major = version
            .lines()
            .find_map(|line| line.strip_prefix("LLVM version: "))
            .and_then(|version| version.split('.').next())
            .ok_or("a rustc that says which LLVM it was built with")?;
        let library = PathBuf::from(format!(
            "/usr/lib/llvm-{major}/lib/clang/{major}/lib/linux/libclang_rt.tsan-{}.a",
            std::env::consts::ARCH
        ));
        let lld = PathBuf::from(format!("/usr/bin/ld.lld-{major}"));
        if library.is_file() && lld.is_file() {
            Ok(Self::Llvm { library, lld })
        } else {
            Err(format!(
                "apt-get install --no-install-recommends libclang-rt-{major}-dev lld-{major}"
            ))
        }
    }

    /// What rustc is told.
    pub(super) fn flags(&self, project: &Project) -> Result<String> {
        let mut flags = vec!["-Zsanitizer=thread".to_owned()];
        if let Self::Llvm { library, lld } = self {
            flags.push("-Zexternal-clangrt".to_owned());
            let mut link = |argument: String| flags.push(format!("-Clink-arg={argument}"));
            // The compiler driver looks for a linker of that name in the folder that it is given.
            let folder = project.target_dir("sanitize-thread").join("linker");
            project.sh.create_dir(&folder)?;
            let name = folder.join("ld.lld");
            cmd!(project.sh, "ln -sf {lld} {name}").quiet().run()?;
            link("-fuse-ld=lld".to_owned());
            link(format!("-B{folder}"));
            // All of it, as it takes the place of the C library's functions.
            link("-Wl,--whole-archive".to_owned());
            link(library.display().to_string());
            link("-Wl,--no-whole-archive".to_owned());
            // What it needs itself, in the order in which it does.
            for library in ["rt", "m", "dl", "resolv", "pthread", "c"] {
                link(format!("-l{library}"));
            }
            link("-Wl,--export-dynamic".to_owned());
        }
        Ok(flags.join(" "))
    }
}
