//! The algorithm: domains over slots and a barrier that the caller brings.
//!
//! [`global`](crate::global) is this with a slot per thread. A kernel has a [`Slot`] per core, an
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
//!   Domain ─ slots ─▶ Slot ─ next ─▶ Slot ─ next ─▶ ∅       only ever pushed at the front
//!                      │ word                               written by its reader, read by writers
//!                      │ nested                             the reader's own: sections in sections
//!                      │ taken                              a reader has it
//!                      ▲
//!                      └─ Reader (one thread) ─ Section     while it lives, `word` is INSIDE
//! ```
//!
//! Slots are `'static` and never leave the list, so a writer walks it without a lock and a reader
//! joins without waiting, also while a writer waits for others. A slot that is given back is taken by
//! the next reader.
//!
//! # The word of a slot
//!
//! ```text
//!                enter (full fence)              enter (light barrier)
//!   QUIESCENT ────────────────────▶ INSIDE ◀──────────────────────── OUTSIDE
//!       ▲                             │                                 ▲ │
//!       │                             └───────────────── exit ──────────┘ │
//!       └──────────────────────────── quiesce ────────────────────────────┘
//! ```
//!
//! Only the reader makes these transitions. `enter` also counts the sections, in the rest of the
//! word: so two different sections never show the same word, until the count wraps. It has
//! `usize::BITS - 2` bits: 2^14, 2^30 and 2^62 sections on machines of 16, 32 and 64 bits. The
//! only thing that a wrap can do is to make a writer take a later section for the one it waits
//! for, and wait for that, too: nothing is freed early.
//!
//! # A grace period
//!
//! [`Domain::synchronize`]:
//!
//! 1. `fence(SeqCst)`. If then every slot is `QUIESCENT`, done.
//! 2. The [heavy](Barrier::heavy) barrier, one time.
//! 3. Each slot in turn: if its word says `INSIDE`, wait until the word is a different one.
//!
//! # Why it is sound
//!
//! To be shown: let a writer unlink something (a store `U`), then synchronize, then free it (`F`).
//! Let a reader, in a section, load the link (`L`). If `L` still sees what was before `U`, then the
//! whole section happens before `F`.
//!
//! In the outermost `enter` the reader stores the word `INSIDE` (`E`), makes a barrier `X`, and
//! then comes `L`. The writer makes `U`, a barrier `H`, and then loads the word (`S`).
//!
//! - **Either `S` sees `E` or what came after it in the word, or `L` sees `U`** ("store buffering").
//!   *Fences on both sides:* `X` and `H` are `fence(SeqCst)`, so one is first in their total
//!   order. If it is `X`, what comes before `X` (`E`) is seen by what comes after `H` (`S`). If it
//!   is `H`, `U` is seen by `L`. *The process-wide barrier:* `H` strikes the reader's thread
//!   between two instructions. If that is after `E`, then `E` is out before `H` returns, and `S`
//!   sees it. Else `L` is made after the strike and sees `U`, which was out before; that `L` comes
//!   after `E` in the machine code is what `X`, then a compiler fence, is for. *One of each:*
//!   which barrier is light is decided once for the process, and until then `X` is a full fence,
//!   which goes with both ([`pintle_park::barrier`]).
//! - **If `L` does not see `U`, the writer waits.** By the above `S` sees `E`, so it waits until the
//!   word differs; or something later, and then the section is over already.
//! - **What it then sees orders memory.** Every store to the word has `Release`, every load by a
//!   writer `Acquire`. The value that ends the wait was stored by the exit of that section or later.
//!   It was stored by the same reader, or by a later one, to whom `taken` was passed on by a
//!   `Release` store and an `Acquire` swap. So the section happens before the load, and that
//!   before `F`. (`enter` needs its `Release` for the same reason: a writer may see the next `enter`
//!   and never the exit. That store heads no release sequence of the exit's.)
//!
//! **Skipping the heavy barrier** (step 1). Let all slots be seen `QUIESCENT` after the writer's
//! `fence(SeqCst)`, `H'`. A reader whose section might matter left `QUIESCENT` at an `enter` that
//! made a full fence `X'` after its store `E'`, even if the section itself came later with a light
//! one. The writer saw a value older than `E'`, so `X'` is not before `H'`; so `H'` is before `X'`,
//! and all loads after `X'` see `U`. (If the value was newer than the section, the section is
//! over and ordered as above.) That is why there must be a fence before the look and why a slot that
//! is merely `OUTSIDE` does not count.
//!
//! **A reader that joins** pushes its slot before its first `enter`, which makes a full fence since a
//! new slot is `QUIESCENT`. So the push takes the part of `E'`, and the load of the list's head after
//! `H'` that of the look: either the writer finds the slot, or the reader sees `U`, in this section and
//! in all later ones.
//!
//! **Several writers** share nothing but what they read. Nested sections do not touch the word.
//!
//! loom checks all this with fences (`tests/loom.rs`), a domain whose light barrier is left out
//! included, which must fail. `tests/stress.rs` runs it over the real process-wide barrier.

