//! The Redis example, driven from outside: by Debian's `redis-cli` and
//! `redis-benchmark`, beside a real `redis-server`, and by clients that behave
//! badly.
//!
//! Each test starts the built example on a free port and ends it with itself. A
//! test whose tool is missing says so and passes, but fails where `CI` is set.
#![cfg(target_os = "linux")]

mod client;
mod process;

mod benchmark;
mod blocking;
mod chaos;
mod commands;
mod drain;
mod limits;
mod malformed;
mod pubsub;
mod same_replies;
mod settings;
