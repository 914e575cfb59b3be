//! A system that cannot move a waiter from one word to another: the face wakes it instead.

use crate::RequeueOutcome;
use pintle_core::atomic::AtomicU32;

#[inline]
pub(crate) fn requeue(
    _from: &AtomicU32,
    _expected: u32,
    _to: *const AtomicU32,
    _wake: usize,
    _requeue: usize,
) -> Option<RequeueOutcome> {
    None
}
