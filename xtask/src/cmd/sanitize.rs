//! The tests under sanitizers: AddressSanitizer sees what is used after it is gone, and what is lost;
//! ThreadSanitizer sees two threads at one place that nothing puts in an order.
//!
//! Both begin with small wrong programs: a sanitizer that says nothing about them is not at work.

mod address;
mod thread;

use anyhow::Result;
use clap::ValueEnum;

use crate::project::Project;
use crate::report::Report;

/// Run tests under AddressSanitizer, with its search for leaks, and under ThreadSanitizer.
///
/// The first finds memory that is used after it was freed, or out of bounds, and nodes that nobody
/// owns any more. It takes rustup's nightly, without its rust-src: std is not instrumented, but what
/// it allocates and frees is watched. The second finds data races in stress tests. It takes a std
/// that is instrumented: built from source by Debian's rustc-web with LLVM's runtime library, by
/// rustup's nightly with rust-src, or by PINTLE_RUSTC and PINTLE_CARGO.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The crates to run; when none is named, pintle-bitfield and pintle-intrusive for addresses,
    /// pintle-lock, pintle-park, pintle-rcu and the tests of pintle-sync that have threads for threads.
    package: Vec<String>,

    /// This one only.
    #[arg(long, value_name = "SANITIZER")]
    only: Option<Sanitizer>,

    /// Do not look for leaks: for the crates above, whose tests leak what must be `'static`.
    #[arg(long)]
    allow_leaks: bool,

    /// The long form of stress tests, under ThreadSanitizer.
    #[arg(long)]
    full: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sanitizer {
    Address,
    Thread,
}

// === impl Args ===

impl Args {
    pub(crate) fn run(&self, project: &Project, report: &mut Report) -> Result<()> {
        let runs = |sanitizer| self.only.is_none_or(|only| only == sanitizer);
        if runs(Sanitizer::Address) {
            address::run(self, project, report)?;
        }
        if runs(Sanitizer::Thread) {
            thread::run(self, project, report)?;
        }
        Ok(())
    }

    /// The crates that are named, or these.
    fn packages(&self, default: &[&str]) -> Vec<String> {
        if self.package.is_empty() {
            default.iter().map(|name| (*name).to_owned()).collect()
        } else {
            self.package.clone()
        }
    }
}
