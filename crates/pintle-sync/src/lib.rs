//! Async synchronization without allocation: wait cells and wait queues for any runtime.
#![no_std]
