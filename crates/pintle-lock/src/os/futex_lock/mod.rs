use self::word::{Arrival, Awake, Bed, Exit, GivenUp, Word};
use crate::{RawMutexTimed, spin::pause::pause};
use mutex_traits::RawMutex;
use pintle_core::atomic::AtomicU32;
use pintle_core::{const_fn, hint, not_loom, only_loom};
use pintle_park::{Deadline, WaitOutcome};

mod word;

not_loom! {
    /// The hints that the spinner makes before each of its first looks. Short critical sections end
    /// meanwhile. An earlier look would come while the holder takes the lock again and again, and costs
    /// both more than it gives: the cache line goes there and back, and so may the lock.
    const LOOKS: [u32; 2] = [16, 32];

    /// How often it then grabs at the lock before it sleeps.
    const GRABS: u32 = 3;

    /// The hints before each of these. Seldom is better: one that succeeds makes the holder the spinner.
    /// All of them take about as long as to sleep and to be woken, so that a spinner is not awake more
    /// than twice as long as it need be.
    const HINTS_PER_GRAB: u32 = 256;

    /// How many hints the holder waits for a new spinner before it leaves and wakes somebody: a fraction
    /// of what the wake costs it. Who has just been overtaken by the holder is on its way.
    const PATIENCE: u32 = 8;
}

only_loom! {
    // Without hints: each gives way to another thread, which a model tries out by itself, and to come
    // back costs it a preemption.
    const LOOKS: [u32; 1] = [0];
    const GRABS: u32 = 1;
    const HINTS_PER_GRAB: u32 = 0;
    const PATIENCE: u32 = 0;
}

/// A lock of four bytes whose waiters sleep in the operating system.
///
/// Uncontended, locking is one read-modify-write and unlocking one compare-exchange, without a system
/// call. There is no order among waiters: who comes while the lock is free takes it, whoever waits
/// ([`FairLock`](crate::os::FairLock) has a bound). It may be released on another thread than the one
/// that took it. Signal handlers must not take a lock that the interrupted code may hold.
///
/// # How it waits
///
/// A wake-up costs thousands of cycles, and a thread that spins takes the lock's cache line from its
/// holder. So of those who want the lock **one** spins, and the others sleep; and who leaves the lock
/// wakes nobody while somebody is awake who will take it: the spinner, or one that has been woken and
/// is on its way.
///
/// ```text
///                  free: it takes the lock
///   ┌─────────┐ ──────────────────────────────────────────────► ┌────────┐
///   │ arrives │     held, no spinner      ┌─────────┐   free    │ holder │
///   └─────────┘ ────────────────────────► │ spinner │ ────────► └────────┘
///        │                                └─────────┘             ▲    │ leaves: nobody waits, or
///        │ there is a spinner, or it         ▲  │ too long        │    │ somebody is awake
///        │ would be the 17th in a row        │  ▼                 │    ▼
///        │                              held │                    │  (free)
///        │          ┌────────┐ woken  ┌──────┴─┐      free        │
///        └────────► │ asleep │ ─────► │ woken  │ ─────────────────┘
///                   └────────┘ ◄───── └────────┘
///                        ▲     spinner          holder leaves, waiters > 0, no spinner, none woken:
///                        └───────────────────── the word gets `woken`, and one is woken
/// ```
///
/// Two threads that spin for the lock in turns would never wake a third. So the word counts the spinners
/// that came while others waited: after sixteen of them the next one sleeps, and one of those who wait
/// takes its place.
///
/// # Invariants
///
/// - The spinner is awake, and takes the lock or becomes a waiter; nobody else clears `SPINNER`.
/// - Every waiter clears `WOKEN` before it sleeps, takes the lock or leaves. So while `WOKEN` is
///   set, one who is awake or is being woken will look at the word.
/// - So if the lock is free and threads wait, one of them or the spinner is awake or being woken, and
///   takes the lock or finds it held: then by somebody who will look at the same when it leaves.
/// - Who leaves the lock does not touch the word afterwards.
///
/// Source: the word that tells the last waiter from others is of U. Drepper, "Futexes are tricky", 2011;
/// one waker at a time is nsync's "designated waker" (M. Burrows); one spinner at a time is of
/// "Malthusian locks" (D. Dice, 2017), whose passive set these sleepers are.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, os::FutexLock};
///
/// static LOG: Mutex<Vec<u8>, FutexLock> = Mutex::new_with_raw_mutex(Vec::new(), FutexLock::new());
/// LOG.lock().extend(b"up");
/// ```
#[derive(Debug)]
pub struct FutexLock {
    word: Word,
}

// === impl FutexLock ===

impl FutexLock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self { word: Word::new() }
        }
    }

    /// Spins or sleeps for the lock; false if the deadline came first.
    #[cold]
    fn lock_contended(&self, deadline: Deadline) -> bool {
        match self.word.arrive() {
            Arrival::Locked => return true,
            Arrival::Spin if self.spin() => return true,
            Arrival::Spin | Arrival::Wait => self.word.join_waiters(),
        }
        loop {
            let asleep = match self.word.prepare_sleep() {
                Bed::Locked => return true,
                Bed::Sleep(state) => state.bits(),
            };
            match pintle_park::wait_until(self.word.as_atomic(), asleep, deadline) {
                WaitOutcome::TimedOut => return self.word.give_up() == GivenUp::Locked,
                WaitOutcome::Mismatch => {}
                _ => match self.word.wake_up() {
                    Awake::Locked => return true,
                    Awake::Wait => {}
                    Awake::Spin if self.spin() => return true,
                    Awake::Spin => self.word.join_waiters(),
                },
            }
        }
    }

    /// The spinner's part: true with the lock, and false if it has to wait.
    fn spin(&self) -> bool {
        for hints in LOOKS {
            pause(hints);
            if self.word.look() {
                return true;
            }
        }
        for _ in 0..GRABS {
            pause(HINTS_PER_GRAB);
            if self.word.grab() {
                return true;
            }
        }
        self.word.stop_spinning();
        false
    }

    /// Leaves the lock to the others.
    #[cold]
    #[inline(never)]
    fn unlock_contended(&self) {
        for _ in 0..PATIENCE {
            match self.word.leave() {
                Exit::Left => return,
                _ => hint::spin_loop(),
            }
        }
        // From the next step on another thread may take the lock and free it: the wake-up has the
        // address only.
        let address: *const AtomicU32 = self.word.as_atomic();
        if self.word.leave_and_wake() == Exit::Wake {
            pintle_park::wake_one(address);
        }
    }
}

// SAFETY: `LOCKED` is set by one who found it clear, in one step, and stays until the holder clears
// it. Who returns from `lock`, or from `try_lock` with true, is the one who has set it.
unsafe impl RawMutex for FutexLock {
    type GuardMarker = ();

    #[inline]
    fn lock(&self) {
        if !self.word.try_lock() {
            self.lock_contended(Deadline::NEVER);
        }
    }

    #[inline]
    fn try_lock(&self) -> bool {
        self.word.try_lock()
    }

    #[inline(always)]
    unsafe fn unlock(&self) {
        if !self.word.leave_quickly() {
            self.unlock_contended();
        }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.word.is_locked()
    }
}

// SAFETY: true comes from where `lock` returns, or from `try_lock`.
unsafe impl RawMutexTimed for FutexLock {
    #[inline]
    fn try_lock_until(&self, deadline: Deadline) -> bool {
        self.word.try_lock() || (!deadline.has_passed() && self.lock_contended(deadline))
    }
}

impl Default for FutexLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for FutexLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
