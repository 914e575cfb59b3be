use pintle_core::{
    atomic::{
        AtomicU32, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release, SeqCst},
        fence,
    },
    const_fn,
};
use pintle_park::{Deadline, wait_until, wake_all};

/// Where threads sleep until what they have looked at changes.
///
/// ```text
///   who sleeps                             who changes something
///     listen: listeners += 1; fence          the change
///     key = epoch                            epoch += 1; fence
///     the look                               if listeners > 0: wake all
///     sleep while epoch == key
/// ```
///
/// No wake-up is lost. If the key has the epoch of the change, the look, which comes after, sees the change. If not, then
/// of the two fences that of the sleeper is first, so the other side sees the listener and wakes; and whoever is
/// not asleep yet finds another epoch than its key. (It would have to be interrupted there for just 2^32 changes.)
///
/// It has no lock and no owner, so a thread that is not there any more, in the child of a fork, has left it whole. (So has
/// the system that sleeps on words. Where `pintle_park` has a table for it, a thread may have been in that.)
///
/// Source: D. Vyukov, *Eventcounts*, 2008; D. Reed, R. Kanodia, *Synchronization with Eventcounts and Sequencers*,
/// CACM 1979.
pub(super) struct EventCount {
    epoch: AtomicU32,
    listeners: AtomicUsize,
}

/// A thread that is counted as one that may sleep.
pub(super) struct Listener<'a> {
    events: &'a EventCount,
}

/// The epoch before a look.
#[derive(Clone, Copy)]
pub(super) struct Key(u32);

// === impl EventCount ===

impl EventCount {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                epoch: AtomicU32::new(0),
                listeners: AtomicUsize::new(0),
            }
        }
    }

    pub(super) fn listen(&self) -> Listener<'_> {
        self.listeners.fetch_add(1, Relaxed);
        // Pairs with the fence in `notify`: that sees the listener, or each key from now on sees that epoch.
        fence(SeqCst);
        Listener { events: self }
    }

    /// Wakes all that sleep with a key of before.
    pub(super) fn notify(&self) {
        // Release pairs with the Acquire in `key`: who looks after that sees what was changed before this.
        self.epoch.fetch_add(1, Release);
        // Pairs with the fence in `listen`.
        fence(SeqCst);
        if self.listeners.load(Relaxed) > 0 {
            wake_all(&raw const self.epoch);
        }
    }

    /// In the child of a fork nobody listens. For its only thread.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(super) fn forget_all(&self) {
        self.listeners.store(0, Relaxed);
    }
}

// === impl Listener ===

impl Listener<'_> {
    /// To be taken before the look whose outcome decides whether to sleep.
    pub(super) fn key(&self) -> Key {
        // Acquire pairs with the Release in `notify`.
        Key(self.events.epoch.load(Acquire))
    }

    /// Sleeps until something has changed since `key`, which it may have already; until `deadline` at the latest; or for
    /// no reason.
    pub(super) fn sleep(&self, key: Key, deadline: Deadline) {
        // Why it has ended is no matter: the caller looks.
        let _ = wait_until(&self.events.epoch, key.0, deadline);
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        // Relaxed: who sees it late wakes in vain.
        self.events.listeners.fetch_sub(1, Relaxed);
    }
}
