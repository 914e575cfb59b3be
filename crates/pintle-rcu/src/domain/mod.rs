//! The algorithm: domains over slots and a barrier that the caller brings.
//!
//! `global` (feature `std`) is this with a slot per thread. A kernel has a [`Slot`] per core, an
//! interrupt handler one of its own, firmware a few in statics:
//!
//! ```
//! use pintle_rcu::domain::{Domain, Slot};
//!
//! static DOMAIN: Domain = Domain::new();
//! static CORES: [Slot; 2] = [Slot::new(), Slot::new()];
//!
//! let reader = DOMAIN.reader(&CORES[0]).expect("each core takes its slot once");
//! let value = reader.run(|| {
//!     // Loads pointers that a writer may replace.
//!     7
//! });
//! reader.synchronize();
//! // Whatever had been replaced before can be freed now.
//! # assert_eq!(value, 7);
//! ```
//!
//! # The parts
//!
//! ```text
//!   Domain ─ all ────▶ Slot ─ next ──▶ Slot ─ next ──▶ Slot ─▶ ∅          only ever pushed at the front
//!     │                 ▲ word                          ▲                   written by its reader, read by writers
//!     ├─ active ────────┴─ next_active ─────────────────┴─▶ ∅             those that a grace period looks at
//!     ├─ stamp             what a section writes into its word
//!     ├─ sequence          grace periods that are over; one under way; who drives it
//!     └─ scan              the one under way: where it looks next
//! ```
//!
//! Slots are `'static` and never leave the list of all, so a reader joins without waiting. A slot that is given back
//! is taken by the next reader. The list of active slots is what writers walk: a reader pushes its slot when it comes
//! out of quiescence and is not there, and a writer takes out those that have been quiescent for a grace period. So
//! readers that sleep cost a grace period nothing.
//!
//! # The word of a slot
//!
//! ```text
//!                enter (full fence)             enter (light barrier)
//!   QUIESCENT ────────────────────▶ INSIDE ◀──────────────────────── OUTSIDE
//!       ▲                            │  ▲ │ nested enter, exit          ▲ │
//!       │                            │  └─┘ checkpoint                  │ │
//!       │                            └─────────────── exit ─────────────┘ │
//!       └──────────────────────────── quiesce ────────────────────────────┘
//! ```
//!
//! Only the reader stores to it. The low half of the word is how many sections run within each other, and whether the
//! reader is quiescent; the high half is the *stamp* that the domain had when the outermost began. A writer
//! changes the stamp, so that sections which begin later look different from the one it waits for.
//! **Nothing is concluded from a stamp but that two different ones are of two sections**; two sections with the same one
//! make a writer wait longer, and nothing else. So it may wrap, and be loaded late.
//!
//! An outermost `enter` copies the stamp instead of counting, so no load waits for the store of the section before: that
//! is most of what makes a section cheap.
//!
//! # A grace period
//!
//! One at a time in a domain. Whoever holds the sequence *drives* it; it may leave when it would have to wait, and anybody
//! may go on. In the order of [`Domain::synchronize`]:
//!
//! 1. Change the stamp.
//! 2. If a slot is not quiescent go to 3. If all are: `fence(SeqCst)`, and look again; if all are still quiescent, skip 3
//!    and 4.
//! 3. The [heavy](Barrier::heavy) barrier, one time.
//! 4. Look at each active slot and remember the word of those that are inside. If one has the new stamp already,
//!    change the stamp once more.
//! 5. For each that is remembered: wait until it is outside, or has another stamp.
//! 6. Count the grace period in the sequence.
//!
//! # Writers share
//!
//! A [`Cookie`] is the number of the first grace period that begins after it was taken: the next one, or the one after
//! that if one is under way. Everybody who waits has a cookie, and all with the same one wait for the same grace period. So
//! however many writers come at once, two grace periods serve them.
//!
//! # Why it is sound
//!
//! To be shown: let a writer unlink something (a store `U`), then wait for a grace period, then free it (`F`).
//! Let a reader, in a section, load the link (`L`). If `L` still sees what was before `U`, then the
//! whole section happens before `F`.
//!
//! In the outermost `enter` the reader stores the word (`E`), makes a barrier `X`, and
//! then comes `L`. Before the grace period comes `U`; the driver makes a barrier `H`, and then loads the word (`S`).
//!
//! - **`U` happens before `H`**, also if another thread drives. Every change of the sequence is a read-modify-write, and
//!   so is taking a cookie, with `Release`. The grace period of that cookie begins by a later one, with `Acquire`, and
//!   no other store breaks the chain between.
//! - **Either `S` sees `E` or what came after it in the word, or `L` sees `U`** ("store buffering").
//!   *Fences on both sides:* `X` and `H` are `fence(SeqCst)`, so one is first in their total
//!   order. If it is `X`, what comes before `X` (`E`) is seen by what comes after `H` (`S`). If it
//!   is `H`, `U` is seen by `L`. *The process-wide barrier:* `H` strikes the reader's thread
//!   between two instructions. If that is after `E`, then `E` is out before `H` returns, and `S`
//!   sees it. Else `L` is made after the strike and sees `U`, which was out before; that `L` comes
//!   after `E` in the machine code is what `X`, then a compiler fence, is for. *Which of the two* is
//!   decided once for the process ([`pintle_park::barrier`]), before a slot joins; where it is fences the slot says so,
//!   and its reader makes them ([`Barrier::readers_fence`]).
//! - **If `L` does not see `U`, the writer waits.** By the above `S` sees `E`, so it waits until the
//!   section is seen to be over; or something later, and then it is over already.
//! - **What it then sees orders memory.** Every store to the word has `Release`, every load by a
//!   writer `Acquire`. The value that ends the wait was stored by the exit of that section or later.
//!   It was stored by the same reader, or by a later one, to whom `taken` was passed on by a
//!   `Release` store and an `Acquire` swap. So the section happens before the load, that before step 6 (of the same
//!   driver, or of a later one who acquired the sequence), and that, `Release`, before whoever reads there,
//!   `Acquire`, that it is over; and so before `F`. (`enter` needs its `Release` for the same reason: a writer may see the
//!   next `enter` and never the exit. That store heads no release sequence of the exit's.)
//!
//! **Skipping the heavy barrier** (step 2). Let all slots be seen `QUIESCENT` after the driver's
//! `fence(SeqCst)`, `H'`. A reader whose section might matter left `QUIESCENT` at an `enter` that
//! made a full fence `X'` after its store `E'`, even if the section itself came later with a light
//! one. The driver saw a value older than `E'`, so `X'` is not before `H'`; so `H'` is before `X'`,
//! and all loads after `X'` see `U`. (If the value was newer than the section, the section is
//! over and ordered as above.) That is why there must be a fence before the look and why a slot that
//! is merely `OUTSIDE` does not count. The look before the fence decides nothing but that the heavy barrier is made.
//!
//! **A reader that joins, or comes back to the list,** pushes its slot and makes a full fence after it, in an `enter` out
//! of quiescence. So the push takes the part of `E'`, and the load of the list's head after
//! `H'` that of the look: either the driver finds the slot, or the reader sees `U`, in this section and
//! in all later ones.
//!
//! **A slot that is taken off the list.** The driver takes it out, says so in `listed`, makes a `fence(SeqCst)`, and looks
//! at the word again. The reader stores its word, makes its full fence, and looks at `listed`. So at least one of them
//! sees the other, and whoever changes `listed` back, by a read-modify-write, pushes the slot.
//!
//! # A writer that sleeps
//!
//! [`Domain::grace_period`] is woken by the reader it waits for. Before the heavy barrier the driver sets a flag in each slot
//! that is not quiescent (`A`), and after it looks at the word (`S`). The reader that exits stores the word (`E`), makes the light
//! barrier, and loads the flag (`T`). It is the same store buffering: either `S` sees `E`, and the section need not be
//! waited for; or `T` sees `A`, and the reader wakes. **So the one heavy barrier serves both**, and an
//! exit has to load one word of its own slot. The flag stays until the driver sees the section over, so that no later
//! look can miss. A grace period that was begun by a writer that does not sleep has no flags; the first that sleeps
//! sets them, and makes a barrier of its own for it.
//!
//! A writer that looks may take the flag away between `E` and `T`. So whoever finishes a grace period for which somebody
//! has slept, without having slept itself, wakes.
//!
//! A reader wakes one task, which *leads*, by a cell without a lock. Those that wait besides *follow*, in a
//! queue, and are woken when a grace period is over, or the leader has gone: then one of them leads.
//!
//! Threads that sleep ([`Domain::synchronize`]) do the same by an event count, which needs neither a lock nor an allocation
//! and has no owner: one of them is *on duty*, as a leader is. The task that leads and the thread on duty both drive. Who
//! finds the other at it says so in the sequence, and is woken when that leaves. What is written above about the flag holds
//! for a thread with its epoch in the place of the waker: it takes the epoch before it looks at the word (`S`), and the
//! reader changes it after it has seen the flag (`T`). But that a thread, which can look again after a while, makes no heavy
//! barrier for flags that it sets late.
//!
//! # In the child of a fork
//!
//! (For scopes of threads, by `after_fork`, before anything else runs in it.) What the other
//! threads were at has stopped between two instructions. Their slots become quiescent and free: nobody is left to
//! use what they have loaded. The list of active slots may lack one that says `listed`, so it is made again from
//! the list of all, of which a push is one store. The grace period under way begins again with step 1: the
//! number that its cookies have is counted later than it would have been, never earlier. Nobody is on duty, and no thread
//! sleeps. (The tasks' cell and queue are left alone: their locks and wakers may be those of threads that are gone.)
//!
//! # How it is checked
//!
//! loom checks all but forks with fences (`tests/loom`), two domains whose light barrier is left out
//! included, which must fail: one where it begins sections and one where it ends them. `tests/stress` runs it over the real
//! process-wide barrier.

