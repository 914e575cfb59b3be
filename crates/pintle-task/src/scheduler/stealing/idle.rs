//! Who sleeps, who searches, and whom to wake.

use super::slot::Slot;
use core::fmt;
use pintle_bitfield::bitfield;
use pintle_core::{
    atomic::{
        AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, SeqCst},
        fence,
    },
    const_fn,
};

bitfield! {
    /// What [`Idle`] counts. Each count has 8 bits on 16-bit targets, 16 on 32-bit and 32 on 64-bit
    /// ones, and no more than there are workers, which are that many at most.
    #[derive(PartialEq, Eq)]
    struct Counts<usize> {
        /// Workers that look for work, and those that were told to and do not know yet.
        const SEARCHING = [0..HALF];
        /// Workers that nobody has chosen to wake, among those that have said that they sleep.
        const SLEEPING = [HALF..usize::BITS];
    }
}

const HALF: u32 = usize::BITS / 2;
const ONE_SEARCHING: usize = Counts::SEARCHING.first_bit();
const ONE_SLEEPING: usize = Counts::SLEEPING.first_bit();

/// How many workers can be counted.
pub(super) const MAX_WORKERS: usize = usize::MAX >> HALF;

/// The workers that have nothing to do.
///
/// # The protocol
///
/// Who has queued a task calls [`notify`](Self::notify), which wakes a sleeping worker, unless one is
/// searching: that one will find the task. Three rules make sure that somebody does.
///
/// 1. **Who stops to search, or falls asleep, looks once more.** It says so first, in its slot and then in
///    the counts; and if it finds work after that it notifies, preferably itself.
///
///    ```text
///        push:   queue ──▶ fence ──▶ look at the counts
///        stop:   counts ──▶ fence ──▶ look at the queues
///    ```
///
///    Both fences are `SeqCst`, so one of the two sees what the other wrote before its own: a push
///    that comes too early to see the last searcher leave is not missed by that one's last look.
/// 2. **Who finds work while it searches, and is the last one, notifies**: there may be more. So does who
///    takes several tasks from the injector without searching: on their way to its ring
///    nobody sees them.
/// 3. **Who notifies takes a sleeper off the count first**, and only then chooses which. There is one for
///    it to find, as a slot says that it sleeps before the count does: of the slots that say so
///    there are always as many as are counted, and one for each who is about to choose.
///
/// So at most one worker is woken for all tasks that are queued until it has found the first of them.
/// It then wakes the next: as many run as there is work for, and none is woken in vain by the crowd.
///
/// Source: the protocol of tokio's multi-threaded scheduler, which has it from Go's (runtime/proc.go,
/// "Worker thread parking/unparking").
pub(super) struct Idle(AtomicUsize);

// === impl Idle ===

impl Idle {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    /// Wakes a worker, if one sleeps and none is searching. A task has just been queued.
    #[inline]
    pub(super) fn notify(&self, slots: &[Slot]) {
        if self.should_notify() {
            self.wake_one(slots, 0);
        }
    }

    /// Wakes every worker that sleeps, whoever searches.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    pub(super) fn wake_all(&self, slots: &[Slot]) {
        // SeqCst: pairs with the fence in `look_again`, after which who falls asleep looks for the reason of
        // this.
        fence(SeqCst);
        while self.take_sleeper(false) {
            Self::choose(slots, 0);
        }
    }

    #[inline]
    fn should_notify(&self) -> bool {
        // SeqCst: pairs with the fence in `look_again`.
        fence(SeqCst);
        let counts = Counts::from_bits(self.0.load(Relaxed));
        counts.get(Counts::SEARCHING) == 0 && counts.get(Counts::SLEEPING) != 0
    }

    #[cold]
    fn wake_one(&self, slots: &[Slot], first: usize) {
        if self.take_sleeper(true) {
            Self::choose(slots, first);
        }
    }

    /// Wakes a worker that the caller has taken off the count.
    fn choose(slots: &[Slot], first: usize) {
        // By rule 3 there is one. Others who choose may be ahead of this, so it may take a second turn.
        let mut index = first;
        while !slots[index].try_wake() {
            index = (index + 1) % slots.len();
        }
    }

    /// Turns a sleeper in the counts into a searcher: whom, the caller has to choose now.
    fn take_sleeper(&self, if_nobody_searches: bool) -> bool {
        let taken = self.0.fetch_update(AcqRel, Relaxed, |word| {
            let counts = Counts::from_bits(word);
            let enough = if_nobody_searches && counts.get(Counts::SEARCHING) != 0;
            (!enough && counts.get(Counts::SLEEPING) != 0)
                .then(|| word - ONE_SLEEPING + ONE_SEARCHING)
        });
        taken.is_ok()
    }

    /// Counts the caller among the searchers, unless half of the workers are.
    pub(super) fn try_search(&self, workers: usize) -> bool {
        let counts = Counts::from_bits(self.0.load(Relaxed));
        let is_allowed = 2 * counts.get(Counts::SEARCHING) < workers;
        if is_allowed {
            self.0.fetch_add(ONE_SEARCHING, AcqRel);
        }
        is_allowed
    }

    /// Ends the search of a worker that has found something.
    pub(super) fn stop_searching(&self, slots: &[Slot]) {
        let before = Counts::from_bits(self.0.fetch_sub(ONE_SEARCHING, AcqRel));
        if before.get(Counts::SEARCHING) == 1 {
            self.notify(slots);
        }
    }

    /// Ends the search of a worker that has found nothing. Then it looks once more, by `has_work`, and
    /// wakes somebody if there is something.
    pub(super) fn give_up(&self, slots: &[Slot], has_work: impl FnOnce() -> bool) {
        self.0.fetch_sub(ONE_SEARCHING, AcqRel);
        self.look_again(slots, 0, has_work);
    }

    /// Counts the caller, which does not search, among the sleepers. Its slot says so already, and holds
    /// its waker. Then it looks once more, by `has_work`, and wakes somebody if there is something.
    pub(super) fn fall_asleep(&self, slots: &[Slot], me: usize, has_work: impl FnOnce() -> bool) {
        // Release: the slot's state comes before the count of it.
        self.0.fetch_add(ONE_SLEEPING, AcqRel);
        self.look_again(slots, me, has_work);
    }

    fn look_again(&self, slots: &[Slot], first: usize, has_work: impl FnOnce() -> bool) {
        // SeqCst: pairs with the fence in `should_notify`.
        fence(SeqCst);
        if has_work() && self.should_notify() {
            self.wake_one(slots, first);
        }
    }

    /// Wakes the caller, whose slot says that it sleeps, though nobody has asked for it. It
    /// searches afterwards.
    pub(super) fn wake_up(&self, me: &Slot) {
        loop {
            if self.take_sleeper(false) {
                if !me.try_wake_silently() {
                    // Somebody else has chosen it, too: there is one sleeper more than it took.
                    self.0
                        .fetch_add(ONE_SLEEPING.wrapping_sub(ONE_SEARCHING), AcqRel);
                }
                return;
            }
            if !me.is_asleep() {
                return;
            }
            // Somebody has taken this worker off the count, and chooses it just now.
            pintle_core::thread::yield_now();
        }
    }
}

impl fmt::Debug for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = Counts::from_bits(self.0.load(Acquire));
        f.debug_struct("Idle")
            .field("searching", &counts.get(Counts::SEARCHING))
            .field("sleeping", &counts.get(Counts::SLEEPING))
            .finish()
    }
}
