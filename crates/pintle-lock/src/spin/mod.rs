//! Locks that spin: for bare metal, and for critical sections of a few instructions.

mod spinlock;

pub use self::spinlock::Spinlock;
