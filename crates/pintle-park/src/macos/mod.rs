//! The lock that macOS and Apple's other systems have themselves.
//!
//! [`UnfairLock`] is the system's `os_unfair_lock`: four bytes, and priority donation. What sleeps on
//! an address by the portable face ([`wait`](crate::wait)) gives none: the system cannot know who holds
//! what.
//!
//! # How it is tested
//!
//! `cargo xtask targets` checks its types; the workflow's `test` job runs it on macOS.
//!
//! # Source
//!
//! Mara Bos, *Rust Atomics and Locks*, chapter 8, "macOS".

mod unfair_lock;

pub use self::unfair_lock::{UnfairGuard, UnfairLock};
