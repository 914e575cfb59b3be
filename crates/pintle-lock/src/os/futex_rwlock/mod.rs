//! A readers-writer lock whose waiters sleep in the operating system.

mod state;
#[cfg(test)]
mod tests;

use self::state::{Others, Share, State, Wait, Word};
use crate::blocking::{RawRwLock, RawRwLockDowngrade, RawRwLockTimed, RawRwLockUpgrade};
use crate::spin::pause::pause;
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::{Backoff, const_fn, not_loom, only_loom, thread};
use pintle_park::{Deadline, wait_until, wake_all, wake_one};

not_loom! {
    /// How often a waiter looks before it sleeps, waiting twice as long each time: a short critical
    /// section ends within a few hundred cycles, a sleep and a wake-up cost thousands.
    const LOOKS: u32 = 7;
    /// How often it gives its processor away after that, while nobody sleeps: where there are more
    /// threads than processors the holder may be waiting for one.
    const YIELDS: u32 = 10;
    /// How often a reader steps aside for others that change the word when it does, twice as long each
    /// time, and how many hints it spins the first time. Measured on two cores: with 1 to 4 hints the two
    /// of them meet again at once; with 16 they do twice as much together, with 64 a little more.
    const ASIDE: u32 = 5;
    const ASIDE_HINTS: u32 = 64;
}

only_loom! {
    // Once is as good as often in a model, and makes it smaller.
    const LOOKS: u32 = 1;
    const YIELDS: u32 = 0;
    const ASIDE: u32 = 1;
    const ASIDE_HINTS: u32 = 1;
}

/// A readers-writer lock of eight bytes whose waiters sleep in the operating system.
///
/// Uncontended, a reader is one compare-exchange and one subtraction, a writer one
/// compare-exchange and one swap, without a system call. It may be released on another thread than
/// the one that took it. Signal handlers must not take one that the interrupted code may hold.
///
/// # Who waits for whom
///
/// ```text
///                         held                    closes the door, marks the word
///   ┌────────────────┐ ──────────► ┌────────┐ ───────────────────────────────────► ┌────────┐
///   │ writer arrives │             │ looks  │                                      │ sleeps │ ◄─┐
///   └────────────────┘             └────────┘ ◄─────────────────────────────────── └────────┘   │
///           │ free                     │ free     the last reader, or the writer,      held     │
///           ▼                          ▼          leaves and wakes one writer    ───────────────┘
///      ┌────────────────────────────────────┐
///      │ inside                             │ ── leaves: opens the door, wakes one writer and all
///      └────────────────────────────────────┘            readers, who go for it together
/// ```
///
/// A writer that comes while others are inside looks for a moment, which readers may use; then it
/// *closes the door*: **no new reader comes in until it has written, or given up**. So readers do
/// not starve writers. A writer that leaves opens the door for all readers that wait, and wakes the next
/// writer, which closes it again when it has to sleep again: so readers get in between writers. Whoever is awake
/// may take the lock before one that is being woken: there is no order beyond that.
///
/// One writer is woken at a time. All readers are woken at once: all of them can come in.
///
/// So **a reader must not read again** while it reads: a writer that closed the door in between keeps
/// the second reading out, and waits for the first.
///
/// `try_lock_exclusive` fails only if somebody holds the lock; `try_lock_shared` fails also behind a
/// closed door.
///
/// # How many readers
///
/// Up to 2<sup>26</sup> - 2, about 67 million: guards that were leaked (`core::mem::forget`) count for ever. One
/// reader more panics in `lock_shared` and is refused by `try_lock_shared`, an upgradable holder
/// likewise; the count does not wrap.
///
/// # Where it may be freed
///
/// Who leaves it while others sleep looks at both words once more to wake them. So it has to live until
/// each unlock has returned, as a borrow makes sure of; that another thread has taken it since is not
/// enough. ([`FutexLock`](super::FutexLock) and [`FairLock`](super::FairLock) can do with that.)
///
/// # Readers that meet
///
/// Readers on several cores write the same word. One whose compare-exchange fails steps aside for
/// a microsecond or so, and lets the other core use the cache line meanwhile: on two cores that
/// doubles what both do together.
///
/// Source: two words, since a writer cannot sleep on a count that changes, are how the Rust standard
/// library does it; the backoff is T. E. Anderson's, 1990.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::RwLock, os::FutexRwLock};
///
/// static CONFIG: RwLock<Vec<&str>, FutexRwLock> =
///     RwLock::new_with_raw_rwlock(Vec::new(), FutexRwLock::new());
///
/// CONFIG.write().push("verbose");
/// assert_eq!(CONFIG.read().len(), 1);
/// ```
#[derive(Debug)]
pub struct FutexRwLock {
    /// Readers sleep on it.
    state: State,
    /// Writers sleep on it, and whoever wants to be upgradable: a new number whenever one of them
    /// is woken.
    turn: AtomicU32,
}

