use pintle_core::atomic::{Ordering::SeqCst, compiler_fence, fence};
use pintle_park::barrier;

/// What orders a reader against the looks of a writer.
///
/// # Safety
///
/// For each call of `light` and each call of `heavy` on the same domain one of two must hold: what happens
/// before `light` is seen by what is read after `heavy`; or what happens before `heavy` is seen by what is
/// read after `light`. ([`pintle_park::barrier`] says it at length.) Besides, `light` must be at least a
/// `compiler_fence(SeqCst)` and `heavy` at least a `fence(SeqCst)`.
///
/// Where `readers_fence` says true, `light` is not called and nothing is asked of it: then `heavy` need only be
/// the `fence(SeqCst)`.
///
/// On one core that readers and writers share, preempting each other, `light` may be only a
/// compiler fence. With several, `heavy` may interrupt the others and wait for their answers.
pub unsafe trait Barrier {
    /// The reader's side, after each outermost section has begun and after it has ended.
    fn light(&self);

    /// The writer's side, once in a grace period.
    fn heavy(&self);

    /// Whether the readers are to make a full fence in the place of `light`, out of line.
    ///
    /// Asked once for each slot, when it joins a domain, and so before its first section. For a barrier that
    /// finds out at run time which kind it is: so that the answer costs a reader nothing in the good case.
    fn readers_fence(&self) -> bool {
        false
    }
}

/// [`pintle_park::barrier`]: the operating system's barrier where it has one, else fences.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessWide;

// SAFETY: where the strategy, which does not change, is the process-wide barrier, `light` is what
// pintle-park's light side is: a compiler fence. Where it is not, `readers_fence` says so.
unsafe impl Barrier for ProcessWide {
    #[inline]
    fn light(&self) {
        compiler_fence(SeqCst);
    }

    fn heavy(&self) {
        barrier::heavy();
    }

    fn readers_fence(&self) -> bool {
        barrier::strategy() != barrier::Strategy::ProcessBarrier
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
