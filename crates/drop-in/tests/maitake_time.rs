//! A program as it is written for `maitake::time`, whose dependency line alone has changed.
#![cfg(not(loom))]

#[path = "../../pintle/tests/drop_in/time.rs"]
mod time;
