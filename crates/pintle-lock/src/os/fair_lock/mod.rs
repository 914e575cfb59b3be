use self::word::{Arrival, Awake, Bed, Exit, Nomination, Word};
use crate::{RawMutexTimed, spin::pause::pause};
use mutex_traits::RawMutex;
use pintle_core::atomic::AtomicU32;
use pintle_core::{const_fn, not_loom, only_loom, thread};
use pintle_park::{Deadline, WaitOutcome, WakeOutcome};

#[cfg(test)]
mod tests;
mod word;

not_loom! {
    /// The hints that a thread makes before each of its looks, if nobody waits before it, until it goes
    /// to sleep.
    const LOOKS: [u32; 2] = [16, 32];

    /// How often the heir looks before it sleeps again: about as long as it takes to be woken.
    const HEIRS_LOOKS: u32 = 64;

    /// The hints before each of these.
    const HINTS_PER_LOOK: u32 = 16;
}

only_loom! {
    // Without hints: each gives way to another thread, which a model tries out by itself, and to come
    // back costs it a preemption.
    const LOOKS: [u32; 1] = [0];
    const HEIRS_LOOKS: u32 = 1;
    const HINTS_PER_LOOK: u32 = 0;
}

/// A lock of four bytes whose waiters sleep in the operating system and are not overtaken for ever.
///
/// As [`FutexLock`](crate::os::FutexLock) it lets whoever runs take a free lock: a lock that went to
/// sleepers only would make each holder wait for the next one's wake-up. But who leaves it while others
/// sleep wakes one of them, and that one is overtaken a bounded number of times.
///
/// Uncontended, locking is one read-modify-write and unlocking one compare-exchange, without a system
/// call. It may be released on another thread than the one that took it. Signal handlers must not take
/// a lock that the interrupted code may hold.
///
/// # The bound
///
/// Where the operating system says how many threads a wake has woken (Linux and Android):
///
/// - While threads sleep, the first holder that leaves wakes one. Until that one is here, **2048
///   times** the lock may be left to anybody; then it is kept for it.
/// - Once it is here and finds the lock held it is the *heir*: nobody overtakes it any more. The holder
///   leaves the lock to it.
///
/// So of 2050 holders in a row one at least had slept, and a thread with `n` sleepers before it
/// waits for at most `2050 · (n + 1)` holders. "Before" is the operating system's order of waking: Linux
/// wakes by priority and then by the time of falling asleep; a heir that the holder lets wait until it
/// sleeps again may give its turn to another sleeper.
///
/// Elsewhere the first rule has no number: a waiter is overtaken while it is on its way. The second
/// one holds.
///
/// # How it waits
///
/// ```text
///   ┌─────────┐  held    ┌────────┐ woken by a holder ┌─────────┐  held   ┌──────┐
///   │ arrives │ ───────► │ asleep │ ────────────────► │ on its  │ ──────► │ heir │ ◄─┐ looks,
///   └─────────┘          └────────┘ that leaves       │ way     │         └──────┘ ──┘ sleeps
///        │ free                                       └─────────┘             │
///        ▼                                  free, or kept  │                  │ handed over
///   ┌────────┐ ◄───────────────────────────────────────────┘                  │
///   │ holder │ ◄──────────────────────────────────────────────────────────────┘
///   └────────┘
/// ```
///
/// A lock that is handed over stays locked for everybody else. It is handed over only where somebody
/// will take it: to the heir, or to one that a wake has counted.
///
/// # Capacity
///
/// 32,767 waiters can be counted. Threads beyond that do not sleep but yield until there is room: they
/// are not part of the bound.
///
/// # Invariants
///
/// - There is one heir at most that holds the flag; a waiter that lost it to somebody who took the lock
///   in its place is one of the others.
/// - `NOMINATING` is set by the holder before it wakes and cleared when it leaves, or before by who goes
///   to sleep, has been woken or gives up. If it is still set after a wake that found nobody, all waiters
///   are about to sleep on a word that is not this one, and will look at it again; or, where the platform
///   does not count, one has been woken and will.
/// - `WOKEN` follows it if the wake has counted one, which clears it when it is here. (Who counts wakes,
///   Linux, never tells the one that was counted that its time is up instead.)
/// - `HANDED` is set in a word that has an heir, who takes the lock unless another woken waiter has; or
///   `WOKEN`, whose waiter does the same.
/// - So if the lock is free or handed over and threads wait, one of them is awake or being woken, or all
///   are about to sleep on a word that is not this one.
///
/// Source: the waiter that is woken and competes, and is given the lock in the end, is that of WebKit's
/// `WTF::Lock` (F. Pizlo, "Locking in WebKit", 2016), which asks a clock when the end has come, where this
/// one counts. The heir is ours.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, os::FairLock};
///
/// static JOBS: Mutex<Vec<u8>, FairLock> = Mutex::new_with_raw_mutex(Vec::new(), FairLock::new());
/// JOBS.lock().push(7);
/// ```
#[derive(Debug)]
pub struct FairLock {
    word: Word,
}

