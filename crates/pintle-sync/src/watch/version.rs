use core::fmt;

use pintle_bitfield::{AtomicBits, bitfield};
use pintle_core::{
    atomic::Ordering::{Acquire, Relaxed, Release},
    const_fn,
};

bitfield! {
    /// Which value it is. The parent's docs have its capacity, and what overflow does.
    #[derive(PartialEq, Eq)]
    pub(super) struct Version<usize> {
        /// All senders are gone: there will be no other one.
        const CLOSED: bool;
        /// How many changes there have been.
        const CHANGES = ..;
    }
}

/// The version of the value that is there, which only the holder of the lock changes.
pub(super) struct AtomicVersion(AtomicBits<Version>);

/// What a receiver finds that has seen a version.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum News {
    /// There is another value.
    Changed,
    /// There is none, and there will be none.
    Closed,
    /// There is none yet.
    Nothing,
}

// === impl Version ===

impl Version {
    /// One change more is this much more in the word; it falls off the upper end.
    const ONE_CHANGE: usize = Self::CHANGES.first_bit();

    pub(super) fn is_closed(self) -> bool {
        self.get(Self::CLOSED)
    }

    /// Whether it is the same value as `other`.
    #[inline(always)]
    pub(super) fn is_same(self, other: Self) -> bool {
        self.with(Self::CLOSED, false) == other.with(Self::CLOSED, false)
    }

    /// What is new to who has seen `seen`. A value that has not been seen counts for more than the end.
    #[inline(always)]
    pub(super) fn news(self, seen: Self) -> News {
        if !self.is_same(seen) {
            News::Changed
        } else if self.is_closed() {
            News::Closed
        } else {
            News::Nothing
        }
    }

    /// The version before, which is another one.
    pub(super) fn previous(self) -> Self {
        Self::from_bits(self.bits().wrapping_sub(Self::ONE_CHANGE))
    }

    #[inline(always)]
    fn next(self) -> Self {
        Self::from_bits(self.bits().wrapping_add(Self::ONE_CHANGE))
    }
}

// === impl AtomicVersion ===

impl AtomicVersion {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Version::new().into_atomic())
        }
    }

    /// The version now.
    #[inline(always)]
    pub(super) fn load(&self) -> Version {
        // Acquire pairs with the release in `change` and `close`: who sees the version sees what led to
        // it.
        self.0.load(Acquire)
    }

    /// The value is another one. The lock is held, so nobody else writes.
    #[inline(always)]
    pub(super) fn change(&self) {
        // Release pairs with the acquire in `load`.
        self.0.store(self.0.load(Relaxed).next(), Release);
    }

    /// The last sender goes. The lock is held.
    pub(super) fn close(&self) {
        // Release pairs with the acquire in `load`.
        let closed = self.0.load(Relaxed).with(Version::CLOSED, true);
        self.0.store(closed, Release);
    }

    /// Takes the closing back: there are new ends. The lock is held.
    pub(super) fn reopen(&self) {
        // Relaxed: the ends are made afterwards.
        let open = self.0.load(Relaxed).with(Version::CLOSED, false);
        self.0.store(open, Relaxed);
    }
}

impl fmt::Debug for AtomicVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.load(Relaxed).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_wraps() {
        let last = Version::from_bits(usize::MAX).with(Version::CLOSED, false);
        let version = AtomicVersion(last.into_atomic());
        version.change();
        assert!(version.load().is_same(Version::new()));
        assert_eq!(version.load().news(last), News::Changed);
        assert!(version.load().previous().is_same(last));
    }

    #[test]
    fn a_change_counts_for_more_than_the_end() {
        let version = AtomicVersion::new();
        let seen = version.load();
        assert_eq!(version.load().news(seen), News::Nothing);
        version.change();
        version.close();
        assert_eq!(version.load().news(seen), News::Changed);
        let seen = version.load();
        assert_eq!(version.load().news(seen), News::Closed);
        assert_eq!(version.load().news(seen.previous()), News::Changed);
        version.reopen();
        assert_eq!(version.load().news(seen), News::Nothing);
    }
}
