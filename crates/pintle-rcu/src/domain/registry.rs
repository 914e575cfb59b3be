use super::{
    Barrier, Cookie, Slot,
    scan::{Manner, Progress, Scan},
    sequence::{Drive, Sequence, Wake},
    sleepers::Sleepers,
    stall_hook::StallHook,
    turn::Turn,
    word::Word,
};
use core::ptr;
use pintle_core::{
    atomic::{
        AtomicBool, AtomicPtr, AtomicUsize,
        Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst},
        fence,
    },
    cell::UnsafeCell,
    const_fn,
};
use pintle_sync::{WaitCell, WaitQueue};

/// What a domain is but for its barrier.
///
/// # Invariants
///
/// 1. `all` is null or points to a `'static` slot that has joined this domain; so does `next` of each slot in
///    that list. A slot in it stays there, and its `next` does not change any more.
/// 2. The same holds for `active` and `next_active`, but that who drives takes slots out.
/// 3. Only a `Turn` looks at `scan`.
pub(super) struct Registry {
    /// What an outermost section writes into its slot's word.
    stamp: AtomicUsize,
    pub(super) sequence: Sequence,
    /// Every slot that has ever joined.
    all: AtomicPtr<Slot>,
    /// The slots at which a grace period looks: all that are not quiescent, and some that are.
    active: AtomicPtr<Slot>,
    /// The grace period under way, for who drives it.
    pub(super) scan: UnsafeCell<Scan>,
    /// One of the tasks that wait is the one whom readers wake.
    pub(super) led: AtomicBool,
    /// The waker of that one.
    pub(super) bell: WaitCell,
    /// The others.
    pub(super) followers: WaitQueue,
    /// The threads that wait.
    pub(super) sleepers: Sleepers,
    pub(super) stall_hook: StallHook,
}

// SAFETY: but for `scan` it is made of what threads share, and of `scan` invariant 3 says that one thread has it
// at a time. What is in it, references to slots, may go from thread to thread.
unsafe impl Sync for Registry {}
// SAFETY: the same.
unsafe impl Send for Registry {}

// === impl Registry ===

