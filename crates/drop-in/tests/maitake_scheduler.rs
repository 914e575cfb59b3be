//! A program as it is written for `maitake::{task, scheduler, future}`, whose dependency line alone has changed.
#![cfg(all(not(loom), feature = "alloc"))]

#[path = "../../pintle/tests/drop_in/scheduler.rs"]
mod scheduler;
