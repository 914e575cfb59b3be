//! Every race that the state diagrams allow, in loom.
#![cfg(loom)]

#[path = "loom/support.rs"]
mod support;
#[path = "loom/wait_cell.rs"]
mod wait_cell;
#[path = "loom/wait_queue.rs"]
mod wait_queue;
