use core::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Poll, Waker},
};

use pintle_core::const_fn;

use super::{
    slot::Slot,
    state::{Cursor, State},
};
use crate::{
    blocking::{Mutex, ScopedRawMutex},
    storage::{AlreadySplit, Claims, Leave, Storage},
    trace::event,
    util::with_lock_or_abort,
    waiters::{Drain, Stage, Waiter, Waiters},
};

/// The shared part of a channel.
///
/// The claims count the senders. Receivers can be made as long as there is a sender or a receiver, so
/// *their* side leaves with the last sender or with the last receiver, whichever is later: both look,
/// under the lock, if they are.
///
/// # Invariants
///
/// When the claims are vacant every place is empty, nobody waits, and the state is as new.
pub(super) struct Shared<T, Lock: ScopedRawMutex, Row: ?Sized> {
    pub(super) claims: Claims,
    pub(super) state: Mutex<State<T, Row>, Lock>,
}

// === impl Shared ===

impl<T, Lock: ScopedRawMutex, const N: usize> Shared<T, Lock, [Slot<T>; N]> {
    const_fn! {
        /// A channel that has no ends.
        pub(super) const fn vacant(lock: Lock) -> Self {
            Self {
                claims: Claims::vacant(),
                state: Mutex::new_with_raw_mutex(State::vacant(), lock),
            }
        }
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
impl<T, Lock: ScopedRawMutex + Default> Shared<T, Lock, alloc::boxed::Box<[Slot<T>]>> {
    /// A channel with one sender and one receiver.
    #[track_caller]
    pub(super) fn boxed(capacity: usize) -> Self {
        assert!(capacity > 0, "a channel keeps one value at least");
        let slots = (0..capacity).map(|_| Slot::Empty).collect();
        Self {
            claims: Claims::split(),
            state: Mutex::new_with_raw_mutex(State::new(slots, 1), Lock::default()),
        }
    }
}

impl<T, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> Shared<T, Lock, Row> {
    /// Changes the state, and wakes everybody who waits if `change` says so.
    ///
    /// # Panics
    ///
    /// If a waker does; the others have been woken then.
    #[inline]
    pub(super) fn change(&self, change: impl FnOnce(&mut State<T, Row>) -> Wake) {
        // Who waits is taken out of the line by another taking of the lock: nobody is the rule, and who
        // comes between the two has seen the change, and is at worst woken for nothing.
        let wakes = self
            .state
            .with_lock(|state| change(state) == Wake::All && !state.waiters.is_empty());
        if wakes {
            self.wake_all();
        }
    }

    #[cold]
    #[inline(never)]
    fn wake_all(&self) {
        let choose = |state: &mut State<T, Row>| state.waiters.take_all();
        // SAFETY: the waiters are those of the lock.
        unsafe { Drain::run(&self.state, Stage::Done, choose) };
    }

    /// One receiver more, which gets what is sent from now on.
    #[track_caller]
    pub(super) fn subscribe(&self) -> Cursor {
        self.state
            .with_lock(State::subscribe)
            .expect("too many receivers of one channel")
    }

    /// A sender goes.
    pub(super) fn leave_sender<S: Storage>(&self) {
        match self.claims.leave_sender() {
            Leave::Others => {}
            Leave::Last => {
                event!(self, "close");
                let mut sides = Sides::<T, S, Lock, Row>(self, 1, PhantomData);
                self.change(|state| {
                    if state.close() {
                        sides.1 += 1;
                    }
                    Wake::All
                });
            }
        }
    }

    /// A receiver goes. What was for it alone is dropped.
    pub(super) fn leave_receiver<S: Storage>(&self, cursor: Cursor) {
        let _gone = Gone::<T, S, Lock, Row>(self, PhantomData);
        let mut rest = Rest {
            shared: self,
            cursor,
            until: cursor.next,
        };
        let choose = |state: &mut State<T, Row>| {
            let (until, closings) = state.leave(S::OUTLIVES_ENDS);
            rest.until = until;
            closings
        };
        // SAFETY: the waiters are those of the lock.
        unsafe { Drain::run(&self.state, Stage::Done, choose) };
        rest.pass();
    }

    /// Waits until there is no receiver.
    ///
    /// # Safety
    ///
    /// The waiter is the caller's, is used here only, and [leaves](Self::leave) before it is freed.
    pub(super) unsafe fn poll_closed(&self, waiter: Pin<&Waiter>, waker: &Waker) -> Poll<()> {
        match waiter.ticket().stage() {
            Stage::Idle => {
                // Cloned here, and dropped at the end if it is not needed: not under the lock.
                let mut mine = Some(waker.clone());
                let closed = self.state.with_lock(|state| {
                    if state.receivers == 0 {
                        return true;
                    }
                    // SAFETY: the waiter is `Idle` and its owner's, who sees to it that it leaves; and it
                    // is this channel's, whose lock is held.
                    unsafe { state.closings().push_back(waiter, &mut mine) };
                    false
                });
                if closed {
                    waiter.finish(Stage::Done);
                    return Poll::Ready(());
                }
                event!(self, "wait");
                Poll::Pending
            }
            Stage::Waiting => {
                // SAFETY: the waiter is this channel's, so this is its lock.
                match unsafe { waiter.offer(&self.state, waker) } {
                    true => Poll::Pending,
                    false => Poll::Ready(()),
                }
            }
            Stage::Handed | Stage::Done | Stage::Closed => Poll::Ready(()),
        }
    }

    /// A waiter leaves the line that it may be in, as its future is dropped.
    #[inline]
    pub(super) fn leave(&self, waiter: Pin<&Waiter>, line: fn(&mut State<T, Row>) -> &mut Waiters) {
        if waiter.ticket().stage() == Stage::Waiting {
            self.leave_line(waiter, line);
        } else {
            waiter.retire();
        }
    }

    #[cold]
    #[inline(never)]
    fn leave_line(&self, waiter: Pin<&Waiter>, line: fn(&mut State<T, Row>) -> &mut Waiters) {
        let mut waker = None;
        with_lock_or_abort(&self.state, |state| {
            if waiter.stage() == Stage::Waiting {
                // SAFETY: the waiter is `Waiting`: in this line, or drained out of it.
                waker = unsafe { line(state).remove(waiter, Stage::Done) };
            }
        });
        waiter.retire();
        // Dropped here, not under the lock.
        drop(waker);
        event!(self, "leave");
    }

    /// [`Claims::try_claim`].
    pub(super) fn try_claim(&self) -> Result<(), AlreadySplit> {
        self.claims.try_claim()?;
        self.state.with_lock(|state| state.reset(1));
        Ok(())
    }

    /// Begins anew, though ends may have been forgotten: no end can be used any more.
    pub(super) fn claim(&mut self) {
        if self.claims.is_claimed() {
            self.change(|_| Wake::All);
            let choose = |state: &mut State<T, Row>| state.closings().take_all();
            // SAFETY: the waiters are those of the lock.
            unsafe { Drain::run(&self.state, Stage::Done, choose) };
            let mut place = 0;
            // If a drop panics, the next claim goes on.
            while let Some(slot) = self.state.with_lock(|state| state.clear(place)) {
                place += 1;
                drop(slot);
            }
        }
        self.state.with_lock(|state| state.reset(1));
        self.claims.claim();
    }
}

/// Who is to be woken by a change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wake {
    All,
    Nobody,
}

/// Makes so many sides leave when it is dropped, also while a panic unwinds.
struct Sides<'a, T, S: Storage, Lock: ScopedRawMutex, Row: ?Sized>(
    &'a Shared<T, Lock, Row>,
    u8,
    PhantomData<S>,
);

