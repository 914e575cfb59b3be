//! A program as it is written for `maitake::time`, with every feature set of this crate. With Cargo's
//! rename instead of this `extern crate`, crates/drop-in runs it too.
#![cfg(not(loom))]

extern crate pintle as maitake;

#[path = "drop_in/time.rs"]
mod time;
