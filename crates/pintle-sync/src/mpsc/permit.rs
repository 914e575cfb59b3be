use core::{fmt, mem::ManuallyDrop, ptr};

use super::Sender;
use crate::{
    blocking::{DefaultMutex, ScopedRawMutex},
    storage::{Heap, Storage},
};

/// Room for one value in a bounded channel, from [`Sender::reserve`] and
/// [`Sender::try_reserve`].
///
/// It keeps no order: what others send meanwhile is received first. Dropped without having been used
/// it gives the room back, to the sender that has waited longest. Forgotten (`mem::forget`) it keeps it
/// as long as the channel is in use.
#[must_use = "the room is given back when the permit is dropped"]
pub struct Permit<'a, T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    sender: &'a Sender<T, S, Lock>,
}

/// Room for one value in a bounded channel, with the sender, from [`Sender::reserve_owned`] and
/// [`Sender::try_reserve_owned`].
///
/// As [`Permit`]; used or released it gives the sender back.
#[must_use = "the room is given back when the permit is dropped"]
pub struct OwnedPermit<T, S: Storage = Heap, Lock: ScopedRawMutex = DefaultMutex> {
    sender: Sender<T, S, Lock>,
}

// === impl Permit ===

impl<'a, T, S: Storage, Lock: ScopedRawMutex> Permit<'a, T, S, Lock> {
    /// The caller has a permit of the gate, and gives it away.
    pub(super) fn new(sender: &'a Sender<T, S, Lock>) -> Self {
        Self { sender }
    }

    /// Sends a value. Never waits.
    ///
    /// If the receiver is gone the value is dropped, at the latest when all senders are gone too.
    #[inline]
    pub fn send(self, value: T) {
        let this = ManuallyDrop::new(self);
        // SAFETY: a `Permit` is one of the gate's, and this one is not dropped.
        unsafe { this.sender.shared.publish_by_permit(value) };
    }

    /// Whether this is room in the channel that `sender` sends into.
    #[must_use]
    pub fn same_channel_as_sender(&self, sender: &Sender<T, S, Lock>) -> bool {
        self.sender.same_channel(sender)
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Drop for Permit<'_, T, S, Lock> {
    fn drop(&mut self) {
        self.sender.shared.release_unused();
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for Permit<'_, T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("channel", &&*self.sender.shared)
            .finish()
    }
}

// === impl OwnedPermit ===

impl<T, S: Storage, Lock: ScopedRawMutex> OwnedPermit<T, S, Lock> {
    /// The caller has a permit of the gate, and gives it away.
    pub(super) fn new(sender: Sender<T, S, Lock>) -> Self {
        Self { sender }
    }

    /// Sends a value, and gives the sender back. Never waits.
    ///
    /// If the receiver is gone the value is dropped, at the latest when all senders are gone too.
    #[inline]
    pub fn send(self, value: T) -> Sender<T, S, Lock> {
        let sender = self.into_sender();
        // SAFETY: an `OwnedPermit` is one of the gate's, and this one has not been dropped.
        unsafe { sender.shared.publish_by_permit(value) };
        sender
    }

    /// Gives the room back, and the sender.
    pub fn release(self) -> Sender<T, S, Lock> {
        let sender = self.into_sender();
        sender.shared.release_unused();
        sender
    }

    /// Whether this is room in the channel that `sender` sends into.
    #[must_use]
    pub fn same_channel_as_sender(&self, sender: &Sender<T, S, Lock>) -> bool {
        self.sender.same_channel(sender)
    }

    /// The sender, by one who sees to the permit.
    fn into_sender(self) -> Sender<T, S, Lock> {
        let this = ManuallyDrop::new(self);
        // SAFETY: it is valid, and is not used again, as its owner is not dropped.
        unsafe { ptr::read(&raw const this.sender) }
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> Drop for OwnedPermit<T, S, Lock> {
    fn drop(&mut self) {
        self.sender.shared.release_unused();
    }
}

impl<T, S: Storage, Lock: ScopedRawMutex> fmt::Debug for OwnedPermit<T, S, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedPermit")
            .field("channel", &&*self.sender.shared)
            .finish()
    }
}
