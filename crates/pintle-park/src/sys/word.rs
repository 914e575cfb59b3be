//! What the back ends are told of a word: where it is, how wide it is, what it holds.

use pintle_core::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering::Relaxed};

// The kit has no 64-bit atomic of its own, since a 32-bit core pays for one with a table of locks.
// Here it is a word that somebody else has.
#[cfg(all(not(loom), target_has_atomic = "64"))]
pub(crate) use core::sync::atomic::AtomicU64;
#[cfg(loom)]
pub(crate) use loom::sync::atomic::AtomicU64;

/// How many bits of memory a wait compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "most systems ask for the width of 32 bits only")]
pub enum Width {
    U8,
    U16,
    U32,
    #[cfg(any(loom, target_has_atomic = "64"))]
    U64,
}

/// A word of any width. The caller's width is a constant, so that after inlining no `match` on it
/// is left.
#[derive(Clone, Copy, Debug)]
pub enum WordRef<'a> {
    U8(&'a AtomicU8),
    U16(&'a AtomicU16),
    U32(&'a AtomicU32),
    #[cfg(any(loom, target_has_atomic = "64"))]
    U64(&'a AtomicU64),
}

// === impl WordRef ===

impl WordRef<'_> {
    /// The address by which a wake names the word.
    #[inline]
    pub(crate) fn address(self) -> *const () {
        match self {
            Self::U8(word) => core::ptr::from_ref(word).cast(),
            Self::U16(word) => core::ptr::from_ref(word).cast(),
            Self::U32(word) => core::ptr::from_ref(word).cast(),
            #[cfg(any(loom, target_has_atomic = "64"))]
            Self::U64(word) => core::ptr::from_ref(word).cast(),
        }
    }

    /// How many bits it has.
    #[inline]
    #[allow(dead_code, reason = "some systems ask for 32 bits by a `match`")]
    pub(crate) fn width(self) -> Width {
        match self {
            Self::U8(_) => Width::U8,
            Self::U16(_) => Width::U16,
            Self::U32(_) => Width::U32,
            #[cfg(any(loom, target_has_atomic = "64"))]
            Self::U64(_) => Width::U64,
        }
    }

    /// What the word holds, with zeroes in front. `Relaxed`.
    #[inline]
    pub(crate) fn load(self) -> u64 {
        match self {
            Self::U8(word) => word.load(Relaxed).into(),
            Self::U16(word) => word.load(Relaxed).into(),
            Self::U32(word) => word.load(Relaxed).into(),
            #[cfg(any(loom, target_has_atomic = "64"))]
            Self::U64(word) => word.load(Relaxed),
        }
    }
}
