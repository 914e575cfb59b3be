//! A hierarchical timer wheel whose sleeps never fire early, without allocation.
#![no_std]
