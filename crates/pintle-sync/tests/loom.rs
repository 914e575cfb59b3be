//! Every race that the state diagrams allow, in loom.
#![cfg(loom)]

#[path = "loom/barrier.rs"]
mod barrier;
#[path = "loom/broadcast.rs"]
mod broadcast;
#[path = "loom/cancellation.rs"]
mod cancellation;
#[path = "loom/downstream.rs"]
mod downstream;
#[path = "loom/mpsc.rs"]
mod mpsc;
#[path = "loom/mutex.rs"]
mod mutex;
#[path = "loom/once_cell.rs"]
mod once_cell;
#[path = "loom/oneshot.rs"]
mod oneshot;
#[path = "loom/rwlock.rs"]
mod rwlock;
#[path = "loom/semaphore.rs"]
mod semaphore;
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
#[path = "loom/watch.rs"]
mod watch;
