//! Small parts that synchronization is built from.

#[cfg(feature = "park")]
mod block_on;
mod same_task;
mod wake_batch;
mod with_lock_or_abort;

pub use pintle_core::{Backoff, CachePadded};

#[cfg(feature = "park")]
pub(crate) use self::block_on::block_on;
pub(crate) use self::{
    same_task::same_task,
    wake_batch::{BATCH, WakeBatch, wake_in_batches},
    with_lock_or_abort::with_lock_or_abort,
};
