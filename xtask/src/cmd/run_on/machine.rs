//! What runs programs of other machines here.

use std::fmt;

use anyhow::Result;
use cargo_metadata::camino::Utf8PathBuf;
use clap::ValueEnum;
use xshell::{Cmd, cmd};

use crate::exec;
use crate::project::Project;

/// A system that is not this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Machine {
    /// Windows on x86_64, by Wine.
    Windows,
    /// Linux on 64-bit ARM, by QEMU.
    Aarch64,
    /// Linux on a 32-bit PC, as this processor itself does it.
    I686,
}

// === impl Machine ===

impl Machine {
    pub(super) fn triple(self) -> &'static str {
        match self {
            // The plain target's std asks for a library that Wine has only since version 9.
            Self::Windows => "x86_64-win7-windows-gnu",
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
            Self::I686 => "i686-unknown-linux-gnu",
        }
    }

    /// Tests that cannot run there: every one whose name contains one of these.
    pub(super) fn cannot(self) -> &'static [&'static str] {
        match self {
            Self::Windows | Self::I686 => &[],
            Self::Aarch64 => &[
                // A child that a program with threads has forked starts one: QEMU aborts.
                "new_threads_of_the_child_are_seen",
                "a_childs_writer_that_sleeps_is_woken",
                "a_hook_may_fork",
                // Each starts its own program, which the host's kernel does not know how to run.
                "overwriting_a_linked_node_ends_the_process",
                "dropping_a_linked_node_ends_the_process",
                "too_many_references_end_the_process",
                "a_lock_that_is_not_got_back_ends_the_process",
                "a_comparison_that_drops_a_wait_of_its_map",
                "a_lock_that_cannot_leave",
                "a_token_that_cannot_leave_its_children",
                "a_wait_that_cannot_leave",
                "a_wake_all_that_cannot_go_on",
            ],
        }
    }

    /// What to install, if it cannot run here.
    pub(super) fn missing(self, project: &Project) -> Option<&'static str> {
        if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
            return Some("an x86_64 Linux machine");
        }
        let sh = &project.sh;
        let (works, packages) = match self {
            Self::Windows => (
                exec::works(cmd!(sh, "x86_64-w64-mingw32-gcc --version"))
                    && exec::works(cmd!(sh, "wine --version")),
                "apt-get install --no-install-recommends gcc-mingw-w64-x86-64 wine wine64",
            ),
            Self::Aarch64 => (
                exec::works(cmd!(sh, "aarch64-linux-gnu-gcc --version"))
                    && exec::works(cmd!(sh, "qemu-aarch64 --version")),
                "apt-get install --no-install-recommends gcc-aarch64-linux-gnu \
                 libc6-dev-arm64-cross qemu-user",
            ),
            Self::I686 => (
                // It links, so that the 32-bit libraries are there, too.
                exec::works(cmd!(sh, "gcc -m32 -shared -o /dev/null -x c /dev/null")),
                // And not gcc-multilib, which wants no cross compiler beside it.
                "apt-get install --no-install-recommends gcc-12-multilib libc6-dev-i386",
            ),
        };
        (!works).then_some(packages)
    }

    /// Who links for it, and who runs what was linked.
    pub(super) fn environment(self, project: &Project) -> Vec<(&'static str, String)> {
        let mut environment = Vec::new();
        let mut set = |name, value: &str| environment.push((name, value.to_owned()));
        match self {
            Self::Windows => {
                set(
                    "CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_LINKER",
                    "x86_64-w64-mingw32-gcc",
                );
                set("CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_RUNNER", "wine");
                environment.extend(wine_environment(project));
            }
            Self::Aarch64 => {
                set(
                    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
                    "aarch64-linux-gnu-gcc",
                );
                set(
                    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
                    "qemu-aarch64 -L /usr/aarch64-linux-gnu",
                );
            }
            Self::I686 => {}
        }
        environment
    }

    /// Makes it ready to run programs.
    pub(super) fn start(self, project: &Project) -> Result<()> {
        if self == Self::Windows && !wine_prefix(project).join("system.reg").is_file() {
            project.sh.create_dir(wine_prefix(project))?;
            exec::run(project, "wineboot", wine(project, "wineboot --init"))?;
        }
        Ok(())
    }

    /// Ends what `start` or a program has left running.
    pub(super) fn stop(self, project: &Project) {
        if self == Self::Windows {
            // Wine's server of this prefix would go by itself, seconds later.
            exec::works(wine(project, "wineserver --kill"));
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Windows => "windows",
            Self::Aarch64 => "aarch64",
            Self::I686 => "i686",
        })
    }
}

/// Wine's picture of a Windows disk, apart from the user's own.
fn wine_prefix(project: &Project) -> Utf8PathBuf {
    project.target_dir("run-on").join("wine")
}

fn wine<'a>(project: &'a Project, command: &str) -> Cmd<'a> {
    let mut words = command.split(' ');
    let program = words.next().expect("a command has a program");
    project
        .sh
        .cmd(program)
        .args(words)
        .envs(wine_environment(project))
}

fn wine_environment(project: &Project) -> Vec<(&'static str, String)> {
    vec![
        ("WINEPREFIX", wine_prefix(project).into_string()),
        ("WINEDEBUG", "-all".to_owned()),
        // Do not ask to download .NET or a browser.
        ("WINEDLLOVERRIDES", "mscoree=;mshtml=".to_owned()),
    ]
}
