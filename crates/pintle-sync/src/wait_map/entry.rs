use crate::waiters::Waiters;

/// What a waiter carries, beside its place in the line.
pub(super) struct Entry<K, V> {
    pub(super) key: K,
    pub(super) slot: Slot<V>,
}

/// What has come to a waiter.
pub(super) enum Slot<V> {
    /// Nothing, or it has been taken.
    Empty,
    /// A value; the waiter is `Handed`.
    Value(V),
    /// Another was waiting under its key; the waiter is `Done`.
    Duplicate,
}

/// What the lock guards.
pub(super) struct Line<K, V> {
    pub(super) waiters: Waiters<Entry<K, V>>,
    /// For good.
    pub(super) closed: bool,
}

// === impl Entry ===

impl<K, V> Entry<K, V> {
    pub(super) fn new(key: K) -> Self {
        Self {
            key,
            slot: Slot::Empty,
        }
    }

    /// Takes the value, if one has come.
    pub(super) fn take(&mut self) -> Option<V> {
        match core::mem::replace(&mut self.slot, Slot::Empty) {
            Slot::Value(value) => Some(value),
            other => {
                self.slot = other;
                None
            }
        }
    }
}
