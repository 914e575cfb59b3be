use core::{fmt, marker::PhantomData};

use pintle_core::{CachePadded, const_fn};

use super::{
    gate::Gate,
    slot::{Filled, Slot},
};
use crate::{
    WaitCell,
    blocking::ScopedRawMutex,
    storage::{AlreadySplit, Claims, Leave, Storage},
};

/// The shared part of a bounded channel.
///
/// # Invariants
///
/// 1. The receiver is one, and takes the places in a circle, as the gate gives them out.
/// 2. The capacity of the gate is the number of places.
/// 3. No value is in a place that the gate could give out: a value is taken out before its permit is
///    released.
/// 4. When the claims are vacant every place is empty and the gate is new.
pub(super) struct Shared<T, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized> {
    /// Everybody writes to it. What follows is written when somebody sleeps, comes or goes.
    pub(super) gate: CachePadded<Gate<Lock>>,
    /// Where the receiver waits. It is never closed, so that the channel can be used again.
    pub(super) receiver: WaitCell,
    pub(super) claims: Claims,
    _value: PhantomData<T>,
    slots: Row,
}

// === impl Shared ===

impl<T, Lock: ScopedRawMutex, const N: usize> Shared<T, Lock, [Slot<T>; N]> {
    const_fn! {
        /// A channel that has no ends.
        pub(super) const fn vacant(lock: Lock) -> Self {
            Self {
                gate: CachePadded::new(Gate::new(N, lock)),
                receiver: WaitCell::new(),
                claims: Claims::vacant(),
                _value: PhantomData,
                slots: Slot::row(),
            }
        }
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<T, Lock: ScopedRawMutex + Default> Shared<T, Lock, alloc::boxed::Box<[Slot<T>]>> {
    /// A channel with one sender and one receiver.
    pub(super) fn boxed(capacity: usize) -> Self {
        Self {
            gate: CachePadded::new(Gate::new(capacity, Lock::default())),
            receiver: WaitCell::new(),
            claims: Claims::split(),
            _value: PhantomData,
            slots: (0..capacity).map(|_| Slot::new()).collect(),
        }
    }
}

impl<T, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized> Shared<T, Lock, Row> {
    #[inline(always)]
    pub(super) fn slots(&self) -> &[Slot<T>] {
        self.slots.as_ref()
    }

    #[inline(always)]
    pub(super) fn capacity(&self) -> usize {
        self.slots().len()
    }

    /// Puts a value in and wakes the receiver if it waits.
    ///
    /// # Safety
    ///
    /// The caller has taken the place from the gate, and uses it once.
    #[inline(always)]
    pub(super) unsafe fn publish(&self, place: usize, value: T) {
        // SAFETY: the gate's places are below its capacity (invariant 2).
        let slot = unsafe { self.slots().get_unchecked(place) };
        // SAFETY: the place is the caller's, who uses it once.
        match unsafe { slot.fill(value) } {
            Filled::Awaited => self.wake_receiver(),
            Filled::Unnoticed => {}
        }
    }

    /// Puts a value in by a permit.
    ///
    /// # Safety
    ///
    /// The caller has a permit of the gate, and gives it up.
    #[inline]
    pub(super) unsafe fn publish_by_permit(&self, value: T) {
        let place = self.gate.advance(self.capacity());
        // SAFETY: the place has just been taken from the gate, for a permit.
        unsafe { self.publish(place, value) };
    }

    /// Gives back a permit that was not used.
    #[inline(never)]
    pub(super) fn release_unused(&self) {
        if self.gate.release(1) {
            // It may have been what kept the receiver of a closed channel waiting.
            self.wake_receiver();
        }
    }

    #[cold]
    #[inline(never)]
    fn wake_receiver(&self) {
        self.receiver.wake();
    }

    /// A sender goes.
    #[inline]
    pub(super) fn leave_sender<S: Storage>(&self) {
        match self.claims.leave_sender() {
            Leave::Others => {}
            Leave::Last => {
                let _side = Side::<T, S, Lock, Row>(self, PhantomData);
                // Also if the waker of a wait panics that was forgotten.
                let mut wake = WakeReceiver(&self.receiver, true);
                // If the receiver has closed it, it knows, unless it waits for room that has been
                // forgotten.
                wake.1 = self.gate.close() || !self.gate.is_finished(self.capacity());
            }
        }
    }

    /// The receiver goes. What is in the channel is dropped.
    pub(super) fn leave_receiver<S: Storage>(&self, head: usize) {
        // It would stay as long as there are senders. Dropped last, as that may panic.
        let _waker = self.receiver.unregister();
        let _side = Side::<T, S, Lock, Row>(self, PhantomData);
        let _rest = Rest(self, head);
        self.gate.close();
    }

    /// Whether nothing will come, if the receiver then finds its place empty still.
    pub(super) fn is_finished(&self) -> bool {
        // Room that was forgotten (`mem::forget`) is never given back, but nobody can use it without
        // a sender.
        self.gate.is_finished(self.capacity()) || self.claims.is_deserted()
    }

    /// [`Claims::try_claim`].
    pub(super) fn try_claim(&self) -> Result<(), AlreadySplit> {
        self.claims.try_claim()
    }

    /// Begins anew, though ends may have been forgotten: no end can be used any more.
    pub(super) fn claim(&mut self) {
        if self.claims.is_claimed() {
            self.gate.close();
            self.clean();
        }
        self.claims.claim();
    }

    /// Drops all values and makes the gate a new one. The caller is alone with the channel, and has
    /// closed it.
    fn clean(&self) {
        /// Goes on if the drop of a value panics.
        struct Clean<'a, T>(core::slice::Iter<'a, Slot<T>>);

        impl<T> Clean<'_, T> {
            fn run(&mut self) {
                for slot in self.0.by_ref() {
                    // SAFETY: the caller of `clean` is alone with the channel.
                    let value = unsafe { slot.take() };
                    slot.reset();
                    drop(value);
                }
            }
        }

        impl<T> Drop for Clean<'_, T> {
            fn drop(&mut self) {
                self.run();
            }
        }

