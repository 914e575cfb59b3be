//! Read-copy-update with reads that cost a store and a compiler fence.
#![no_std]
