//! Locks that interrupt handlers take, in `tests`: with signals for interrupts, on a machine of one core.
//!
//! A crate of its own, because the tests bring a critical section of their own: `cargo test -p
//! pintle-interrupts --features one-core`, which `cargo xtask test` runs.
#![no_std]
