use super::{
    Barrier, Cookie, Domain,
    event_count::EventCount,
    scan::{Manner, Progress},
    stall_watch::StallWatch,
};
use core::time::Duration;
use pintle_core::{
    atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed, Release},
    },
    const_fn,
};
use pintle_park::Deadline;

/// The threads that sleep until a grace period is over.
///
/// One of them is *on duty*: it drives, is woken by the reader that it waits for, and looks at the clock. The others are
/// woken when a grace period is over, or the duty is free.
///
/// # Naps
///
/// Who comes into a grace period that was begun without flags sets them, and makes no heavy barrier for it: so however many
/// writers sleep, a grace period costs one. A section that ends in just that instant may miss the flag (its reader
/// has looked for it before, and the store that ends the section is still on its way). So the thread on duty looks again
/// after a millisecond; and then, as nothing says how long such a store may take, after longer times, a tenth of a
/// second at most.
///
/// # Invariants
///
/// Who has changed `on_duty` from false to true changes it back, and notifies.
pub(super) struct Sleepers {
    events: EventCount,
    on_duty: AtomicBool,
}

const SHORTEST_NAP: Duration = Duration::from_millis(1);
const LONGEST_NAP: Duration = Duration::from_millis(100);

/// The duty of one thread.
struct Duty<'a>(&'a Sleepers);

// === impl Sleepers ===

impl Sleepers {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                events: EventCount::new(),
                on_duty: AtomicBool::new(false),
            }
        }
    }

    /// Wakes them all, after something was done that one of them may wait for.
    pub(super) fn wake_all(&self) {
        self.events.notify();
    }

    /// In the child of a fork there are none. For its only thread. (Which, if it forks in its hook, still takes itself for
    /// the one on duty: two of them find each other driving, and no more.)
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(super) fn forget_all(&self) {
        self.events.forget_all();
        self.on_duty.store(false, Relaxed);
    }

    /// Sleeps until the grace period of `cookie` is over. These are the sleepers of `domain`.
    #[cold]
    pub(super) fn sleep<B: Barrier>(&self, domain: &Domain<B>, cookie: Cookie) {
        let registry = domain.registry();
        let mut duty = None;
        let mut watch: Option<Watch> = None;
        let mut nap = SHORTEST_NAP;
        loop {
            // Dropped before the duty is, so that who leaves it does not count as one who listens.
            let listener = self.events.listen();
            let key = listener.key();
            // Before the look: who ends a grace period after it notifies, as somebody follows.
            if !registry.sequence.follow(cookie) {
                return;
            }
            if duty.is_none() {
                duty = self.try_duty();
            }
            let mut deadline = Deadline::NEVER;
            if duty.is_some() {
                match registry.drive(domain.barrier(), cookie, Manner::Naps) {
                    Progress::Over => continue,
                    Progress::Waiting => {}
                    Progress::Unheard => {
                        deadline = Deadline::after(nap);
                        nap = nap.saturating_mul(2).min(LONGEST_NAP);
                    }
                }
                if registry.stall_hook.is_set() {
                    let watch = watch.get_or_insert_with(Watch::new);
                    if watch.deadline.has_passed() {
                        // The hook may fork, and in the child nobody is counted as one who listens.
                        drop(listener);
                        domain.report_stall(watch.of.waited());
                        watch.go_on();
                        continue;
                    }
                    deadline = deadline.min(watch.deadline);
                }
            }
            listener.sleep(key, deadline);
        }
    }

    fn try_duty(&self) -> Option<Duty<'_>> {
        // Acquire pairs with the Release in `Duty::drop`. One that fails has read the flag after its key, and so is woken
        // by who leaves.
        self.on_duty
            .compare_exchange(false, true, Acquire, Relaxed)
            .is_ok()
            .then(|| Duty(self))
    }
}

impl Drop for Duty<'_> {
    fn drop(&mut self) {
        // Release pairs with the Acquire in `try_duty`.
        self.0.on_duty.store(false, Release);
        self.0.wake_all();
    }
}

/// A stall watch by the clock.
struct Watch {
    of: StallWatch,
    deadline: Deadline,
}

// === impl Watch ===

impl Watch {
    fn new() -> Self {
        let of = StallWatch::of_threads();
        Self {
            deadline: Deadline::after(of.interval()),
            of,
        }
    }

    fn go_on(&mut self) {
        self.of.advance();
        self.deadline = Deadline::after(self.of.interval());
    }
}