        self.gate.reset(self.capacity());
        Clean(self.slots().iter()).run();
    }
}

/// Wakes the receiver when it is dropped, if that is so; also while a panic unwinds.
struct WakeReceiver<'a>(&'a WaitCell, bool);

impl Drop for WakeReceiver<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.1 {
            self.0.wake();
        }
    }
}

/// Makes its side leave when it is dropped, also while a panic unwinds.
struct Side<'a, T, S: Storage, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized>(
    &'a Shared<T, Lock, Row>,
    PhantomData<S>,
);

impl<T, S: Storage, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized> Drop
    for Side<'_, T, S, Lock, Row>
{
    fn drop(&mut self) {
        /// Vacates when it is dropped, also while the panic of a value's drop unwinds.
        struct Vacate<'a>(&'a Claims);

        impl Drop for Vacate<'_> {
            fn drop(&mut self) {
                self.0.vacate();
            }
        }

        if !S::OUTLIVES_ENDS {
            return;
        }
        match self.0.claims.leave_side() {
            Leave::Others => {}
            Leave::Last => {
                let _vacate = Vacate(&self.0.claims);
                self.0.clean();
            }
        }
    }
}

/// Drops what is in the channel, from the receiver's place on, when it is dropped.
struct Rest<'a, T, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized>(
    &'a Shared<T, Lock, Row>,
    usize,
);

impl<T, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized> Drop for Rest<'_, T, Lock, Row> {
    fn drop(&mut self) {
        let Self(shared, head) = self;
        loop {
            // SAFETY: this is the receiver's drop.
            let Some(value) = (unsafe { shared.slots()[*head].take() }) else {
                return;
            };
            *head = if *head + 1 == shared.capacity() {
                0
            } else {
                *head + 1
            };
            shared.gate.release(1);
            // If it panics, what is left is dropped when the channel is cleaned.
            drop(value);
        }
    }
}

impl<T, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized> Drop for Shared<T, Lock, Row> {
    fn drop(&mut self) {
        // Ends that were forgotten leave their values behind, and so do permits that were used after
        // the receiver had gone.
        if self.claims.is_claimed() {
            self.clean();
        }
    }
}

impl<T, Lock: ScopedRawMutex, Row: AsRef<[Slot<T>]> + ?Sized> fmt::Debug for Shared<T, Lock, Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("capacity", &self.capacity())
            .field("gate", &*self.gate)
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

// SAFETY: it owns values, and whatever else is in it is `Send` if the lock is.
unsafe impl<T: Send, Lock: ScopedRawMutex + Send, Row: AsRef<[Slot<T>]> + ?Sized> Send
    for Shared<T, Lock, Row>
{
}

// SAFETY: through a shared reference values are moved in and out, from one thread to another, hence
// `T: Send`; each place is touched only by the sender or receiver whose it is (see `Slot`). No `&T` is
// given out. The lock is used from several threads.
unsafe impl<T: Send, Lock: ScopedRawMutex + Sync, Row: AsRef<[Slot<T>]> + ?Sized> Sync
    for Shared<T, Lock, Row>
{
}