// === impl FutexRwLock ===

impl FutexRwLock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                state: State::new(),
                turn: AtomicU32::new(0),
            }
        }
    }

    /// How many hold the lock without excluding readers: readers, and the upgradable holder.
    #[inline]
    pub(crate) fn reader_count(&self) -> usize {
        self.state.readers()
    }

    #[cold]
    fn lock_shared_contended(&self, deadline: Deadline) -> bool {
        let mut hints = ASIDE_HINTS;
        for _ in 0..ASIDE {
            pause(hints);
            hints *= 2;
            match self.state.try_share_once() {
                Share::Acquired => return true,
                Share::Contended => {}
                Share::Refused | Share::Full => break,
            }
        }
        loop {
            self.look_until(|word| !word.refuses_readers());
            let word = match self.state.share_or_mark() {
                Wait::Over => return true,
                Wait::Longer(word) => word,
                Wait::Full => too_many(),
            };
            // Whatever ends the wait, the word decides. A wake-up is for all that sleep: who gives up
            // leaves nobody behind.
            let _ = wait_until(self.state.as_futex(), word.bits(), deadline);
            if deadline.has_passed() {
                return self.state.try_share() == Share::Acquired;
            }
        }
    }

    #[cold]
    fn lock_exclusive_contended(&self, deadline: Deadline) -> bool {
        self.look_until(|word| !word.is_held());
        if self.sleep_for_turn(deadline, |others| self.state.take_or_mark(others)) {
            return true;
        }
        // The last attempt has marked the word. If the mark is gone somebody else was woken by it.
        if let Some(before) = self.state.give_up() {
            self.wake(before);
        }
        false
    }

    #[cold]
    fn lock_upgradable_contended(&self) {
        self.look_until(|word| !word.refuses_upgradable());
        self.sleep_for_turn(Deadline::NEVER, |others| {
            self.state.take_upgradable_or_mark(others)
        });
    }

    #[cold]
    fn upgrade_contended(&self) {
        self.look_until(|word| !word.has_readers());
        self.sleep_for_turn(Deadline::NEVER, |others| self.state.upgrade_or_mark(others));
    }

    /// Waits for a moment without sleeping, until the word is one with which an attempt is worth it.
    fn look_until(&self, free: impl Fn(Word) -> bool) {
        let mut backoff = Backoff::new();
        for look in 0..LOOKS + YIELDS {
            let word = self.state.load();
            // Where others sleep already, looking would only be in their way.
            if free(word) || word.has_sleepers() {
                return;
            }
            if look < LOOKS {
                backoff.spin();
            } else {
                thread::yield_now();
            }
        }
    }

    /// Sleeps on the turn until `attempt` has succeeded, or the deadline has passed.
    fn sleep_for_turn(&self, deadline: Deadline, attempt: impl Fn(Others) -> Wait) -> bool {
        let mut others = Others::HaveMarked;
        loop {
            // Acquire: it stands before the mark, so whoever clears the mark gives out a turn after this
            // one.
            let turn = self.turn.load(Acquire);
            match attempt(others) {
                Wait::Over => return true,
                Wait::Longer(_) => {}
                Wait::Full => too_many(),
            }
            let _ = wait_until(&self.turn, turn, deadline);
            others = Others::MaySleep;
            if deadline.has_passed() {
                return attempt(others) == Wait::Over;
            }
        }
    }

    /// Wakes who slept in `before`: all readers, and one writer.
    #[cold]
    #[inline(never)]
    fn wake(&self, before: Word) {
        if before.get(Word::WRITERS_SLEEP) {
            self.wake_writer(before);
        }
        if before.get(Word::READERS_SLEEP) {
            wake_all(self.state.as_futex());
        }
    }

    /// Wakes a writer; with the upgradable holder among them all, since it has to be that one.
    fn wake_writer(&self, before: Word) {
        // Release: the mark is cleared before; pairs with the Acquire in `sleep_for_turn`.
        self.turn.fetch_add(1, Release);
        if before.get(Word::UPGRADING) {
            wake_all(&self.turn);
        } else {
            wake_one(&self.turn);
        }
    }

    #[cold]
    #[inline(never)]
    fn give_turn(&self) {
        if let Some(before) = self.state.give_turn() {
            self.wake_writer(before);
        }
    }
}

