use core::{
    fmt,
    pin::Pin,
    task::{Poll, Waker},
};

use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    },
    cell::UnsafeCell,
    const_fn, thread,
};

use super::version::{AtomicVersion, News, Version};
use crate::{
    blocking::{Mutex, ScopedRawMutex},
    storage::AlreadySplit,
    trace::event,
    waiters::{Drain, Stage, Waiter, Waiters},
};

/// The shared part of a channel for one value that changes.
///
/// # Invariants
///
/// 1. `value` is changed only under the lock while `borrows` is 0. It is looked at under the lock, or by who
///    is counted in `borrows`.
/// 2. `borrows` grows only under the lock. It is not less than the number of borrows.
/// 3. `version` is written only under the lock.
/// 4. Who waits in a line does so for something that has not come: a version that differs from the one that
///    the receiver has seen, the closing, or the last receiver's going.
pub(super) struct Shared<T, Lock: ScopedRawMutex> {
    version: AtomicVersion,
    /// How often the value is borrowed.
    borrows: AtomicUsize,
    state: Mutex<State, Lock>,
    value: UnsafeCell<T>,
}

/// What the lock guards, beside the value.
struct State {
    senders: usize,
    receivers: usize,
    /// Receivers that wait for a change.
    changes: Waiters,
    /// Senders that wait until there is no receiver.
    closings: Waiters,
}

/// Whom a change is told to.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Tell {
    Everybody,
    Nobody,
}

// === impl Shared ===

impl<T, Lock: ScopedRawMutex> Shared<T, Lock> {
    const_fn! {
        /// A channel that has no ends.
        pub(super) const fn vacant(value: T, lock: Lock) -> Self {
            Self {
                version: AtomicVersion::new(),
                borrows: AtomicUsize::new(0),
                state: Mutex::new_with_raw_mutex(
                    State {
                        senders: 0,
                        receivers: 0,
                        changes: Waiters::new(),
                        closings: Waiters::new(),
                    },
                    lock,
                ),
                value: UnsafeCell::new(value),
            }
        }
    }

    /// The version now. Lock-free.
    #[inline(always)]
    pub(super) fn version(&self) -> Version {
        self.version.load()
    }

    pub(super) fn senders(&self) -> usize {
        self.state.with_lock(|state| state.senders)
    }

    pub(super) fn receivers(&self) -> usize {
        self.state.with_lock(|state| state.receivers)
    }

    // --- the value ---

    /// Runs `look` on the value and its version, under the lock.
    #[inline]
    pub(super) fn with<R>(&self, look: impl FnOnce(&T, Version) -> R) -> R {
        self.state.with_lock(|_| {
            let version = self.version.load();
            self.value.with(|value| {
                // SAFETY: the lock is held, so nobody changes it (invariant 1).
                look(unsafe { &*value }, version)
            })
        })
    }

    /// Counts a borrow, and says of which version. [`give_back`](Self::give_back) ends it.
    #[inline]
    #[track_caller]
    pub(super) fn borrow(&self) -> Version {
        let counted = self.state.with_lock(|_| {
            // Others only give back, so that this is not less than what is added to.
            if self.borrows.load(Relaxed) == usize::MAX {
                return None;
            }
            // Relaxed: the lock orders it before the next change.
            self.borrows.fetch_add(1, Relaxed);
            Some(self.version.load())
        });
        counted.expect("too many borrows of one value")
    }

    /// Ends a borrow. Lock-free.
    ///
    /// # Safety
    ///
    /// The caller has counted it, and does not look at the value any more.
    #[inline]
    pub(super) unsafe fn give_back(&self) {
        // Release pairs with the acquire in `change`: the looks come before it.
        self.borrows.fetch_sub(1, Release);
    }

    /// The value, for who borrows it.
    ///
    /// # Safety
    ///
    /// The caller has counted a borrow, and gives it back after the result's last use.
    #[inline(always)]
    pub(super) unsafe fn borrowed(&self) -> &T {
        self.value.with(|value| {
            // SAFETY: it is borrowed, so nobody changes it (invariant 1).
            unsafe { &*value }
        })
    }

