//! Which machines stand for which kind of machine.

use super::toolchain::Toolchain;

/// A machine without an operating system, or (i686) with words that hosts no longer have; or an
/// operating system that cannot be run here.
pub(super) struct Target {
    pub(super) triple: &'static str,
    pub(super) kind: Kind,
    pub(super) backend: Backend,
    /// Whether the libraries are built with a heap, too.
    pub(super) with_alloc: bool,
    /// Whether the other ways to a backend are tried, too: by feature, and none at all.
    pub(super) tries_backends: bool,
    /// Whether rustup has a core built for it.
    pub(super) prebuilt: bool,
    /// Whether it is a Cortex-M, which tells an interrupt handler that it is one.
    pub(super) cortex_m: bool,
}

/// What is done with a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The libraries are built without std.
    Machine,
    /// What asks for the operating system is type-checked, with std and without.
    System,
}

/// Where compare-and-swap comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backend {
    /// From the core, or from portable-atomic without anybody's choice.
    Native,
    /// From portable-atomic, by a way that the application has to choose.
    Application,
}

pub(super) const TARGETS: &[Target] = &[
    // Cortex-M4F: compare-and-swap, 32 bits.
    Target {
        cortex_m: true,
        ..target("thumbv7em-none-eabihf", Backend::Native)
    },
    // Cortex-M0: loads and stores only.
    Target {
        with_alloc: true,
        tries_backends: true,
        cortex_m: true,
        ..target("thumbv6m-none-eabi", Backend::Application)
    },
    // RISC-V without the atomics extension.
    target("riscv32imc-unknown-none-elf", Backend::Application),
    // A kernel on a PC.
    target("x86_64-unknown-none", Backend::Native),
    // 16-bit words.
    Target {
        prebuilt: false,
        ..target("msp430-none-elf", Backend::Native)
    },
    // ARM before it had atomics at all.
    Target {
        prebuilt: false,
        ..target("thumbv4t-none-eabi", Backend::Application)
    },
    Target {
        prebuilt: false,
        ..target("armv5te-none-eabi", Backend::Application)
    },
    // 32-bit words under an operating system.
    target("i686-unknown-linux-gnu", Backend::Native),
    // Operating systems: docs/platforms.md says what is only checked on which.
    system("aarch64-apple-darwin"),
    system("aarch64-linux-android"),
    system("x86_64-unknown-freebsd"),
    // Whose `long` has 32 bits.
    system("i686-unknown-freebsd"),
    system("x86_64-unknown-netbsd"),
    without_rustup(system("x86_64-unknown-openbsd")),
    without_rustup(system("x86_64-unknown-dragonfly")),
    system("wasm32-wasip1-threads"),
];

const fn system(triple: &'static str) -> Target {
    Target {
        kind: Kind::System,
        ..target(triple, Backend::Native)
    }
}

const fn without_rustup(target: Target) -> Target {
    Target {
        prebuilt: false,
        ..target
    }
}

const fn target(triple: &'static str, backend: Backend) -> Target {
    Target {
        triple,
        kind: Kind::Machine,
        backend,
        with_alloc: false,
        tries_backends: false,
        prebuilt: true,
        cortex_m: false,
    }
}

// === impl Target ===

impl Target {
    /// What to install where nobody can build for it.
    pub(super) fn install(&self) -> String {
        match self.prebuilt {
            true => Toolchain::install(self.triple),
            false => Toolchain::INSTALL_FROM_SOURCE.to_owned(),
        }
    }
}

/// The names, for the command line.
pub(in crate::cmd) fn triples() -> Vec<&'static str> {
    TARGETS.iter().map(|target| target.triple).collect()
}

/// The names of the operating systems.
pub(in crate::cmd) fn systems() -> Vec<&'static str> {
    let systems = TARGETS.iter().filter(|it| it.kind == Kind::System);
    systems.map(|target| target.triple).collect()
}
