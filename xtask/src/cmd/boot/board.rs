//! Which boards there are.

use crate::cmd::targets::toolchain::Toolchain;
use crate::project::Project;

/// A program of crates/boards, and the machine that it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Board {
    /// Its folder in crates/boards; its package and its binary are called `board-` and this.
    pub(super) name: &'static str,
    /// What rustc calls the machine.
    pub(super) target: &'static str,
    /// Whether core has to be built for it, since the one that rustup has is built with other flags.
    pub(super) builds_core: bool,
    /// QEMU, and the arguments that make it this machine. The program to boot, no screen and the serial line
    /// are added.
    pub(super) qemu: &'static [&'static str],
    /// What the program prints when it waits for a line to be typed, if it does.
    pub(super) prompt: Option<&'static str>,
    /// The status with which QEMU ends when the program says that all is well.
    pub(super) success: i32,
    /// So long it may take on a busy machine.
    pub(super) seconds: u64,
}

pub(super) const BOARDS: &[Board] = &[
    // A PC. isa-debug-exit makes 2n + 1 of the n that is written to it.
    Board {
        // So that panics unwind.
        builds_core: true,
        prompt: Some("> "),
        success: 33,
        ..board(
            "x86_64",
            "x86_64-unknown-none",
            &[
                "qemu-system-x86_64",
                "-smp",
                "2",
                "-m",
                "64",
                "-device",
                "isa-debug-exit,iobase=0xf4",
            ],
        )
    },
    // Where there is one processor, its instructions are its clock (an instruction each 2^shift ns), and time that it
    // sleeps through does not pass for us: a soak is over soon, and a machine that is busy with others too does not
    // disturb it.
    // TI's evaluation board.
    Board {
        prompt: Some("> "),
        ..board(
            "cortex-m3",
            "thumbv7m-none-eabi",
            &[
                "qemu-system-arm",
                "-M",
                "lm3s6965evb",
                "-icount",
                "shift=6,sleep=off",
                "-semihosting-config",
                "enable=on,target=native",
            ],
        )
    },
    // The micro:bit.
    Board {
        prompt: Some("> "),
        ..board(
            "cortex-m0",
            "thumbv6m-none-eabi",
            &[
                "qemu-system-arm",
                "-M",
                "microbit",
                "-icount",
                "shift=6,sleep=off",
                "-semihosting-config",
                "enable=on,target=native",
            ],
        )
    },
    // ARM's FPGA board, carried here by docs/porting.md.
    Board {
        prompt: Some("> "),
        ..board(
            "mps2-an385",
            "thumbv7m-none-eabi",
            &[
                "qemu-system-arm",
                "-M",
                "mps2-an385",
                "-icount",
                "shift=6,sleep=off",
                "-semihosting-config",
                "enable=on,target=native",
            ],
        )
    },
    // QEMU's own machine, with a core that lacks the atomic instructions.
    Board {
        prompt: Some("> "),
        ..board(
            "riscv32imc",
            "riscv32imc-unknown-none-elf",
            &[
                "qemu-system-riscv32",
                "-M",
                "virt",
                "-cpu",
                "rv32,a=false",
                "-bios",
                "none",
                "-icount",
                "shift=6,sleep=off",
            ],
        )
    },
    // The same with two cores, which run at once.
    Board {
        prompt: Some("> "),
        ..board(
            "riscv64",
            "riscv64imac-unknown-none-elf",
            &[
                "qemu-system-riscv64",
                "-M",
                "virt",
                "-smp",
                "2",
                "-bios",
                "none",
            ],
        )
    },
];

/// One that reads nothing, and ends QEMU by semihosting or whatever else ends it with status 0.
const fn board(name: &'static str, target: &'static str, qemu: &'static [&'static str]) -> Board {
    Board {
        name,
        target,
        builds_core: false,
        qemu,
        prompt: None,
        success: 0,
        seconds: 240,
    }
}

// === impl Board ===

impl Board {
    /// Who can build for it.
    pub(super) fn toolchain(&self, project: &Project) -> Option<Toolchain> {
        match self.builds_core {
            true => Toolchain::from_source(project),
            false => Toolchain::find(project, self.target),
        }
    }

    /// What to install where nobody can.
    pub(super) fn install_toolchain(&self) -> String {
        match self.builds_core {
            true => Toolchain::INSTALL_FROM_SOURCE.to_owned(),
            false => Toolchain::install(self.target),
        }
    }

    /// What to install where its QEMU is missing.
    pub(super) fn install_qemu(&self) -> String {
        let package = match self.qemu[0].rsplit('-').next() {
            Some("x86_64") => "qemu-system-x86",
            Some("arm") => "qemu-system-arm",
            _ => "qemu-system-misc",
        };
        // Without the option, apt refuses on some systems.
        format!("apt-get install --no-install-recommends {package}")
    }
}

/// The names, for the command line.
pub(super) fn names() -> Vec<&'static str> {
    BOARDS.iter().map(|board| board.name).collect()
}
