//! Locks that spin: for bare metal, and for critical sections of a few instructions.

mod spinlock;
mod ticket_lock;

pub use self::spinlock::Spinlock;
pub use self::ticket_lock::TicketLock;
