//! A program as it is written for minircu. With Cargo's rename instead of this `extern crate`,
//! crates/drop-in runs it too.
#![cfg(all(not(loom), feature = "std"))]

extern crate pintle_rcu as minircu;

#[path = "drop_in/program.rs"]
mod program;
