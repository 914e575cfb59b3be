//! The libraries on machines without an operating system, and on operating systems that cannot be run
//! here.

mod diagnostics;
pub(super) mod linker;
mod table;
pub(super) mod toolchain;

use anyhow::Result;
use cargo_metadata::Package;
use xshell::Cmd;

use self::table::{Backend, Kind, TARGETS, Target};
pub(super) use self::table::{systems, triples};
use self::toolchain::Toolchain;
use crate::exec;
use crate::project::Project;
use crate::report::{Report, Verdict};

/// Build every library without std for foreign targets, and type-check what asks for an operating
/// system for those that cannot be run here.
///
/// Down to cores without compare-and-swap and to 16-bit words. core and alloc are built from source, by Debian's rustc-web, by rustup's nightly with
/// rust-src, or by PINTLE_RUSTC and PINTLE_CARGO; without such a toolchain, rustup's
/// installed targets are used.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// These targets only.
    #[arg(long, value_name = "TARGET", value_parser = table::triples())]
    only: Vec<String>,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        let chosen = TARGETS.iter().filter(|target| {
            self.only.is_empty() || self.only.iter().any(|only| only == target.triple)
        });
        for target in chosen {
            report.step(format!("target {}", target.triple), || {
                let Some(toolchain) = Toolchain::find(project, target.triple) else {
                    return Ok(Verdict::skipped(target.install()));
                };
                let build = Build {
                    project,
                    toolchain: &toolchain,
                    target,
                };
                match target.kind {
                    Kind::Machine => build.all(),
                    Kind::System => build.check(),
                }
            });
        }
        Ok(())
    }
}

/// One target, and what builds for it.
struct Build<'a> {
    project: &'a Project,
    toolchain: &'a Toolchain,
    target: &'a Target,
}

// === impl Build ===

impl Build<'_> {
    fn all(&self) -> Result<Verdict> {
        // Each crate by itself, as `test` does: in one go, what one crate asks of another
        // would be there for all. Without `alloc`, the sysroot has no alloc to find.
        for package in self.project.published() {
            self.library(package, Features::None)?;
        }
        let mut note = "without alloc".to_owned();
        let locks = match self.target.cortex_m {
            true => Features::CortexMLocks,
            false => Features::Locks,
        };
        let lock = self.project.select(&[LOCK.to_owned()])?;
        for package in lock {
            self.library(package, locks)?;
        }
        if self.target.with_alloc {
            for package in self.project.published() {
                if package.features.contains_key("alloc") {
                    self.library(package, Features::Alloc)?;
                }
            }
            note += ", with alloc";
        }
        // They bring crates of others along, which must be as content with little as ours.
        for package in self.project.select(&[UMBRELLA.to_owned()])? {
            self.library(package, Features::Traits)?;
        }
        if self.target.tries_backends {
            self.backend_by_feature()?;
            self.no_backend()?;
            note += ", one error without a backend";
        }
        Ok(Verdict::passed(note))
    }

    /// The crate that asks for the system, its tests, and the umbrella over it.
    fn check(&self) -> Result<Verdict> {
        const CRATES: &str = "std,panic_abort,test";

        let bare = self.cargo("check", PARK, Features::None);
        exec::run(self.project, &self.label(PARK, Features::None), bare)?;
        for (package, args) in [
            (PARK, &["--tests", "--all-features"][..]),
            (UMBRELLA, &["--features=std,park,rcu"]),
        ] {
            let cmd = self
                .toolchain
                .cargo_with(self.project, CRATES)
                .args(["check", "--lib", "--package", package])
                .args(args)
                .args(["--target", self.target.triple, "--target-dir"])
                .arg(self.project.target_dir("targets"));
            let label = format!("{} {package} [std]", self.target.triple);
            exec::run(self.project, &label, cmd)?;
        }
        Ok(Verdict::passed(format!(
            "checked: {PARK} without std, with it, its tests; {UMBRELLA} with std"
        )))
    }

    fn library(&self, package: &Package, features: Features) -> Result<()> {
        let flags = match self.target.backend {
            // The choice that belongs to the application; the libraries make none.
            Backend::Application => "--cfg portable_atomic_unsafe_assume_single_core",
            Backend::Native => "",
        };
        let cmd = self
            .cargo("build", &package.name, features)
            .env("RUSTFLAGS", flags);
        exec::run(self.project, &self.label(&package.name, features), cmd)?;
        Ok(())
    }

    /// The application may choose by the umbrella's feature, too, with no flag.
    fn backend_by_feature(&self) -> Result<()> {
        let features = Features::CriticalSection;
        let cmd = self.cargo("build", UMBRELLA, features);
        exec::run(self.project, &self.label(UMBRELLA, features), cmd)?;
        Ok(())
    }

    /// An application that chose nothing is told so, once, by portable-atomic.
    fn no_backend(&self) -> Result<()> {
        let label = format!("{} without a backend", self.target.triple);
        let cmd = self
            .cargo("build", UMBRELLA, Features::None)
            .arg("--message-format=json");
        let output = exec::run_to_error(self.project, &label, cmd)?;
        diagnostics::one_clear_error(&output.stdout)
    }

    fn cargo(&self, verb: &str, package: &str, features: Features) -> Cmd<'_> {
        self.toolchain
            .cargo(self.project, features.need_alloc())
            .args([verb, "--lib", "--no-default-features"])
            .args(features.request().map(|name| format!("--features={name}")))
            .args(["--package", package, "--target", self.target.triple])
            .arg("--target-dir")
            .arg(self.project.target_dir("targets"))
    }

    fn label(&self, package: &str, features: Features) -> String {
        let features = features.request().unwrap_or("none");
        format!("{} {package} [{features}]", self.target.triple)
    }
}

const UMBRELLA: &str = "pintle";

/// The crate with adaptors to the locks of others, and to a processor's mode.
const LOCK: &str = "pintle-lock";

/// The crate that asks for the operating system.
const PARK: &str = "pintle-park";

/// What is turned on for a bare machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Features {
    None,
    Alloc,
    CriticalSection,
    /// Those of [`LOCK`] that need no operating system.
    Locks,
    CortexMLocks,
    /// Those of [`UMBRELLA`] that implement the traits of others.
    Traits,
}

// === impl Features ===

impl Features {
    fn request(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Alloc => Some("alloc"),
            Self::CriticalSection => Some("critical-section"),
            Self::Locks => Some("critical-section,impl-lock_api-0_4"),
            Self::CortexMLocks => {
                Some("critical-section,impl-lock_api-0_4,impl-unsafe-cortex-m-single-core")
            }
            Self::Traits => Some("stream,embedded-hal-async"),
        }
    }

    /// Whether libraries look for `alloc` with them.
    fn need_alloc(self) -> bool {
        matches!(self, Self::Alloc | Self::CriticalSection)
    }
}
