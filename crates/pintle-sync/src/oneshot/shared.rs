#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
use alloc::boxed::Box;
use core::{
    fmt,
    mem::{ManuallyDrop, MaybeUninit},
};

use pintle_core::{cell::UnsafeCell, const_fn};

use super::{
    TryRecvError,
    state::{AtomicState, Found, Gone, Sent},
};
use crate::{
    WaitCell,
    storage::{AlreadySplit, Leave, Storage},
};

/// The shared part of a channel for one value.
///
/// # Invariants
///
/// 1. `value` is initialized if the state is `SENT`. It is the receiver's then; before, it is the
///    sender's.
/// 2. Who has left, by the state, does not touch it any more. Who then leaves is alone with it, and
///    frees it or makes it vacant.
/// 3. When the state is vacant no value is in it, and no waker of the sender's.
pub(super) struct Shared<T> {
    pub(super) state: AtomicState,
    value: UnsafeCell<MaybeUninit<T>>,
    /// Where the receiver waits. It is never closed, so that the channel can be used again.
    pub(super) receiver: WaitCell,
    /// Where the sender waits for the closing. As above. It would wake whom it holds when it is dropped, so
    /// it is emptied instead.
    pub(super) sender: ManuallyDrop<WaitCell>,
}

/// How one of the two ends holds it.
pub(super) type Half<T, S> = <S as Storage>::Half<Shared<T>>;

// === impl Shared ===

impl<T> Shared<T> {
    const_fn! {
        /// A channel in that state.
        pub(super) const fn new(state: AtomicState) -> Self {
            Self {
                state,
                value: UnsafeCell::new(MaybeUninit::uninit()),
                receiver: WaitCell::new(),
                sender: ManuallyDrop::new(WaitCell::new()),
            }
        }
    }

    /// A channel with two ends, written where it stays: `Box::new` would make it elsewhere and copy it,
    /// the empty place of the value too.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[inline]
    pub(super) fn on_heap() -> Box<Self> {
        let mut shared = Box::new_uninit();
        shared.write(Self::new(AtomicState::split()));
        // SAFETY: it has just been initialized.
        unsafe { shared.assume_init() }
    }

    /// Sends the value, or gives it back. The sender leaves.
    ///
    /// # Safety
    ///
    /// The caller is the sender, and does nothing after this.
    #[inline]
    pub(super) unsafe fn send<S: Storage>(half: &Half<T, S>, value: T) -> Result<(), T> {
        half.value.with_mut(|place| {
            // SAFETY: nothing has been sent, so the place is the sender's (invariant 1).
            unsafe { place.write(MaybeUninit::new(value)) }
        });
        match half.state.send() {
            Sent::Unnoticed => Ok(()),
            Sent::Awaited => {
                // SAFETY: the caller's promise.
                unsafe { Self::wake_receiver::<S>(half) };
                Ok(())
            }
            Sent::Closed => {
                let _leave = SenderLeaves::<T, S>(half);
                // SAFETY: it has just been written, and nobody else has been told.
                Err(unsafe { half.read() })
            }
        }
    }

    /// The sender goes without a value, and leaves.
    ///
    /// # Safety
    ///
    /// As for [`send`](Self::send).
    pub(super) unsafe fn go<S: Storage>(half: &Half<T, S>) {
        match half.state.go() {
            Gone::Unnoticed => {}
            // SAFETY: the caller's promise.
            Gone::Awaited => unsafe { Self::wake_receiver::<S>(half) },
            // SAFETY: the caller's promise, and the state says that the receiver has left.
            Gone::Alone => unsafe { Self::end::<S>(half) },
        }
    }

    /// Wakes the receiver, which is all that the sender had still to do.
    ///
    /// # Safety
    ///
    /// As for [`send`](Self::send).
    #[inline]
    unsafe fn wake_receiver<S: Storage>(half: &Half<T, S>) {
        let _leave = SenderLeaves::<T, S>(half);
        half.receiver.wake();
    }

    /// The receiver goes, and leaves. A value that it has not received is dropped.
    ///
    /// # Safety
    ///
    /// The caller is the receiver, and does nothing after this.
    #[inline]
    pub(super) unsafe fn leave_receiver<S: Storage>(half: &Half<T, S>) {
        let seen = half.state.look();
        if seen.has_sender_left() && seen.found() == Found::Nothing {
            // SAFETY: the caller's promise, and the state says that the sender has left.
            unsafe { Self::end::<S>(half) };
        } else {
            // SAFETY: the caller's promise.
            unsafe { Self::leave_receiver_early::<S>(half) };
        }
    }