// === impl FairLock ===

impl FairLock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self { word: Word::new() }
        }
    }

    /// Looks a few times, and sleeps then; false if the deadline came first.
    #[cold]
    fn lock_contended(&self, deadline: Deadline) -> bool {
        for hints in LOOKS {
            if !self.word.has_no_waiters() {
                break;
            }
            pause(hints);
            if !self.word.is_locked() && self.word.try_lock() {
                return true;
            }
        }
        loop {
            match self.word.arrive() {
                Arrival::Locked => return true,
                Arrival::Wait => return self.wait(deadline),
                Arrival::Full if deadline.has_passed() => return false,
                Arrival::Full => thread::yield_now(),
            }
        }
    }

    /// A waiter's part.
    fn wait(&self, deadline: Deadline) -> bool {
        let mut heir = false;
        loop {
            let asleep = match self.word.prepare_sleep(heir) {
                Bed::Locked => return true,
                Bed::Sleep(state) => state.bits(),
            };
            match pintle_park::wait_until(self.word.as_atomic(), asleep, deadline) {
                WaitOutcome::TimedOut => return self.word.give_up(heir),
                WaitOutcome::Mismatch => {}
                _ => match self.word.wake_up(heir) {
                    Awake::Locked => return true,
                    Awake::Wait => heir = false,
                    Awake::Heir if self.wait_for_inheritance() => return true,
                    Awake::Heir => heir = true,
                },
            }
        }
    }

    /// The heir's part: true with the lock, and false if it has to sleep.
    fn wait_for_inheritance(&self) -> bool {
        for _ in 0..HEIRS_LOOKS {
            if self.word.inherit() {
                return true;
            }
            pause(HINTS_PER_LOOK);
        }
        false
    }

    /// Leaves the lock to the others.
    #[cold]
    #[inline(never)]
    fn unlock_contended(&self) {
        // From a step that says that the lock is left another thread may take it and free it: the
        // wake-up after it has the address only.
        let address: *const AtomicU32 = self.word.as_atomic();
        let mut woken = Nomination::NotTried;
        loop {
            match self.word.leave(woken) {
                Exit::Left => return,
                Exit::Wake => {
                    pintle_park::wake_one(address);
                    return;
                }
                Exit::Nominate => {
                    woken = match pintle_park::wake(address, 1) {
                        WakeOutcome::Count(1..) => Nomination::OneWoken,
                        _ => Nomination::NobodySlept,
                    };
                }
            }
        }
    }
}

// SAFETY: `LOCKED` is set by one who found it clear, in one step, and stays until the holder clears it;
// or it stays set with `HANDED`, which one finds and clears. Who returns from `lock`, or from `try_lock`
// with true, is that one.
unsafe impl RawMutex for FairLock {
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

    #[inline]
    unsafe fn unlock(&self) {
        if !self.word.leave_alone() {
            self.unlock_contended();
        }
    }

    #[inline]
    fn is_locked(&self) -> bool {
        self.word.is_locked()
    }
}

// SAFETY: true comes from where `lock` returns, or from `try_lock`.
unsafe impl RawMutexTimed for FairLock {
    #[inline]
    fn try_lock_until(&self, deadline: Deadline) -> bool {
        self.word.try_lock() || (!deadline.has_passed() && self.lock_contended(deadline))
    }
}

impl Default for FairLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for FairLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