mod barrier;
mod cookie;
#[cfg(any(target_os = "linux", target_os = "android", feature = "std"))]
mod event_count;
mod grace_period;
mod reader;
mod registry;
mod scan;
mod section;
mod sequence;
#[cfg(any(target_os = "linux", target_os = "android", feature = "std"))]
mod sleepers;
#[cfg(not(any(target_os = "linux", target_os = "android", feature = "std")))]
#[path = "no_sleepers.rs"]
mod sleepers;
mod slot;
mod slot_taken;
mod stall;
mod stall_hook;
mod stall_watch;
mod turn;
mod word;

pub use self::barrier::{Barrier, Fences, ProcessWide};
pub use self::cookie::Cookie;
pub use self::grace_period::GracePeriod;
pub use self::reader::Reader;
pub use self::section::Section;
pub use self::slot::Slot;
pub use self::slot_taken::SlotTaken;
pub use self::stall::Stall;

#[allow(unused_imports, reason = "for the scopes, which not every build has")]
pub(crate) use self::{slot::Exit, stall_watch::StallWatch};

use self::{
    registry::Registry,
    scan::{Manner, Progress},
};
use crate::pause::Pause;
use core::fmt;
use pintle_core::const_fn;

/// A set of readers and the writers that wait for them.
///
/// The [module](self) has an example, the algorithm and its proof.
pub struct Domain<B = ProcessWide> {
    registry: Registry,
    barrier: B,
}

