//! The barrier of pintle-rcu's `ProcessWide`, on a system that has no process-wide one.

use std::sync::atomic::{Ordering::SeqCst, compiler_fence, fence};

use pintle_rcu::domain::Barrier;

/// Readers make a full fence at either end of a section, out of line: what becomes of `global()` and `domain!` where
/// the system cannot put a fence into each thread. (Which of the two it is, is decided for a whole process, and this is to be
/// measured beside the other.)
///
/// It differs from [`Fences`](pintle_rcu::domain::Fences), which knows while compiling that readers make fences.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProcessBarrier;

// SAFETY: `light` is not called, as `readers_fence` says so; `heavy` is a sequentially consistent fence.
unsafe impl Barrier for NoProcessBarrier {
    #[inline]
    fn light(&self) {
        compiler_fence(SeqCst);
    }

    fn heavy(&self) {
        fence(SeqCst);
    }

    fn readers_fence(&self) -> bool {
        true
    }
}
