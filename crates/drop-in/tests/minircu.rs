//! A program as it is written for minircu, whose dependency line alone has changed.
#![cfg(all(not(loom), feature = "std"))]

#[path = "../../pintle-rcu/tests/drop_in/program.rs"]
mod program;
