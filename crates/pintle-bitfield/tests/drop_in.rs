//! A program as it is written for mycelium-bitfield, with every feature set of this crate. With Cargo's rename
//! instead of this `extern crate`, crates/drop-in runs it too.

extern crate pintle_bitfield as mycelium_bitfield;

#[path = "drop_in/program.rs"]
mod program;