    /// [`leave_receiver`](Self::leave_receiver), where the sender is to be told, or a value is there.
    ///
    /// # Safety
    ///
    /// As for [`leave_receiver`](Self::leave_receiver).
    #[cold]
    #[inline(never)]
    unsafe fn leave_receiver_early<S: Storage>(half: &Half<T, S>) {
        let _leave = ReceiverLeaves::<T, S>(half);
        if half.close() == Found::Value {
            // SAFETY: the caller is the receiver.
            drop(unsafe { half.try_take() });
        }
    }

    /// Frees the shared part, or makes it vacant.
    ///
    /// # Safety
    ///
    /// The caller is an end, and the other one has left. It does nothing after this.
    #[inline]
    unsafe fn end<S: Storage>(half: &Half<T, S>) {
        // SAFETY: the caller's promise.
        if unsafe { S::free(half) } {
            return;
        }
        // One that `poll_closed` has left. Dropped last, as that may panic.
        let _waker = half.sender.unregister();
        // The receiver has dropped what was sent.
        half.state.vacate();
    }

    /// Takes the value, or says why not.
    ///
    /// # Safety
    ///
    /// The caller is the receiver.
    #[inline(always)]
    pub(super) unsafe fn try_take(&self) -> Result<T, TryRecvError> {
        let seen = self.state.look();
        match seen.found() {
            Found::Value => {
                // First out of reach, so that nobody drops it again if what is done with it panics.
                self.state.taken(seen);
                // SAFETY: the value has been sent (invariant 1), and the state says no more that it
                // is there.
                Ok(unsafe { self.read() })
            }
            Found::Nothing => Err(TryRecvError::Closed),
            Found::Empty => Err(TryRecvError::Empty),
        }
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

    /// The receiver wants no value any more.
    #[inline]
    pub(super) fn close(&self) -> Found {
        match self.state.look().found() {
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

    /// [`AtomicState::try_claim`].
    pub(super) fn try_claim(&self) -> Result<(), AlreadySplit> {
        self.state.try_claim()
    }

    /// Begins anew, though ends may have been forgotten: no end can be used any more.
    #[inline]
    pub(super) fn claim(&mut self) {
        let found = self.state.look_alone();
        // First out of reach, as the drop may panic.
        self.state.claim();
        if found == Found::Value {
            // SAFETY: the value has been sent, nobody else has an end (the exclusive reference), and the
            // state says no more that it is there.
            drop(unsafe { self.read() });
        }
    }
}

/// Makes the sender leave when it is dropped, also while a panic unwinds.
///
/// # Invariants
///
/// It is made by the sender, which does nothing else after it has been dropped.
struct SenderLeaves<'a, T, S: Storage>(&'a Half<T, S>);

impl<T, S: Storage> Drop for SenderLeaves<'_, T, S> {
    fn drop(&mut self) {
        match self.0.state.leave_sender() {
            Leave::Others => {}
            // SAFETY: the invariant, and the state says that the receiver has left.
            Leave::Last => unsafe { Shared::end::<S>(self.0) },
        }
    }
}

/// Makes the receiver leave when it is dropped, also while a panic unwinds.
///
/// # Invariants
///
/// It is made by the receiver, which does nothing else after it has been dropped.
struct ReceiverLeaves<'a, T, S: Storage>(&'a Half<T, S>);

impl<T, S: Storage> Drop for ReceiverLeaves<'_, T, S> {
    fn drop(&mut self) {
        match self.0.state.leave_receiver() {
            Leave::Others => {}
            // SAFETY: the invariant, and the state says that the sender has left.
            Leave::Last => unsafe { Shared::end::<S>(self.0) },
        }
    }
}

impl<T> Drop for Shared<T> {
    #[inline]
    fn drop(&mut self) {
        // Only ends that were forgotten leave one.
        if self.state.look_alone() == Found::Value {
            // SAFETY: the value has been sent (invariant 1), and nobody can look for it any more.
            drop(unsafe { self.read() });
        }
        // One that `poll_closed` has left. Last, as its drop may panic.
        drop(self.sender.unregister());
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
