use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use pintle_core::{const_fn, not_loom, only_loom};

bitfield! {
    /// The lock's state. What holds of it stands in the documentation of the lock.
    #[derive(PartialEq, Eq)]
    pub(super) struct State<u32> {
        /// Somebody holds the lock, or it is handed over.
        const LOCKED: bool;
        /// The last holder has left the lock to a waiter, which has not taken it yet.
        const HANDED: bool;
        /// There is an heir: a waiter that is here, and gets the lock when its holder leaves.
        const HEIR: bool;
        /// The heir sleeps.
        const HEIR_SLEEPS: bool;
        /// The holder is about to wake a waiter before it leaves, and none has gone to sleep, come or
        /// given up since.
        const NOMINATING: bool;
        /// A waiter has been woken, and has not been here since.
        const WOKEN: bool;
        /// How often the lock has been left to anybody while a woken waiter was on its way.
        const PASSES = 11;
        /// The threads that sleep, are about to, or have been woken.
        const WAITERS = 15;
    }
}

not_loom! {
    /// So often the lock may pass by a waiter that is on its way.
    const PASSES_AT_MOST: u32 = State::PASSES.max_value();
}

only_loom! {
    /// The least that shows both ways.
    const PASSES_AT_MOST: u32 = 1;
}

/// The lock's word, and every way to change it.
#[derive(Debug)]
pub(super) struct Word(AtomicBits<State>);

/// What a thread finds that wants the lock.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Arrival {
    /// The lock was free, and is the caller's now.
    Locked,
    /// The caller is a waiter now.
    Wait,
    /// There are as many waiters as the word can count.
    Full,
}

/// What a waiter finds that wants to sleep.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Bed {
    /// The lock is the caller's now, which waits no more.
    Locked,
    /// The caller may sleep while the word is this one.
    Sleep(State),
}

/// What a waiter finds that has been woken.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Awake {
    /// The lock is the caller's now, which waits no more.
    Locked,
    /// The caller is the heir.
    Heir,
    /// Another is. The caller still waits.
    Wait,
}

/// What the holder finds that leaves.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Exit {
    /// The caller holds the lock no more, and there is nothing more to do.
    Left,
    /// The caller holds the lock no more, and has to wake a waiter.
    Wake,
    /// The caller still holds the lock. It has to wake a waiter, and to leave anew then.
    Nominate,
}

/// What came of the wake that a holder makes before it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nomination {
    /// It has not been asked for.
    NotTried,
    /// One is on its way.
    OneWoken,
    /// Nobody slept. (Or the platform does not say, and then it is not counted on.)
    NobodySlept,
}

// === impl State ===

impl State {
    /// Held, and nobody else is there.
    const ALONE: Self = Self::from_bits(Self::LOCKED.raw_mask());

    /// The lock is taken by a waiter that was served as one.
    #[inline(always)]
    fn served(self) -> Self {
        self.one_waiter_less()
            .with(Self::LOCKED, true)
            .with(Self::HANDED, false)
            .with(Self::PASSES, 0)
    }

    #[inline(always)]
    fn one_waiter_less(self) -> Self {
        Self::from_bits(self.bits() - Self::WAITERS.first_bit())
    }

    #[inline(always)]
    fn without_heir(self) -> Self {
        self.with(Self::HEIR, false).with(Self::HEIR_SLEEPS, false)
    }

    /// The lock is left to the waiter that is meant.
    #[inline(always)]
    fn handed(self) -> Self {
        self.without_heir()
            .with(Self::HANDED, true)
            .with(Self::NOMINATING, false)
            .with(Self::WOKEN, false)
            .with(Self::PASSES, 0)
    }
}

// === impl Word ===

impl Word {
    const_fn! {
        /// A free lock's.
        pub(super) const fn new() -> Self {
            Self(State::new().into_atomic())
        }
    }

    /// What waiters sleep on.
    #[inline(always)]
    pub(super) fn as_atomic(&self) -> &AtomicU32 {
        self.0.as_atomic()
    }

    #[inline(always)]
    pub(super) fn is_locked(&self) -> bool {
        self.0.load(Relaxed).get(State::LOCKED)
    }

    /// Whether nobody waits, so that who waits a moment for the lock overtakes nobody.
    pub(super) fn has_no_waiters(&self) -> bool {
        self.0.load(Relaxed).get(State::WAITERS) == 0
    }

    /// Takes the lock if it is free, whoever waits for it.
    #[inline(always)]
    pub(super) fn try_lock(&self) -> bool {
        // Acquire: pairs with the Release of `leave`, so that what the last holder wrote is seen.
        !self
            .0
            .fetch_set_all(State::LOCKED, Acquire)
            .get(State::LOCKED)
    }

