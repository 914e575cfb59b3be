//! What a reader and a writer of `pintle-rcu` do, one function each, for a look at their instructions.
//!
//! `crates/pintle-rcu/tests/codegen` compiles them and reads: `cargo xtask codegen`. Over the process-wide
//! barrier where the target has one.
#![no_std]

use core::hint::black_box;
use core::mem::forget;
use core::sync::atomic::{AtomicU64, Ordering::Acquire};
use pintle_rcu::domain::{Domain, Reader, Section};

/// Begins a section.
#[unsafe(export_name = "domain.enter")]
pub fn enter(reader: &Reader) {
    forget(reader.enter());
}

/// Ends a section.
#[unsafe(export_name = "domain.exit")]
pub fn exit(section: Section<'_>) {
    drop(section);
}

/// A whole section.
#[unsafe(export_name = "domain.read")]
pub fn read(reader: &Reader, shared: &AtomicU64) -> u64 {
    let _section = reader.enter();
    shared.load(Acquire)
}

/// Says that the reader will not read for a while.
#[unsafe(export_name = "domain.quiesce")]
pub fn quiesce(reader: &Reader) {
    reader.quiesce();
}

/// What a writer does.
#[unsafe(export_name = "domain.synchronize")]
pub fn synchronize(domain: &Domain) {
    domain.synchronize_with(|| {
        black_box(());
    });
}

/// The domain whose readers are threads.
#[cfg(feature = "std")]
pub mod global {
    use super::{Acquire, AtomicU64, forget};
    use pintle_rcu::{RcuGuard, global};

    /// Begins a section.
    #[unsafe(export_name = "global.enter")]
    pub fn enter() {
        forget(global().enter());
    }

    /// Ends a section.
    #[unsafe(export_name = "global.exit")]
    pub fn exit(guard: RcuGuard) {
        drop(guard);
    }

    /// A whole section.
    #[unsafe(export_name = "global.read")]
    pub fn read(shared: &AtomicU64) -> u64 {
        let _guard = global().enter();
        shared.load(Acquire)
    }

    /// Says that the thread will not read for a while.
    #[unsafe(export_name = "global.quiesce")]
    pub fn quiesce() {
        global().quiesce();
    }
}