    /// Runs `change` on the value when nobody borrows it, with the number of receivers; then tells whom it
    /// says.
    ///
    /// It runs under the lock, once. If it panics nobody is told.
    #[inline]
    pub(super) fn change(&self, change: impl FnOnce(usize, &mut T) -> Tell) {
        event!(self, "wake_all");
        let mut change = Some(change);
        loop {
            let choose = |state: &mut State| {
                // Acquire pairs with the release in `give_back`.
                if self.borrows.load(Acquire) != 0 {
                    return Waiters::new();
                }
                let Some(change) = change.take() else {
                    return Waiters::new();
                };
                let tell = self.value.with_mut(|value| {
                    // SAFETY: the lock is held and nobody borrows it (invariants 1, 2).
                    change(state.receivers, unsafe { &mut *value })
                });
                match tell {
                    Tell::Nobody => Waiters::new(),
                    Tell::Everybody => {
                        self.version.change();
                        state.changes.take_all()
                    }
                }
            };
            // SAFETY: the waiters are those of the lock.
            unsafe { Drain::run(&self.state, Stage::Handed, choose) };
            if change.is_none() {
                return;
            }
            // Somebody borrows it.
            thread::yield_now();
        }
    }

    // --- the ends ---

    /// Makes a sender and a receiver, if there is nobody.
    pub(super) fn try_claim(&self) -> Result<(), AlreadySplit> {
        self.state.with_lock(|state| {
            if (state.senders, state.receivers) != (0, 0) {
                return Err(AlreadySplit);
            }
            (state.senders, state.receivers) = (1, 1);
            self.version.reopen();
            // Relaxed: borrows borrow from ends, so those that are counted have been forgotten.
            self.borrows.store(0, Relaxed);
            Ok(())
        })
    }

    /// Makes a sender and a receiver, though ends may have been forgotten: no end can be used any more.
    pub(super) fn claim(&mut self) {
        let take_changes = |state: &mut State| {
            (state.senders, state.receivers) = (0, 0);
            state.changes.take_all()
        };
        // SAFETY: the waiters are those of the lock.
        unsafe { Drain::run(&self.state, Stage::Closed, take_changes) };
        let take_closings = |state: &mut State| state.closings.take_all();
        // SAFETY: as above.
        unsafe { Drain::run(&self.state, Stage::Closed, take_closings) };
        let claimed = self.try_claim();
        debug_assert!(claimed.is_ok());
    }

    #[track_caller]
    pub(super) fn add_sender(&self) {
        let added = self.state.with_lock(|state| add_one(&mut state.senders));
        added.expect("too many senders of one channel");
    }

    #[track_caller]
    pub(super) fn add_receiver(&self) -> Version {
        let added = self.state.with_lock(|state| {
            add_one(&mut state.receivers)?;
            Some(self.version.load())
        });
        added.expect("too many receivers of one channel")
    }

    /// A sender goes. The last one closes the channel.
    pub(super) fn leave_sender(&self) {
        let choose = |state: &mut State| {
            state.senders -= 1;
            if state.senders != 0 {
                return Waiters::new();
            }
            self.version.close();
            state.changes.take_all()
        };
        // SAFETY: the waiters are those of the lock.
        unsafe { Drain::run(&self.state, Stage::Closed, choose) };
    }

    /// A receiver goes. The last one wakes senders that wait for that.
    pub(super) fn leave_receiver(&self) {
        let choose = |state: &mut State| {
            state.receivers -= 1;
            if state.receivers != 0 {
                return Waiters::new();
            }
            state.closings.take_all()
        };
        // SAFETY: the waiters are those of the lock.
        unsafe { Drain::run(&self.state, Stage::Handed, choose) };
    }

    // --- those who wait ---

    /// Goes on with a wait for a change. `Ready` says what there is; if it is a change it counts as seen.
    ///
    /// # Safety
    ///
    /// The waiter is used with this function and this channel only, and its owner calls
    /// [`leave_changes`](Self::leave_changes) before freeing it.
    #[inline]
    pub(super) unsafe fn poll_changes(
        &self,
        waiter: Pin<&Waiter>,
        seen: &mut Version,
        waker: &Waker,
    ) -> Poll<Stage> {
        let unseen = *seen;
        let came = || match self.version.load().news(unseen) {
            News::Changed => Some(Stage::Handed),
            News::Closed => Some(Stage::Closed),
            News::Nothing => None,
        };
        if waiter.ticket().is_idle() {
            // Without the lock, if it has come already.
            if let Some(stage) = came() {
                waiter.finish(stage);
            }
        }
        // SAFETY: the caller's promise is the same.
        let polled = unsafe { self.poll(waiter, |state| &mut state.changes, |_| came(), waker) };
        if polled == Poll::Ready(Stage::Handed) {
            waiter.finish(Stage::Done);
            *seen = self.version.load();
        }
        polled
    }

