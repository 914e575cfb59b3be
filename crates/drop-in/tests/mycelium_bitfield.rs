//! A program as it is written for mycelium-bitfield, whose dependency line alone has changed.

#[path = "../../pintle-bitfield/tests/drop_in/program.rs"]
mod program;
