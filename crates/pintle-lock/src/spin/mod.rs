//! Locks that spin: for bare metal, and for critical sections of a few instructions.

mod rw_spinlock;
mod spinlock;
mod ticket_lock;

pub use self::rw_spinlock::RwSpinlock;
pub use self::spinlock::Spinlock;
pub use self::ticket_lock::TicketLock;