// === impl Domain ===

impl Domain {
    const_fn! {
        /// A domain without readers, over the process-wide barrier.
        #[must_use]
        pub const fn new() -> Self {
            Self::with_barrier(ProcessWide)
        }
    }
}

impl Default for Domain {
    fn default() -> Self {
        Self::new()
    }
}

impl<B> Domain<B> {
    const_fn! {
        /// A domain without readers, over a barrier of the caller's choice.
        #[must_use]
        pub const fn with_barrier(barrier: B) -> Self {
            Self {
                registry: Registry::new(),
                barrier,
            }
        }
    }

    #[inline]
    fn registry(&self) -> &Registry {
        &self.registry
    }

    #[inline]
    pub(crate) fn barrier(&self) -> &B {
        &self.barrier
    }

    /// The first grace period that begins from now on, to be polled or waited for later.
    ///
    /// What this thread has unlinked before can be freed once it is over. Does not begin it: that is done by the
    /// first who polls it or waits for it, or for any other that has not begun. Takes one read-modify-write
    /// operation.
    ///
    /// # Examples
    ///
    /// ```
    /// # use pintle_rcu::domain::Domain;
    /// # static DOMAIN: Domain = Domain::new();
    /// // Unlink something here …
    /// let cookie = DOMAIN.start_poll();
    /// // … do something else …
    /// while !DOMAIN.poll(cookie) {
    ///     std::thread::yield_now();
    /// }
    /// // … and free it here.
    /// ```
    pub fn start_poll(&self) -> Cookie {
        self.registry.sequence.cookie()
    }