impl Registry {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                stamp: AtomicUsize::new(Word::FIRST.bits()),
                sequence: Sequence::new(),
                all: AtomicPtr::new(ptr::null_mut()),
                active: AtomicPtr::new(ptr::null_mut()),
                scan: UnsafeCell::new(Scan::new()),
                led: AtomicBool::new(false),
                bell: WaitCell::new(),
                followers: WaitQueue::new(),
                sleepers: Sleepers::new(),
                stall_hook: StallHook::new(),
            }
        }
    }

    // --- for readers ---

    /// The word of a section that begins now.
    #[inline]
    pub(super) fn stamp(&self) -> Word {
        // Relaxed: nothing is concluded from it but that two different ones are of two sections.
        Word::from_bits(self.stamp.load(Relaxed))
    }

    /// Wakes whoever waits for a section's end: the task that leads, and the threads.
    pub(super) fn ring(&self) {
        self.wake(Wake {
            leader: true,
            followers: false,
        });
    }

    /// Puts a slot on the list of active ones, if it is not there.
    pub(super) fn enlist(&self, slot: &'static Slot) {
        if slot.try_list() {
            push(&self.active, slot, Slot::set_next_active);
        }
    }

    /// Puts a slot, which has joined and is in no list, on the list of all.
    pub(super) fn enroll(&self, slot: &'static Slot) {
        push(&self.all, slot, Slot::set_next);
    }

    /// The first of all slots.
    pub(super) fn first(&self) -> Option<&'static Slot> {
        // Acquire pairs with the Release in `push`: the slot is seen with its `next`.
        let first = self.all.load(Acquire);
        // SAFETY: invariant 1: null or a `'static` slot.
        unsafe { first.as_ref() }
    }

    // --- for the only thread of a forked child ---

    /// Leaves nothing half done by a thread that is not there any more; `own` is the caller's slot, or of no
    /// domain.
    ///
    /// What another thread may have left in the middle: its section; a turn; a slot that says it is listed and has not
    /// been pushed, or is not said to be and has not been taken out. So the list of active slots is made
    /// again, and the grace period under way begins again, under the same number: its cookies are as good as before.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(super) fn after_fork(&self, own: *const Slot) {
        self.sequence.seize();
        self.sleepers.forget_all();
        let mut turn = Turn::new(self);
        turn.begin_again();
        self.active.store(ptr::null_mut(), Relaxed);
        let mut at = self.first();
        while let Some(slot) = at {
            slot.after_fork(ptr::eq(slot, own));
            if !slot.word().is_quiescent() {
                self.enlist(slot);
            }
            at = slot.next();
        }
    }

    // --- for writers ---

    /// Whether the caller is the task that leads from now on.
    pub(super) fn try_lead(&self) -> bool {
        // Acquire pairs with the Release of who has resigned. One that fails must not write: it would do so over
        // the resignation.
        self.led
            .compare_exchange(false, true, Acquire, Relaxed)
            .is_ok()
    }

    /// Whether a task leads, as far as this thread has seen.
    pub(super) fn is_led(&self) -> bool {
        self.led.load(Relaxed)
    }

    /// Goes on towards the grace period of `cookie` as far as it gets without waiting, or to the end of the one
    /// before.
    pub(super) fn drive<B: Barrier>(
        &self,
        barrier: &B,
        cookie: Cookie,
        manner: Manner,
    ) -> Progress {
        match self.sequence.drive(cookie, manner != Manner::Looks) {
            Drive::Drives => Turn::new(self).advance(barrier, manner),
            Drive::IsDriven => Progress::Waiting,
            Drive::Over => Progress::Over,
        }
    }

    /// A turn in the grace period under way, if there is one and nobody drives it.
    pub(super) fn turn_on(&self) -> Option<Turn<'_>> {
        self.sequence.drive_on().then(|| Turn::new(self))
    }

    /// A cookie of now, and a turn if nobody has one.
    pub(super) fn join(&self) -> (Cookie, Option<Turn<'_>>) {
        let (cookie, drives) = self.sequence.join();
        (cookie, drives.then(|| Turn::new(self)))
    }

    pub(super) fn wake(&self, wake: Wake) {
        if wake.leader || wake.followers {
            // Threads do not tell the two apart.
            self.sleepers.wake_all();
        }
        let _followers = wake.followers.then(|| Followers(&self.followers));
        if wake.leader {
            self.bell.wake();
        }
    }

    // --- for who drives ---

    /// Gives the sections that begin from now on another word.
    pub(super) fn change_stamp(&self) {
        // Relaxed: see `stamp`. Nobody else stores.
        self.stamp.store(self.stamp().next_stamp().bits(), Relaxed);
    }

    /// The first of the active slots.
    pub(super) fn first_active(&self) -> Option<&'static Slot> {
        // Acquire pairs with the Release in `push`: the slot is seen with its `next_active`.
        let first = self.active.load(Acquire);
        // SAFETY: invariant 2: null or a `'static` slot.
        unsafe { first.as_ref() }
    }

    /// The active slot after `slot`.
    pub(super) fn next_active(&self, slot: &Slot) -> Option<&'static Slot> {
        let next = slot.next_active();
        // SAFETY: invariant 2: null or a `'static` slot.
        unsafe { next.as_ref() }
    }

    /// Whether a slot is not quiescent.
    pub(super) fn has_restless(&self) -> bool {
        let mut at = self.first_active();
        while let Some(slot) = at {
            if !slot.word().is_quiescent() {
                return true;
            }
            at = self.next_active(slot);
        }
        false
    }

    /// Makes each slot ring that is not quiescent; false if all are.
    pub(super) fn make_restless_ring(&self) -> bool {
        let mut any = false;
        let mut at = self.first_active();
        while let Some(slot) = at {
            if !slot.word().is_quiescent() {
                slot.set_ringing();
                any = true;
            }
            at = self.next_active(slot);
        }
        any
    }

    /// Takes an active slot off the list, whose `word` was quiescent; `before` is the one before it. False if
    /// it stays: since somebody has pushed another in front of it.
    pub(super) fn retire(&self, slot: &'static Slot, word: Word, before: Option<&Slot>) -> bool {
        let next = slot.next_active();
        match before {
            // Only who drives changes it, once the slot is in the list.
            Some(before) => before.set_next_active(next),
            None => {
                let this = ptr::from_ref(slot).cast_mut();
                // Relaxed: `next` was published before, and read by an Acquire on the way here... or by this
                // very load's predecessor. No slot comes into the list a second time while we have the scan.
                if self
                    .active
                    .compare_exchange(this, next, AcqRel, Relaxed)
                    .is_err()
                {
                    return false;
                }
            }
        }
        slot.unlist();
        // Pairs with the fence in `Slot::enter_slow`: either that reader sees the slot unlisted and lists it, or
        // we see its word here and do.
        fence(SeqCst);
        if slot.word() != word {
            self.enlist(slot);
        }
        true
    }
}

/// Wakes the tasks that follow, when it is dropped: also while the panic of the leader's waker unwinds.
struct Followers<'a>(&'a WaitQueue);

impl Drop for Followers<'_> {
    fn drop(&mut self) {
        self.0.wake_all();
    }
}

/// Puts `slot` in front of a list. `link` sets what comes after it.
fn push(list: &AtomicPtr<Slot>, slot: &'static Slot, link: fn(&Slot, *mut Slot)) {
    let mut first = list.load(Relaxed);
    loop {
        link(slot, first);
        // Release pairs with the Acquire in `first` and `first_active`.
        match list.compare_exchange_weak(first, ptr::from_ref(slot).cast_mut(), Release, Relaxed) {
            Ok(_) => return,
            Err(now) => first = now,
        }
    }
}
