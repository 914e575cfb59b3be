//! A program as it is written for cordyceps, with every feature set of this crate. With Cargo's rename
//! instead of this `extern crate`, crates/drop-in runs it too.
#![cfg(not(loom))]

extern crate pintle_intrusive as cordyceps;

#[path = "drop_in/program.rs"]
mod program;