#[cold]
#[inline(never)]
fn too_many() -> ! {
    panic!("more readers share the lock than it can count: were their guards leaked?")
}

// SAFETY: `State` has the proof: its word says who is inside, and lets in nobody whom that excludes.
// Each way in is an Acquire that reads from the Release of those that left before.
unsafe impl RawRwLock for FutexRwLock {
    type GuardMarker = ();

    #[inline]
    fn lock_shared(&self) {
        if self.state.try_share_once() != Share::Acquired {
            self.lock_shared_contended(Deadline::NEVER);
        }
    }

    #[inline]
    fn try_lock_shared(&self) -> bool {
        self.state.try_share() == Share::Acquired
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        if self.state.leave_shared() {
            self.give_turn();
        }
    }

    #[inline]
    fn lock_exclusive(&self) {
        if !self.state.try_take() {
            self.lock_exclusive_contended(Deadline::NEVER);
        }
    }

    #[inline]
    fn try_lock_exclusive(&self) -> bool {
        self.state.try_take()
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        let before = self.state.leave_exclusive();
        if before.has_sleepers() {
            self.wake(before);
        }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.state.load().is_held()
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        self.state.has_writer()
    }
}

// SAFETY: the word goes from the writer's to one reader's in one swap.
unsafe impl RawRwLockDowngrade for FutexRwLock {
    #[inline]
    unsafe fn downgrade(&self) {
        let before = self.state.downgrade();
        if before.has_sleepers() {
            self.wake(before);
        }
    }
}

// SAFETY: the upgradable holder is a bit of its own, which keeps writers and a second one out; an
// upgrade goes from that bit to the writer's in one compare-exchange.
unsafe impl RawRwLockUpgrade for FutexRwLock {
    #[inline]
    fn lock_upgradable(&self) {
        if self.state.try_take_upgradable() != Share::Acquired {
            self.lock_upgradable_contended();
        }
    }

    #[inline]
    fn try_lock_upgradable(&self) -> bool {
        self.state.try_take_upgradable() == Share::Acquired
    }

    #[inline]
    unsafe fn unlock_upgradable(&self) {
        if self.state.leave_upgradable() {
            self.give_turn();
        }
    }

    #[inline]
    unsafe fn upgrade(&self) {
        if !self.state.try_upgrade() {
            self.upgrade_contended();
        }
    }

    #[inline]
    unsafe fn try_upgrade(&self) -> bool {
        self.state.try_upgrade()
    }

    #[inline]
    unsafe fn downgrade_upgradable(&self) {
        if self.state.downgrade_upgradable() {
            self.give_turn();
        }
    }

    #[inline]
    unsafe fn downgrade_to_upgradable(&self) {
        let before = self.state.downgrade_to_upgradable();
        if before.has_sleepers() {
            self.wake(before);
        }
    }
}

// SAFETY: `true` means that `share_or_mark` or `take_or_mark` has succeeded.
unsafe impl RawRwLockTimed for FutexRwLock {
    fn try_lock_shared_until(&self, deadline: Deadline) -> bool {
        self.try_lock_shared() || (!deadline.has_passed() && self.lock_shared_contended(deadline))
    }

    fn try_lock_exclusive_until(&self, deadline: Deadline) -> bool {
        self.try_lock_exclusive()
            || (!deadline.has_passed() && self.lock_exclusive_contended(deadline))
    }
}

impl Default for FutexRwLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for FutexRwLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
