//! Locks whose waiters the operating system puts to sleep.

mod futex_lock;

pub use self::futex_lock::FutexLock;
