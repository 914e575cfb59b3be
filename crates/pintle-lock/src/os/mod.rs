//! Locks whose waiters the operating system puts to sleep, and what is built on such sleep.

mod barrier;
mod condvar;
mod futex_lock;

pub use self::barrier::{Barrier, BarrierWaitResult};
pub use self::condvar::{Condvar, WaitTimeoutResult};
pub use self::futex_lock::FutexLock;
