#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::sync::Arc;
use core::{fmt, marker::PhantomData, mem::MaybeUninit};

use pintle_core::{cell::UnsafeCell, const_fn};

use super::state::{AtomicState, Found, Sent};
use crate::{
    WaitCell,
    storage::{AlreadySplit, Claims, Leave, Storage},
};

/// The shared part of a channel for one value.
///
/// # Invariants
///
/// 1. `value` is initialized if the state is `SENT`. It is the receiver's then; before, it is the
///    sender's.
/// 2. When the claims are vacant the state is new.
pub(super) struct Shared<T> {
    pub(super) state: AtomicState,
    value: UnsafeCell<MaybeUninit<T>>,
    /// Where the receiver waits. It is never closed, so that the channel can be used again.
    pub(super) receiver: WaitCell,
    /// Where the sender waits for the closing. As above.
    pub(super) sender: WaitCell,
    claims: Claims,
}

// === impl Shared ===

impl<T> Shared<T> {
    const_fn! {
        /// A channel whose ends the claims count.
        pub(super) const fn new(claims: Claims) -> Self {
            Self {
                state: AtomicState::new(),
                value: UnsafeCell::new(MaybeUninit::uninit()),
                receiver: WaitCell::new(),
                sender: WaitCell::new(),
                claims,
            }
        }
    }

    /// A channel with two ends, written where it stays: `Arc::new` would make it elsewhere and copy it,
    /// the empty place of the value too.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[inline]
    pub(super) fn on_heap() -> Arc<Self> {
        let shared = Arc::<Self>::new_uninit();
        let place = Arc::as_ptr(&shared).cast_mut();
        // SAFETY: the place is in memory that nobody else refers to.
        unsafe { place.write(MaybeUninit::new(Self::new(Claims::split()))) };
        // SAFETY: it has just been initialized.
        unsafe { shared.assume_init() }
    }

    /// Sends the value, or gives it back.
    ///
    /// # Safety
    ///
    /// The caller is the sender, and does it once.
    #[inline]
    pub(super) unsafe fn send(&self, value: T) -> Result<(), T> {
        self.value.with_mut(|place| {
            // SAFETY: nothing has been sent, so the place is the sender's (invariant 1).
            unsafe { place.write(MaybeUninit::new(value)) }
        });
        match self.state.send() {
            Sent::Unnoticed => Ok(()),
            Sent::Awaited => {
                self.receiver.wake();
                Ok(())
            }
            // SAFETY: it has just been written, and nobody else has been told.
            Sent::Closed => Err(unsafe { self.read() }),
        }
    }

    /// Takes the value.
    ///
    /// # Safety
    ///
    /// The caller is the receiver, or alone with the channel, and has found the value.
    #[inline]
    pub(super) unsafe fn take(&self) -> T {
        // First out of reach, so that nobody drops it again if what is done with it panics.
        self.state.taken();
        // SAFETY: the value has been sent (invariant 1), and the state says no more that it is
        // there.
        unsafe { self.read() }
    }

    /// Moves the value out of its place.
    ///
    /// # Safety
    ///
    /// There is one, it is the caller's, and it counts as gone after this call.
    #[inline(always)]
    unsafe fn read(&self) -> T {
        let value = self.value.with_mut(|place| {
            // SAFETY: the place is the caller's.
            unsafe { place.read() }
        });
        // SAFETY: the value was in it.
        unsafe { value.assume_init() }
    }

    /// A side goes, after it has said so to the other.
    #[inline]
    pub(super) fn leave<S: Storage>(&self) {
        if !S::OUTLIVES_ENDS {
            return;
        }
        match self.claims.leave_side() {
            Leave::Others => {}
            Leave::Last => {
                // One that `poll_closed` has left. Dropped last, as that may panic.
                let _waker = self.sender.unregister();
                // The receiver has dropped what was sent.
                self.state.reset();
                self.claims.vacate();
            }
        }
    }

    /// The sender goes without a value.
    pub(super) fn go<S: Storage>(&self) {
        let _leave = OnDrop::<T, S>(self, PhantomData);
        if self.state.go() {
            self.receiver.wake();
        }
    }

    /// The receiver goes. A value that it has not received is dropped.
    #[inline]
    pub(super) fn leave_receiver<S: Storage>(&self) {
        let _leave = OnDrop::<T, S>(self, PhantomData);
        if self.close() == Found::Value {
            // SAFETY: the caller is the receiver, and the value is there.
            drop(unsafe { self.take() });
        }
    }

    /// The receiver wants no value any more.
    #[inline]
    pub(super) fn close(&self) -> Found {
        match self.state.look() {
            Found::Empty => self.close_open(),
            // Nobody to be told: the sender is gone, or the channel closed.
            found => found,
        }
    }

    /// [`close`](Self::close), where there is somebody to be told.
    #[cold]
    #[inline(never)]
    fn close_open(&self) -> Found {
        // Dropped last, as that may panic.
        let _waker = self.receiver.unregister();
        let (found, awaited) = self.state.close();
        if awaited {
            self.sender.wake();
        }
        found
    }

    /// [`Claims::try_claim`].
    pub(super) fn try_claim(&self) -> Result<(), AlreadySplit> {
        self.claims.try_claim()
    }

    /// Begins anew, though ends may have been forgotten: no end can be used any more.
    pub(super) fn claim(&mut self) {
        self.drop_value();
        self.state.reset();
        self.claims.claim();
    }

    /// Drops what ends that were forgotten have left.
    #[inline]
    fn drop_value(&mut self) {
        if self.state.look() == Found::Value {
            // SAFETY: the exclusive reference says that the caller is alone, and the value is
            // there.
            drop(unsafe { self.take() });
        }
    }
}

/// Makes a side leave when it is dropped, also while a panic unwinds.
pub(super) struct OnDrop<'a, T, S: Storage>(pub(super) &'a Shared<T>, pub(super) PhantomData<S>);

impl<T, S: Storage> Drop for OnDrop<'_, T, S> {
    #[inline]
    fn drop(&mut self) {
        self.0.leave::<S>();
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        self.drop_value();
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

// SAFETY: it owns a `T` and wakers, which are `Send`.
unsafe impl<T: Send> Send for Shared<T> {}

// SAFETY: through a shared reference the value is moved in by the sender and out by the receiver, from
// one thread to the other, hence `T: Send`; the state says whose it is. No `&T` is given out.
unsafe impl<T: Send> Sync for Shared<T> {}
