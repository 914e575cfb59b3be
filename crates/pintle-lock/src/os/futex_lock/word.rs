use pintle_bitfield::{AtomicBits, Transition, bitfield};
use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use pintle_core::const_fn;

bitfield! {
    /// The lock's state. What holds of it stands in the documentation of the lock.
    #[derive(PartialEq, Eq)]
    pub(super) struct State<u32> {
        /// Somebody holds the lock.
        const LOCKED: bool;
        /// How many spinners have come in a row while others waited.
        const OVERTAKEN = 5;
        /// The threads that sleep, are about to, or have been woken. It holds 2^24 - 1; no system
        /// has more threads (Linux ends at 2^22).
        const WAITERS = 24;
        /// A waiter has been woken, or is being woken, and none has looked at the word since.
        const WOKEN: bool;
        /// One thread, the spinner, is awake and looks at the word again and again.
        const SPINNER: bool;
    }
}

/// So many spinners in a row may come while others wait. Then one waits itself, and so one of them is
/// woken.
const OVERTAKEN_AT_MOST: u32 = 16;

/// The lock's word, and every way to change it.
#[derive(Debug)]
pub(super) struct Word(AtomicBits<State>);

/// What a thread finds that wants the lock.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Arrival {
    /// The lock was free, and is the caller's now.
    Locked,
    /// The caller is the spinner now.
    Spin,
    /// There is a spinner, or those who wait have been overtaken often enough.
    Wait,
}

/// What a waiter finds that wants to sleep.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Bed {
    /// The lock was free, and is the caller's now, which waits no more.
    Locked,
    /// The caller may sleep while the word is this one.
    Sleep(State),
}

/// What a waiter finds that has been woken.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Awake {
    /// The lock was free, and is the caller's now, which waits no more.
    Locked,
    /// The caller is the spinner now, and waits no more.
    Spin,
    /// There is a spinner. The caller still waits.
    Wait,
}

/// What becomes of a waiter that gives up.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum GivenUp {
    /// The lock was free, and is the caller's now, which waits no more.
    Locked,
    /// The caller waits no more.
    Left,
}

/// What the holder finds that leaves.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Exit {
    /// The lock is free, and there is nothing more to do.
    Left,
    /// Nothing has changed: some wait, and nobody who is awake will take the lock.
    MustWake,
    /// The lock is free, and the caller has to wake a waiter.
    Wake,
}

// === impl State ===

impl State {
    /// Held, and nobody else is there.
    const ALONE: Self = Self::from_bits(Self::LOCKED.raw_mask());

    /// Whether the holder has to wake a waiter when it leaves.
    #[inline(always)]
    fn must_wake(self) -> bool {
        // Waiters, and neither of the flags that stand above them: one comparison.
        const RANGE: core::ops::Range<u32> = Word::ONE_WAITER..State::WOKEN.first_bit();
        RANGE.contains(&self.bits())
    }

    #[inline(always)]
    fn locked(self) -> Self {
        self.with(Self::LOCKED, true)
    }

    #[inline(always)]
    fn unlocked(self) -> Self {
        self.with(Self::LOCKED, false)
    }

    /// Without the caller among the waiters, and without the wake that it may have got.
    #[inline(always)]
    fn one_waiter_less(self) -> Self {
        Self::from_bits(self.bits() - Word::ONE_WAITER).with(Self::WOKEN, false)
    }
}

// === impl Word ===

impl Word {
    /// One more waiter is this much more in the word.
    const ONE_WAITER: u32 = State::WAITERS.first_bit();

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

    /// Takes the lock if it is free, whoever waits for it.
    #[inline(always)]
    pub(super) fn try_lock(&self) -> bool {
        // One instruction on x86, where a compare-exchange would also have to be told the other
        // fields.
        // Acquire: pairs with the Release of `leave`, so that what the last holder wrote is seen.
        !self
            .0
            .fetch_set_all(State::LOCKED, Acquire)
            .get(State::LOCKED)
    }

