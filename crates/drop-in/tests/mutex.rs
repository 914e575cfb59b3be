//! Programs as they are written for mutex and mutex-traits, whose dependency line alone has changed.
#![cfg(not(loom))]

// Cargo takes one name for a package; a program that has both has the traits from either.
extern crate mutex as mutex_traits;

#[path = "../../pintle-lock/tests/drop_in/mutex.rs"]
mod program;
#[path = "../../pintle-lock/tests/drop_in/mutex_traits.rs"]
mod traits_program;
