//! Small parts that synchronization is built from.

mod wake_batch;

pub use pintle_core::{Backoff, CachePadded};

pub(crate) use self::wake_batch::WakeBatch;
