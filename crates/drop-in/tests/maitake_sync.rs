//! Programs as they are written for maitake-sync, whose dependency line alone has changed.
#![cfg(not(loom))]

#[path = "../../pintle-sync/tests/drop_in/blocking.rs"]
mod blocking;
#[cfg(feature = "alloc")]
#[path = "../../pintle-sync/tests/drop_in/locks.rs"]
mod locks;
#[path = "../../pintle-sync/tests/drop_in/waits.rs"]
mod waits;