    /// Takes the lock, or finds out how to wait for it.
    pub(super) fn arrive(&self) -> Arrival {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            let overtaken = state.get(State::OVERTAKEN);
            if !state.get(State::LOCKED) {
                Transition::To(state.locked(), Arrival::Locked)
            } else if state.get(State::SPINNER) {
                Transition::Stay(Arrival::Wait)
            } else if state.get(State::WAITERS) == 0 {
                Transition::To(state.with(State::SPINNER, true), Arrival::Spin)
            } else if overtaken < OVERTAKEN_AT_MOST {
                let spins = state
                    .with(State::SPINNER, true)
                    .with(State::OVERTAKEN, overtaken + 1);
                Transition::To(spins, Arrival::Spin)
            } else {
                Transition::To(state.with(State::OVERTAKEN, 0), Arrival::Wait)
            }
        })
    }

    /// The spinner takes the lock if it is free, and then is none any more. A held one is only
    /// read; and it tries once, as a lock that comes and goes so quickly costs its holder more than it
    /// gives.
    pub(super) fn look(&self) -> bool {
        let seen = self.0.load(Relaxed);
        let taken = seen.locked().with(State::SPINNER, false);
        // Acquire: see `try_lock`.
        !seen.get(State::LOCKED)
            && self
                .0
                .compare_exchange(seen, taken, Acquire, Relaxed)
                .is_ok()
    }

    /// As [`look`](Self::look), by writing in any case: whoever takes and leaves the lock without
    /// a pause finds the time to do so between another's reading and writing, but not here.
    pub(super) fn grab(&self) -> bool {
        let taken = self.try_lock();
        if taken {
            self.stop_spinning();
        }
        taken
    }

    /// The spinner is none any more. It has to have the lock, or to become a waiter now: who leaves
    /// the lock counts on it.
    pub(super) fn stop_spinning(&self) {
        self.0.fetch_unset_all(State::SPINNER, Relaxed);
    }

    /// The caller is a waiter from now on.
    pub(super) fn join_waiters(&self) {
        self.0.fetch_add(Self::ONE_WAITER, Relaxed);
    }

    /// A waiter makes sure that it will be woken.
    pub(super) fn prepare_sleep(&self) -> Bed {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            if !state.get(State::LOCKED) {
                return Transition::To(state.one_waiter_less().locked(), Bed::Locked);
            }
            // A wake that came before the caller sleeps may have found nobody asleep. So the next who
            // leaves has to make another.
            let asleep = state.with(State::WOKEN, false);
            if asleep == state {
                Transition::Stay(Bed::Sleep(state))
            } else {
                Transition::To(asleep, Bed::Sleep(asleep))
            }
        })
    }

    /// A waiter has been woken.
    pub(super) fn wake_up(&self) -> Awake {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            if !state.get(State::LOCKED) {
                Transition::To(state.one_waiter_less().locked(), Awake::Locked)
            } else if state.get(State::SPINNER) {
                Transition::Stay(Awake::Wait)
            } else {
                let spins = state.one_waiter_less().with(State::SPINNER, true);
                Transition::To(spins, Awake::Spin)
            }
        })
    }

    /// A waiter gives up, but takes a lock that is free whatever the time.
    pub(super) fn give_up(&self) -> GivenUp {
        // Acquire: see `try_lock`.
        self.0.transition(Acquire, Relaxed, |state| {
            let left = state.one_waiter_less();
            if state.get(State::LOCKED) {
                Transition::To(left, GivenUp::Left)
            } else {
                Transition::To(left.locked(), GivenUp::Locked)
            }
        })
    }

    /// The holder leaves, if it need not wake anybody: the way without calls.
    #[inline(always)]
    pub(super) fn leave_quickly(&self) -> bool {
        let seen = self.0.load(Relaxed);
        if seen == State::ALONE {
            // Release: pairs with the Acquire of the next holder.
            self.0
                .compare_exchange(State::ALONE, State::new(), Release, Relaxed)
                .is_ok()
        } else {
            // Release: as above.
            !seen.must_wake()
                && self
                    .0
                    .compare_exchange(seen, seen.unlocked(), Release, Relaxed)
                    .is_ok()
        }
    }

    /// The holder leaves, if it need not wake anybody.
    pub(super) fn leave(&self) -> Exit {
        // Release: pairs with the Acquire of the next holder.
        self.0.transition(Release, Relaxed, |state| {
            if state.must_wake() {
                Transition::Stay(Exit::MustWake)
            } else {
                Transition::To(state.unlocked(), Exit::Left)
            }
        })
    }

    /// The holder leaves in any case, and then does not touch the word any more: the next holder may
    /// have freed it.
    pub(super) fn leave_and_wake(&self) -> Exit {
        // Release: pairs with the Acquire of the next holder.
        self.0.transition(Release, Relaxed, |state| {
            if state.must_wake() {
                let left = state.unlocked().with(State::WOKEN, true);
                Transition::To(left, Exit::Wake)
            } else {
                Transition::To(state.unlocked(), Exit::Left)
            }
        })
    }
}