    /// Takes the lock, or joins the waiters.
    pub(super) fn arrive(&self) -> Arrival {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            let waiters = state.get(State::WAITERS);
            if !state.get(State::LOCKED) {
                Transition::To(state.with(State::LOCKED, true), Arrival::Locked)
            } else if waiters == State::WAITERS.max_value() {
                Transition::Stay(Arrival::Full)
            } else {
                Transition::To(state.with(State::WAITERS, waiters + 1), Arrival::Wait)
            }
        })
    }

    /// A waiter finds out what to sleep on. The heir says that it sleeps.
    pub(super) fn prepare_sleep(&self, heir: bool) -> Bed {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            if heir && state.get(State::HANDED) {
                Transition::To(state.served(), Bed::Locked)
            } else if !state.get(State::LOCKED) {
                let taken = state.one_waiter_less().with(State::LOCKED, true);
                let taken = if heir { taken.without_heir() } else { taken };
                Transition::To(taken, Bed::Locked)
            } else {
                // The wake of a nomination may have come too early for the caller.
                let sleeps = heir && state.get(State::HEIR);
                let asleep = state
                    .with(State::NOMINATING, false)
                    .with(State::HEIR_SLEEPS, sleeps || state.get(State::HEIR_SLEEPS));
                if asleep == state {
                    Transition::Stay(Bed::Sleep(state))
                } else {
                    Transition::To(asleep, Bed::Sleep(asleep))
                }
            }
        })
    }

    /// A waiter has been woken. It takes the lock if that is free or handed over, or becomes the heir;
    /// it may be that already.
    pub(super) fn wake_up(&self, heir: bool) -> Awake {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            let state_here = state
                .with(State::NOMINATING, false)
                .with(State::WOKEN, false);
            if state.get(State::HANDED) || !state.get(State::LOCKED) {
                let taken = state_here.served();
                let taken = if heir { taken.without_heir() } else { taken };
                Transition::To(taken, Awake::Locked)
            } else if state.get(State::HEIR) && !heir {
                Transition::To(state_here, Awake::Wait)
            } else {
                let heir = state_here
                    .with(State::HEIR, true)
                    .with(State::HEIR_SLEEPS, false);
                Transition::To(heir, Awake::Heir)
            }
        })
    }

    /// The heir takes the lock if it was handed over.
    pub(super) fn inherit(&self) -> bool {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            if state.get(State::HANDED) {
                Transition::To(state.served(), true)
            } else {
                Transition::Stay(false)
            }
        })
    }

    /// A waiter gives up; true if it has the lock in spite of that: it was free, or the caller is who it
    /// was handed to.
    pub(super) fn give_up(&self, heir: bool) -> bool {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            // Where the platform does not count, the wake of a nomination may have been spent on the caller.
            let here = state.with(State::NOMINATING, false);
            let here = if heir { here.without_heir() } else { here };
            if heir && state.get(State::HANDED) {
                Transition::To(state.served(), true)
            } else if !state.get(State::LOCKED) {
                let taken = here.one_waiter_less().with(State::LOCKED, true);
                Transition::To(taken, true)
            } else {
                Transition::To(here.one_waiter_less(), false)
            }
        })
    }

    /// The holder leaves, if nobody else is there: the way without calls.
    #[inline(always)]
    pub(super) fn leave_alone(&self) -> bool {
        // Release: pairs with the Acquire of the next holder.
        self.0
            .compare_exchange(State::ALONE, State::new(), Release, Relaxed)
            .is_ok()
    }

    /// The holder leaves the lock to the heir, to a waiter that has been overtaken often enough, or to
    /// anybody. `woken` is what came of the wake that this has asked for, if it has.
    pub(super) fn leave(&self, woken: Nomination) -> Exit {
        // Release: pairs with the Acquire of the next holder.
        self.0.transition(Release, Relaxed, |state| {
            let free = state
                .with(State::LOCKED, false)
                .with(State::NOMINATING, false);
            let passes = state.get(State::PASSES);
            if state.get(State::WAITERS) == 0 {
                Transition::To(State::new(), Exit::Left)
            } else if state.get(State::HEIR) {
                let exit = if state.get(State::HEIR_SLEEPS) {
                    Exit::Wake
                } else {
                    Exit::Left
                };
                Transition::To(state.handed(), exit)
            } else if state.get(State::NOMINATING) {
                // Nobody has come, gone to sleep or given up since the wake.
                let one = woken == Nomination::OneWoken;
                Transition::To(free.with(State::WOKEN, one), Exit::Left)
            } else if !state.get(State::WOKEN) {
                Transition::To(state.with(State::NOMINATING, true), Exit::Nominate)
            } else if passes < PASSES_AT_MOST {
                Transition::To(free.with(State::PASSES, passes + 1), Exit::Left)
            } else {
                Transition::To(state.handed(), Exit::Left)
            }
        })
    }
}
