//! [`Sink`]: where entries go whose time has come.

use core::ptr::NonNull;

use super::Entry;

/// Takes what [`Wheel::advance`](super::Wheel::advance) finds due, one by one, under the lock.
///
/// # Safety
///
/// [`take`](Self::take) calls no code that it does not know, wakers' in particular.
pub(crate) unsafe trait Sink<P> {
    /// Whether there is no room for another: `advance` then returns, to be called again.
    fn is_full(&self) -> bool;

    /// Takes an entry, which is armed, but in no ring any more.
    ///
    /// Its duty is to [`finish`](Entry::finish) it, now or later under the same lock, or to make
    /// sure otherwise that its owner does not take it for one that the wheel has.
    ///
    /// # Safety
    ///
    /// The entry is alive and pinned until it is done. The caller holds the lock of its wheel.
    unsafe fn take(&mut self, entry: NonNull<Entry<P>>);
}
