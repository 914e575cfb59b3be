//! Linux in full: what the portable face has no room for.
//!
//! - [`futex`]: every futex operation, private and between processes, with typed errors.
//! - [`robust`]: the list of locks that the kernel looks after when a thread dies.
//!
//! Android has the same kernel and this module, too; its seccomp filters refuse some of the newer
//! calls, which is then [`Errno`] `ENOSYS`, or the end of the process: see [`futex`].
//!
//! The module is absent in a loom model: what the real kernel does cannot be modelled. Use the
//! portable [`wait`](crate::wait) and [`wake`](crate::wake) in what is to be checked.

pub mod futex;
pub(crate) mod raw;
pub mod robust;
mod tid;

pub use self::tid::Tid;
pub use crate::posix::Errno;