mod barrier;
mod grace_period;
mod reader;
mod slot;
mod word;

pub use self::barrier::{Barrier, Fences, ProcessWide};
pub use self::reader::{Reader, Section};
pub use self::slot::{Slot, SlotTaken};

pub(crate) use self::grace_period::{GracePeriod, Progress};
#[allow(
    unused_imports,
    reason = "for the global domain, which not every build has"
)]
pub(crate) use self::slot::Exit;

use crate::pause::Pause;
use core::{fmt, ptr};
use pintle_core::{
    atomic::{
        AtomicPtr,
        Ordering::{Acquire, Relaxed, Release},
    },
    const_fn,
};

/// A set of readers and the writers that wait for them.
///
/// The [module](self) has an example, the algorithm and its proof.
///
/// # Invariants
///
/// 1. `slots` is null or points to a `'static` slot whose `home` is this domain; so does `next` of
///    each slot in the list.
/// 2. A slot that is in the list stays there, and its `next` does not change any more.
pub struct Domain<B = ProcessWide> {
    slots: AtomicPtr<Slot>,
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
                slots: AtomicPtr::new(ptr::null_mut()),
                barrier,
            }
        }
    }

    /// The first slot of the list.
    fn first(&self) -> Option<&'static Slot> {
        // Acquire pairs with the Release in `push`: the slot is seen with its `next`.
        let first = self.slots.load(Acquire);
        // SAFETY: invariant 1: null or a `'static` slot.
        unsafe { first.as_ref() }
    }

    /// What tells this domain from others.
    fn identity(&self) -> *mut () {
        (&raw const self.slots).cast_mut().cast()
    }

    /// Puts a slot that is the caller's alone, and in no list, at the front.
    fn push(&'static self, slot: &'static Slot) {
        let mut first = self.slots.load(Relaxed);
        loop {
            slot.set_next(first);
            // Release pairs with the Acquire in `first`.
            match self.slots.compare_exchange_weak(
                first,
                ptr::from_ref(slot).cast_mut(),
                Release,
                Relaxed,
            ) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    /// A slot of this domain that nobody has; if there is none, `make` makes one.
    #[allow(dead_code, reason = "for the global domain, which not every build has")]
    pub(crate) fn take_slot(&'static self, make: impl FnOnce() -> &'static Slot) -> &'static Slot {
        let mut at = self.first();
        while let Some(slot) = at {
            if slot.try_take() {
                return slot;
            }
            at = slot.next();
        }
        let slot = make();
        let taken = slot.try_take() && slot.settle(self.identity());
        assert!(taken, "`make` has made a slot of its own");
        self.push(slot);
        slot
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
        let is_new = slot.is_homeless();
        if !slot.settle(self.identity()) {
            slot.give_back();
            return Err(SlotTaken);
        }
        if is_new {
            self.push(slot);
        }
        Ok(Reader::new(self, slot))
    }

    /// Waits until every section that is running now has ended.
    ///
    /// What was unlinked before can be freed after. Of the sections that begin meanwhile at most one of
    /// each reader is waited for, so busy readers do not hold it up for ever. Any number of writers may
    /// call it at once.
    ///
    /// It costs one [heavy](Barrier::heavy) barrier and a look at each slot, or no barrier if all
    /// are quiescent. While it waits for a reader it spins, then yields, then sleeps where there is
    /// an operating system.
    ///
    /// The caller must not be in a section of this domain, or it never returns:
    /// [`Reader::synchronize`] panics instead. Blocks: not for an interrupt handler.
    pub fn synchronize(&self) {
        let mut pause = Pause::new();
        self.synchronize_with(|| pause.pause());
    }

    /// As [`synchronize`](Self::synchronize), where the caller says how to wait: `pause` is called each
    /// time that a reader was found still inside.
    ///
    /// # Examples
    ///
    /// ```
    /// # use pintle_rcu::domain::Domain;
    /// # static DOMAIN: Domain = Domain::new();
    /// DOMAIN.synchronize_with(|| std::thread::yield_now());
    /// ```
    pub fn synchronize_with(&self, mut pause: impl FnMut()) {
        let mut grace_period = GracePeriod::begin(self);
        while let Progress::Waiting = grace_period.advance() {
            pause();
        }
    }
}

impl<B: fmt::Debug> fmt::Debug for Domain<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Domain")
            .field("barrier", &self.barrier)
            .finish_non_exhaustive()
    }
}
