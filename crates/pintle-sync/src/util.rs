//! Small parts that synchronization is built from.

mod same_task;
mod wake_batch;

pub use pintle_core::{Backoff, CachePadded};

pub(crate) use self::{
    same_task::same_task,
    wake_batch::{BATCH, WakeBatch, wake_in_batches},
};