    /// Goes on with a wait until there is no receiver.
    ///
    /// # Safety
    ///
    /// The waiter is used with this function and this channel only, and its owner calls
    /// [`leave_closings`](Self::leave_closings) before freeing it.
    pub(super) unsafe fn poll_closings(&self, waiter: Pin<&Waiter>, waker: &Waker) -> Poll<Stage> {
        let came = |state: &State| (state.receivers == 0).then_some(Stage::Handed);
        // SAFETY: the caller's promise is the same.
        unsafe { self.poll(waiter, |state| &mut state.closings, came, waker) }
    }

    /// Goes on with a wait in a line. `came` says whether what is waited for has come.
    ///
    /// # Safety
    ///
    /// The waiter is used with this line only, and its owner [`leave`](Self::leave)s it before freeing it.
    unsafe fn poll(
        &self,
        waiter: Pin<&Waiter>,
        line: impl FnOnce(&mut State) -> &mut Waiters,
        came: impl FnOnce(&State) -> Option<Stage>,
        waker: &Waker,
    ) -> Poll<Stage> {
        match waiter.ticket().stage() {
            Stage::Idle => {
                // Cloned here, and dropped at the end if it is not needed: not under the lock.
                let mut mine = Some(waker.clone());
                let came = self.state.with_lock(|state| {
                    let came = came(state);
                    if came.is_none() {
                        // SAFETY: the waiter is `Idle`. Its owner is the future that is being polled, which
                        // leaves before it is freed; and it is this channel's, whose lock is held.
                        unsafe { line(state).push_back(waiter, &mut mine) };
                    }
                    came
                });
                match came {
                    Some(stage) => {
                        waiter.finish(stage);
                        Poll::Ready(stage)
                    }
                    None => {
                        event!(self, "wait");
                        Poll::Pending
                    }
                }
            }
            Stage::Waiting => {
                // SAFETY: the waiter is this channel's, so this is its lock.
                if unsafe { waiter.offer(&self.state, waker) } {
                    Poll::Pending
                } else {
                    Poll::Ready(waiter.ticket().stage())
                }
            }
            stage => Poll::Ready(stage),
        }
    }

    /// The future that waited for a change is dropped.
    pub(super) fn leave_changes(&self, waiter: Pin<&Waiter>) {
        self.leave(waiter, |state| &mut state.changes);
    }

    /// The future that waited until there is no receiver is dropped.
    pub(super) fn leave_closings(&self, waiter: Pin<&Waiter>) {
        self.leave(waiter, |state| &mut state.closings);
    }

    #[inline]
    fn leave(&self, waiter: Pin<&Waiter>, line: impl FnOnce(&mut State) -> &mut Waiters) {
        let mut waker = None;
        if waiter.ticket().stage() == Stage::Waiting {
            self.state.with_lock(|state| {
                if waiter.stage() == Stage::Waiting {
                    // SAFETY: the waiter is `Waiting`: in this line, or drained out of it.
                    waker = unsafe { line(state).remove(waiter, Stage::Done) };
                }
            });
            event!(self, "leave");
        }
        waiter.retire();
        // Dropped here, not under the lock, and last, since it may panic.
        drop(waker);
    }
}

/// One more, if there is a number for it.
fn add_one(count: &mut usize) -> Option<()> {
    *count = count.checked_add(1)?;
    Some(())
}

impl<T, Lock: ScopedRawMutex> fmt::Debug for Shared<T, Lock> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

// SAFETY: it owns a `T`, a lock, and wakers, which are `Send`.
unsafe impl<T: Send, Lock: ScopedRawMutex + Send> Send for Shared<T, Lock> {}

// SAFETY: through a shared reference the value is moved in and out, from one thread to another, hence
// `T: Send`; and several threads look at it at once, hence `T: Sync`. The lock is used from several
// threads.
unsafe impl<T: Send + Sync, Lock: ScopedRawMutex + Sync> Sync for Shared<T, Lock> {}
