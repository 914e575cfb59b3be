//! Programs as they are written for maitake-sync, with every feature set of this crate. With Cargo's rename
//! instead of this `extern crate`, crates/drop-in runs them too.
#![cfg(not(loom))]

extern crate pintle_sync as maitake_sync;

#[path = "drop_in/blocking.rs"]
mod blocking;
#[cfg(feature = "alloc")]
#[path = "drop_in/locks.rs"]
mod locks;
#[path = "drop_in/waits.rs"]
mod waits;
