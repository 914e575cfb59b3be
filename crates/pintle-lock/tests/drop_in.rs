//! Programs for mutex and mutex-traits, built against this crate by a rename. `crates/drop-in` builds the
//! first by Cargo's own.
#![cfg(not(loom))]

extern crate pintle_lock as mutex;
// The program names the crate; the traits must be the real ones.
extern crate pintle_lock as mutex_traits;

#[path = "drop_in/mutex.rs"]
mod program;
#[path = "drop_in/mutex_traits.rs"]
mod traits_program;