impl<T, S: Storage, Lock: ScopedRawMutex, Row: ?Sized> Drop for Sides<'_, T, S, Lock, Row> {
    fn drop(&mut self) {
        if !S::OUTLIVES_ENDS {
            return;
        }
        for _ in 0..self.1 {
            match self.0.claims.leave_side() {
                Leave::Others => {}
                // Nothing is left in it: each receiver has passed what was sent to it. The state is reset
                // by who claims it next.
                Leave::Last => self.0.claims.vacate(),
            }
        }
    }
}

/// Counts a receiver as gone when it is dropped, also while the panic of a value's drop unwinds.
struct Gone<'a, T, S: Storage, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized>(
    &'a Shared<T, Lock, Row>,
    PhantomData<S>,
);

impl<T, S: Storage, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> Drop
    for Gone<'_, T, S, Lock, Row>
{
    fn drop(&mut self) {
        if S::OUTLIVES_ENDS && self.0.state.with_lock(State::gone) {
            drop(Sides::<T, S, Lock, Row>(self.0, 1, PhantomData));
        }
    }
}

/// What a receiver that goes has still to pass. Each value that was for it alone is dropped, with the lock free.
struct Rest<'a, T, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> {
    shared: &'a Shared<T, Lock, Row>,
    cursor: Cursor,
    until: u64,
}

impl<T, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> Rest<'_, T, Lock, Row> {
    fn pass(&mut self) {
        while self.cursor.next < self.until {
            let value = self
                .shared
                .state
                .with_lock(|state| state.pass_one(&mut self.cursor));
            drop(value);
        }
    }
}

impl<T, Lock: ScopedRawMutex, Row: AsMut<[Slot<T>]> + ?Sized> Drop for Rest<'_, T, Lock, Row> {
    fn drop(&mut self) {
        // Something is left only while the panic of a value's drop unwinds.
        self.pass();
    }
}

impl<T, Lock: ScopedRawMutex, Row: ?Sized> fmt::Debug for Shared<T, Lock, Row> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}