    /// Whether the grace period of `cookie` is over, without doing anything for it.
    ///
    /// The cookie must come from this domain: one of another says nothing here.
    #[must_use]
    pub fn is_over(&self, cookie: Cookie) -> bool {
        self.registry.sequence.is_over(cookie)
    }
}

impl<B: Barrier> Domain<B> {
    /// Makes the caller a reader, with `slot` as the place where writers look.
    ///
    /// The slot is the reader's until it is dropped, and then free for the next. It joins this
    /// domain with its first reader and belongs to it for ever. Joining does not wait; it takes
    /// time proportional to the number of readers that join at once.
    ///
    /// # Errors
    ///
    /// [`SlotTaken`] while another reader has the slot, or if it has joined another domain.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_rcu::domain::{Domain, Slot};
    ///
    /// static DOMAIN: Domain = Domain::new();
    /// static SLOT: Slot = Slot::new();
    ///
    /// let reader = DOMAIN.reader(&SLOT).unwrap();
    /// assert!(DOMAIN.reader(&SLOT).is_err());
    /// drop(reader);
    /// assert!(DOMAIN.reader(&SLOT).is_ok());
    /// ```
    pub fn reader(&'static self, slot: &'static Slot) -> Result<Reader<B>, SlotTaken> {
        if !slot.try_take() {
            return Err(SlotTaken);
        }
        if !self.join(slot) {
            slot.give_back();
            return Err(SlotTaken);
        }
        Ok(Reader::new(self, slot))
    }

    /// Joins a slot that the caller has; false if it belongs to another domain.
    pub(crate) fn join(&'static self, slot: &'static Slot) -> bool {
        let is_new = slot.is_homeless();
        let joined = slot.settle(self);
        if is_new {
            self.registry.enroll(slot);
        }
        joined
    }

