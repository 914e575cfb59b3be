//! [`Expired`].

use super::Key;
use crate::Instant;

/// A value that has come out of a [`DelayQueue`](super::DelayQueue), at its time or by
/// [`remove`](super::DelayQueue::remove).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired<T> {
    value: T,
    deadline: Instant,
    key: Key,
}

// === impl Expired ===

impl<T> Expired<T> {
    pub(super) const fn new(value: T, deadline: Instant, key: Key) -> Self {
        Self {
            value,
            deadline,
            key,
        }
    }

    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value, to be changed.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Keeps the value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// When it was to come out.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The key that it had, which is [stale](super::DelayQueue#keys) now.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }
}
