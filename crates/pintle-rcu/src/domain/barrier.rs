use pintle_core::atomic::{Ordering::SeqCst, fence};
use pintle_park::barrier;

/// What orders a reader's entry against a writer's look.
///
/// # Safety
///
/// For each call of `light` and each of `heavy` on the same domain one of two must hold: what is
/// written before `light` is seen by what is read after `heavy`; or what is written before `heavy`
/// is seen by what is read after `light`. ([`pintle_park::barrier`] says it at length.) Besides,
/// `light` must be at least a `compiler_fence(SeqCst)` and `heavy` at least a `fence(SeqCst)`.
///
/// On one core that readers and writers share, preempting each other, `light` may be only a
/// compiler fence. With several, `heavy` may interrupt the others and wait for their answers.
pub unsafe trait Barrier {
    /// The reader's side, in every outermost [`enter`](super::Reader::enter).
    fn light(&self);

    /// The writer's side, once in a grace period.
    fn heavy(&self);
}

/// [`pintle_park::barrier`]: the operating system's barrier where it has one, else fences.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessWide;

// SAFETY: the pair is pintle-park's, which promises just that.
unsafe impl Barrier for ProcessWide {
    #[inline]
    fn light(&self) {
        barrier::light();
    }

    #[inline]
    fn heavy(&self) {
        barrier::heavy();
    }
}

/// A sequentially consistent fence on both sides: needs nobody's help and costs each reader a few
/// nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fences;

// SAFETY: of two such fences one is first in their total order, so what comes before it is seen by
// what comes after the other.
unsafe impl Barrier for Fences {
    #[inline]
    fn light(&self) {
        // Pairs with `heavy`.
        fence(SeqCst);
    }

    #[inline]
    fn heavy(&self) {
        // Pairs with `light`.
        fence(SeqCst);
    }
}