    /// A slot of this domain that nobody has; if there is none, `make` makes some.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(crate) fn take_slot(
        &'static self,
        make: impl FnOnce() -> &'static [Slot],
    ) -> &'static Slot {
        let mut at = self.registry.first();
        while let Some(slot) = at {
            if slot.try_take() {
                slot.set_of_thread();
                return slot;
            }
            at = slot.next();
        }
        let slots = make();
        for slot in slots {
            let joined = slot.try_take() && self.join(slot);
            assert!(joined, "`make` has made slots of its own");
        }
        let (own, others) = slots.split_first().expect("`make` has made some");
        own.set_of_thread();
        for slot in others {
            slot.give_back();
        }
        own
    }

    /// Makes the domain whole in the child of a `fork`. `own` is the caller's slot, if it has one.
    ///
    /// The caller is the only thread of its process, and does not drive. It takes no lock, allocates nothing and calls
    /// no waker.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(crate) fn after_fork(&'static self, own: *const Slot) {
        self.registry.after_fork(own);
    }

    /// Whether the grace period of `cookie` is over; if not, it is begun or gone on with, as far as that goes
    /// without waiting.
    ///
    /// May make the heavy barrier. Does not wait, so it may be called anywhere, in a section, too.
    #[must_use]
    pub fn poll(&self, cookie: Cookie) -> bool {
        while !self.is_over(cookie) {
            if self.registry.drive(&self.barrier, cookie, Manner::Looks) == Progress::Waiting {
                return false;
            }
        }
        true
    }

    /// Waits until every section that is running now has ended.
    ///
    /// What was unlinked before can be freed after. Of the sections that begin meanwhile at most one of
    /// each reader is waited for, so busy readers do not hold it up for ever. Any number of writers may
    /// call it at once, and they share: those that come while a grace period is under way wait for
    /// the next one together.
    ///
    /// A grace period costs one [heavy](Barrier::heavy) barrier and a look at each reader that is not quiescent, or
    /// no barrier if all are. While it waits for a reader it spins, then yields; then, where there is an operating
    /// system, it sleeps until the reader wakes it as it leaves its section.
    ///
    /// The caller must not be in a section of this domain, or it never returns:
    /// [`Reader::synchronize`] panics instead. Blocks: not for an interrupt handler.
    pub fn synchronize(&self) {
        let cookie = self.join_in();
        self.wait(cookie);
    }

    /// As [`synchronize`](Self::synchronize), where the caller says how to wait: `pause` is called each
    /// time that a reader was found still inside, or another writer at work.
    ///
    /// # Examples
    ///
    /// ```
    /// # use pintle_rcu::domain::Domain;
    /// # static DOMAIN: Domain = Domain::new();
    /// DOMAIN.synchronize_with(|| std::thread::yield_now());
    /// ```
    pub fn synchronize_with(&self, pause: impl FnMut()) {
        let cookie = self.join_in();
        self.wait_with(cookie, pause);
    }

    /// A cookie of now, whose grace period has begun if none was under way.
    fn join_in(&self) -> Cookie {
        let (cookie, turn) = self.registry.join();
        if let Some(turn) = turn {
            turn.advance(&self.barrier, Manner::Looks);
        }
        cookie
    }

    /// Waits until the grace period of `cookie` is over, which it may be already; as
    /// [`synchronize`](Self::synchronize) otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// # use pintle_rcu::domain::Domain;
    /// # static DOMAIN: Domain = Domain::new();
    /// let cookie = DOMAIN.start_poll();
    /// DOMAIN.wait(cookie);
    /// assert!(DOMAIN.is_over(cookie));
    /// ```
    pub fn wait(&self, cookie: Cookie) {
        let mut pause = Pause::new();
        while !self.poll(cookie) {
            if !pause.pause() {
                self.registry.sleepers.sleep(self, cookie);
                return;
            }
        }
    }

    /// As [`wait`](Self::wait), where the caller says how, as in [`synchronize_with`](Self::synchronize_with).
    pub fn wait_with(&self, cookie: Cookie, mut pause: impl FnMut()) {
        while !self.poll(cookie) {
            pause();
        }
    }

    /// As [`synchronize`](Self::synchronize), for a task: completes when the last section has ended that was
    /// running at the first poll, and is woken by just that.
    ///
    /// No timer, and no polling in between. It is the *reader* who calls the waker, when it leaves
    /// its section. May make the heavy barrier in a poll.
    ///
    /// # Cancellation
    ///
    /// Dropping it gives the wait up and nothing else. Nothing may be freed then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use pintle_rcu::domain::Domain;
    /// # use core::{pin::pin, task::{Context, Poll, Waker}};
    /// # static DOMAIN: Domain = Domain::new();
    /// # let mut future = pin!(async {
    /// // Unlink something here …
    /// DOMAIN.grace_period().await;
    /// // … and free it here.
    /// # });
    /// # assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    /// ```
    pub fn grace_period(&self) -> GracePeriod<'_, B> {
        GracePeriod::new(self, None)
    }

    /// As [`wait`](Self::wait), for a task; see [`grace_period`](Self::grace_period).
    pub fn grace_period_of(&self, cookie: Cookie) -> GracePeriod<'_, B> {
        GracePeriod::new(self, Some(cookie))
    }
}

impl<B: fmt::Debug> fmt::Debug for Domain<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domain")
            .field("barrier", &self.barrier)
            .finish_non_exhaustive()
    }
}
