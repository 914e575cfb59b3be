//! Intrusive collections: a doubly linked list and a lock-free MPSC queue that never allocate.
#![no_std]

#[cfg(any(test, feature = "alloc"))]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod list;
pub mod mpsc_queue;
pub mod ring;

mod circle;
mod linked;
#[cfg(test)]
mod test_util;

pub use self::{linked::Linked, list::List, mpsc_queue::MpscQueue, ring::Ring};
