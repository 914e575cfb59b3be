//! The one place where pintle chooses between core, portable-atomic and loom.
#![no_std]
