//! The atomic types of this build.
//!
//! Where the target has compare-and-swap on pointers they *are* those of `core::sync::atomic`,
//! the same types, so that they mix with everybody else's. Where it has not they are
//! `portable-atomic`'s, whose backend the application chooses (see the [crate docs](crate)).
//! Under `cfg(loom)` they are loom's: not const-constructible, and only usable inside a model.
//!
//! There is deliberately no `AtomicU64`: on a 32-bit core it costs a table of locks. State words
//! in the kit are `usize`.
//!
//! ```
//! use pintle_core::atomic::{AtomicUsize, Ordering::Relaxed};
//!
//! static HITS: AtomicUsize = AtomicUsize::new(0);
//! HITS.fetch_add(1, Relaxed);
//! assert_eq!(HITS.load(Relaxed), 1);
//! ```

#[cfg(loom)]
pub use loom::sync::atomic::{
    AtomicBool, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering,
    fence,
};

// A model has no compiler between the accesses it explores, so there is nothing to hold back.
#[cfg(loom)]
pub use core::sync::atomic::compiler_fence;

#[cfg(all(not(loom), target_has_atomic = "ptr"))]
pub use core::sync::atomic::{
    AtomicBool, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering,
    compiler_fence, fence,
};

#[cfg(all(not(loom), not(target_has_atomic = "ptr")))]
pub use portable_atomic::{
    AtomicBool, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicUsize, Ordering,
    compiler_fence, fence,
};

/// The target's own atomics in every build, for words that no model is to explore.
///
/// Under loom an atomic cannot stand in a static, and each access to one multiplies the
/// interleavings. A counter that gives out ids has neither need: no protocol reads anything into
/// the order of its values. Nor has a word that one thread alone uses. **Only such words belong here**; an atomic that others synchronise
/// by has to be one that the model sees.
pub mod unmodelled {
    #[cfg(target_has_atomic = "ptr")]
    pub use core::sync::atomic::{AtomicPtr, AtomicUsize};

    #[cfg(not(target_has_atomic = "ptr"))]
    pub use portable_atomic::{AtomicPtr, AtomicUsize};
}
