//! A program as it is written for cordyceps, whose dependency line alone has changed.
#![cfg(not(loom))]

#[path = "../../pintle-intrusive/tests/drop_in/program.rs"]
mod program;
