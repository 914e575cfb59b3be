//! The barrier of platforms that have no process-wide one: a fence on both sides.

use crate::barrier::Strategy;
use pintle_core::atomic::{Ordering::SeqCst, fence};

#[inline]
pub(crate) fn light() {
    // Pairs with the fence in `heavy`.
    fence(SeqCst);
}

#[inline]
pub(crate) fn heavy() {
    // Pairs with the fence in `light`.
    fence(SeqCst);
}

#[inline]
pub(crate) fn strategy() -> Strategy {
    Strategy::Fences
}
