//! A program as it is written for `maitake::{task, scheduler, future}`, with every feature set of this crate. With Cargo's
//! rename instead of this `extern crate`, crates/drop-in runs it too.
#![cfg(all(not(loom), feature = "alloc"))]

extern crate pintle as maitake;

#[path = "drop_in/scheduler.rs"]
mod scheduler;
