//! Every race that the state diagrams allow, in loom.
#![cfg(loom)]

#[path = "loom/mutex.rs"]
mod mutex;
#[path = "loom/support.rs"]
mod support;
#[path = "loom/wait_cell.rs"]
mod wait_cell;
#[path = "loom/wait_map.rs"]
mod wait_map;
#[path = "loom/wait_queue.rs"]
mod wait_queue;
#[path = "loom/wait_queue_many.rs"]
mod wait_queue_many;
