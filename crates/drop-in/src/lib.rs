//! Programs as they are written for the crates that pintle replaces, in `tests`, built here by Cargo's
//! rename alone: no line of them knows of pintle.
//!
//! The programs stand beside the crates they try, where they run with every feature set.
#![no_std]
