//! Locks that spin: for bare metal, and for critical sections of a few instructions.

pub mod once;
pub(crate) mod patience;
pub(crate) mod pause;
mod rw_spinlock;
mod spinlock;
mod ticket_lock;

#[doc(inline)]
pub use self::once::{InitOnce, Lazy};
pub use self::rw_spinlock::RwSpinlock;
pub use self::spinlock::Spinlock;
pub use self::ticket_lock::TicketLock;
