use core::{fmt, marker::PhantomData, ops::Deref};

use super::{
    shared::Shared,
    version::{News, Version},
};
use crate::blocking::{DefaultMutex, ScopedRawMutex};

/// The value of a channel, borrowed. Nobody changes it as long as this lives.
///
/// Keep it for a short time: who sends meanwhile waits, without sleeping. A thread that sends into the
/// channel while it has one itself waits for ever. So it is not `Send`, and a future that keeps one across
/// an `.await` is not either.
///
/// Dropping it is lock-free, and may be done anywhere. One that is forgotten (`mem::forget`) keeps the value
/// from ever being changed.
///
/// # Invariants
///
/// It is counted as a borrow of `shared`.
pub struct Ref<'a, T, Lock: ScopedRawMutex = DefaultMutex> {
    shared: &'a Shared<T, Lock>,
    has_changed: bool,
    _stays: PhantomData<*const ()>,
}

// SAFETY: a `&Ref` gives a `&T`, and nothing of it counts.
unsafe impl<T: Sync, Lock: ScopedRawMutex + Sync> Sync for Ref<'_, T, Lock> {}

// === impl Ref ===

impl<'a, T, Lock: ScopedRawMutex> Ref<'a, T, Lock> {
    /// Borrows the value; also says of which version.
    #[inline]
    #[track_caller]
    pub(super) fn new(shared: &'a Shared<T, Lock>, seen: Option<Version>) -> (Self, Version) {
        let version = shared.borrow();
        let borrowed = Self {
            shared,
            has_changed: seen.is_some_and(|seen| version.news(seen) == News::Changed),
            _stays: PhantomData,
        };
        (borrowed, version)
    }

    /// Whether the receiver from which this was borrowed had not seen the value before. Never, if it was a
    /// sender.
    #[must_use]
    #[inline]
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T, Lock: ScopedRawMutex> Deref for Ref<'_, T, Lock> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: it is counted (the invariant), and given back when this is dropped.
        unsafe { self.shared.borrowed() }
    }
}

impl<T, Lock: ScopedRawMutex> Drop for Ref<'_, T, Lock> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is counted (the invariant), and this is its end.
        unsafe { self.shared.give_back() };
    }
}

impl<T: fmt::Debug, Lock: ScopedRawMutex> fmt::Debug for Ref<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display, Lock: ScopedRawMutex> fmt::Display for Ref<'_, T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
