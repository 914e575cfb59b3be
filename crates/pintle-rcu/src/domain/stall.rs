use super::{Barrier, Domain, Slot};
use core::{fmt, time::Duration};

/// A reader that has kept a writer waiting for long; what the [hook](super::Domain::set_stall_hook) is told.
#[derive(Clone, Copy, Debug)]
pub struct Stall {
    reader: &'static Slot,
    waited: Duration,
}

// === impl Stall ===

impl Stall {
    fn new(reader: &'static Slot, waited: Duration) -> Self {
        Self { reader, waited }
    }

    /// The reader whose section is waited for. (There may be more; this is the one that is waited for first.)
    ///
    /// Its [label](Slot::label) says whose it is: of a domain of threads the number that the operating system knows
    /// the thread by.
    #[must_use]
    pub fn reader(&self) -> &'static Slot {
        self.reader
    }

    /// For how long, at least: of the writer that reports it, since it went to sleep.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the read section of reader {} has kept a writer waiting for {:?}",
            self.reader.label(),
            self.waited,
        )
    }
}

// === impl Domain ===

impl<B: Barrier> Domain<B> {
    /// The slot that the grace period under way is waiting for, or `None` if there is none, or a writer is
    /// at work right now.
    ///
    /// For who finds that a grace period takes too long, by a clock of its own: a kernel's writers, tasks that await
    /// [`grace_period`](Self::grace_period), a watchdog. [`Slot::label`] says whose it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_rcu::domain::{Domain, Slot};
    ///
    /// static DOMAIN: Domain = Domain::new();
    /// static CORE: Slot = Slot::new();
    ///
    /// let reader = DOMAIN.reader(&CORE).unwrap();
    /// CORE.set_label(3);
    /// let section = reader.enter();
    /// let cookie = DOMAIN.start_poll();
    /// assert!(!DOMAIN.poll(cookie));
    /// // Later, by the clock:
    /// let stalled = DOMAIN.awaited().map(|slot| slot.label());
    /// assert_eq!(stalled, Some(3));
    /// # drop(section);
    /// ```
    #[must_use]
    pub fn awaited(&self) -> Option<&'static Slot> {
        self.registry.turn_on()?.awaited()
    }

    /// Sets what is called when a reader keeps a writer waiting for long, in the place of what was set before.
    ///
    /// A thread that [waits](Self::wait), asleep, calls it after 10 ms, and then at intervals that double up to 10 s, for
    /// as long as the wait lasts; of several threads that wait at once one does. It learns of a hook when it goes to
    /// sleep, or is woken.
    ///
    /// Who waits without this crate knowing the time does not report: `*_with` and polls, tasks that await
    /// [`grace_period`](Self::grace_period), and threads where there is no operating system. They ask
    /// [`awaited`](Self::awaited).
    ///
    /// The hook runs in the writer, without a lock: it may log, allocate, read, defer, and fork. It must not wait for a grace
    /// period of the same domain, nor for a thread that does (such as for a lock that somebody has who synchronizes): the
    /// other threads that sleep may not get on before it returns. If it panics, so does the writer's wait: then nothing
    /// may be freed.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use pintle_rcu::domain::Domain;
    ///
    /// static DOMAIN: Domain = Domain::new();
    ///
    /// DOMAIN.set_stall_hook(Some(|stall| eprintln!("{stall}")));
    /// ```
    pub fn set_stall_hook(&self, hook: Option<fn(&Stall)>) {
        self.registry.stall_hook.set(hook);
    }

    /// Calls the hook, if there is one and the grace period under way waits for a reader.
    #[allow(dead_code, reason = "for who knows the time")]
    pub(crate) fn report_stall(&self, waited: Duration) {
        if let Some(hook) = self.registry.stall_hook.get() {
            if let Some(reader) = self.awaited() {
                hook(&Stall::new(reader, waited));
            }
        }
    }
}
