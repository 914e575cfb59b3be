use super::{
    Barrier,
    word::{Entry, Word},
};
use core::{fmt, ptr};
use pintle_core::{
    CachePadded,
    atomic::{
        AtomicBool, AtomicPtr, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release, SeqCst},
        fence,
    },
    const_fn,
};

/// The place where the writers of a [`Domain`](super::Domain) look for one reader.
///
/// For a static, one per thread, core or interrupt handler that reads. It has cache lines of its own:
/// its reader writes it in every section.
///
/// # Invariants
///
/// 1. Whoever has changed `taken` from false to true has the slot until it changes it back, and only
///    it calls the methods that say so and stores to `word` and `nested`.
/// 2. `word` is `INSIDE` exactly while a section runs, and `nested` counts those besides the first.
/// 3. `home` and `next` do not change once the slot is in a list.
pub struct Slot {
    fields: CachePadded<Fields>,
}

struct Fields {
    /// A [`Word`]. Every store has `Release`, every load by a writer `Acquire`.
    word: AtomicUsize,
    /// How many sections the reader is in, besides the outermost; and [`DETACHED`].
    nested: AtomicUsize,
    taken: AtomicBool,
    /// The domain it belongs to, as its `identity`; null before the first.
    home: AtomicPtr<()>,
    next: AtomicPtr<Slot>,
}

/// In `nested`: the slot has no owner any more who would give it back, so the end of the last section
/// does it.
const DETACHED: usize = 1 << (usize::BITS - 1);
/// The count in `nested`.
const NESTED: usize = DETACHED - 1;

/// What the end of a section has led to.
pub(crate) enum Exit {
    /// The reader is still in another one, or outside: nothing else is to be done.
    Done,
    /// It was the last of a detached slot, which is to be given back.
    LastOfDetached,
}

// === impl Slot ===

impl Slot {
    const_fn! {
        /// A slot that no reader has.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                fields: CachePadded::new(Fields {
                    word: AtomicUsize::new(0),
                    nested: AtomicUsize::new(0),
                    taken: AtomicBool::new(false),
                    home: AtomicPtr::new(ptr::null_mut()),
                    next: AtomicPtr::new(ptr::null_mut()),
                }),
            }
        }
    }

    // --- for anyone ---

    /// What a writer sees.
    pub(super) fn word(&self) -> Word {
        // Acquire pairs with the Release of every store to the word: the sections that were over by
        // then happen before whatever the writer does next.
        Word::from_bits(self.fields.word.load(Acquire))
    }

    pub(super) fn next(&self) -> Option<&'static Slot> {
        // Relaxed: it was written before the slot was published, and whoever has the slot acquired it.
        let next = self.fields.next.load(Relaxed);
        // SAFETY: invariant 1 of `Domain`: null or a `'static` slot.
        unsafe { next.as_ref() }
    }

    /// Makes the slot the caller's, if nobody has it.
    pub(super) fn try_take(&self) -> bool {
        // The load keeps a search through many slots from writing to each. Acquire pairs with the
        // Release in `give_back`: the reader before is done, and its words come before ours.
        !self.fields.taken.load(Relaxed) && !self.fields.taken.swap(true, Acquire)
    }

    // --- for the reader that has it ---

    /// Whether the slot has not been in a domain yet.
    pub(super) fn is_homeless(&self) -> bool {
        // Relaxed: changed only by the reader that has the slot.
        self.fields.home.load(Relaxed).is_null()
    }

    /// Joins the slot to the domain; false if it belongs to another one.
    pub(super) fn settle(&self, domain: *mut ()) -> bool {
        if self.is_homeless() {
            self.fields.home.store(domain, Relaxed);
        }
        self.fields.home.load(Relaxed) == domain
    }

    /// Before it is published.
    pub(super) fn set_next(&self, next: *mut Slot) {
        self.fields.next.store(next, Relaxed);
    }

    /// Begins a section.
    ///
    /// # Panics
    ///
    /// If more than `isize::MAX` sections have been begun within each other, which takes leaked guards.
    #[inline]
    pub(crate) fn enter(&self, barrier: &impl Barrier) {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        if word.is_inside() {
            return self.nest();
        }
        let (entered, entry) = word.enter();
        // Release pairs with the Acquire in `word`: a writer that sees this store and not the exit
        // before it must be ordered after that section all the same.
        self.fields.word.store(entered.bits(), Release);
        match entry {
            // Makes this store come before the section's loads, for the writer that has made the
            // heavy barrier.
            Entry::FromOutside => barrier.light(),
            // The same for one that skips it; pairs with the fence in `GracePeriod::begin`.
            Entry::FromQuiescent => fence(SeqCst),
        }
    }

    #[inline]
    fn nest(&self) {
        let nested = self.fields.nested.load(Relaxed);
        assert!(nested & NESTED != NESTED, "sections nested too deep");
        self.fields.nested.store(nested + 1, Relaxed);
    }

    /// Ends a section that `enter` has begun.
    #[inline]
    pub(crate) fn exit(&self) -> Exit {
        let nested = self.fields.nested.load(Relaxed);
        if nested & NESTED != 0 {
            self.fields.nested.store(nested - 1, Relaxed);
            return Exit::Done;
        }
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        // Release pairs with the Acquire in `word`: the section happens before whatever a writer does
        // that has waited for it.
        self.fields.word.store(word.exit().bits(), Release);
        if nested == 0 {
            Exit::Done
        } else {
            Exit::LastOfDetached
        }
    }

    /// Promises a full fence for the next `enter`. Within a section it does nothing.
    #[inline]
    pub(crate) fn quiesce(&self) {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        if !word.is_inside() {
            // Release pairs with the Acquire in `word`: a writer that sees this may never see the exit
            // of the last section.
            self.fields.word.store(word.quiesce().bits(), Release);
        }
    }

    /// Whether the reader is in a section.
    #[inline]
    pub(crate) fn is_inside(&self) -> bool {
        Word::from_bits(self.fields.word.load(Relaxed)).is_inside()
    }

    /// Leaves it to the end of the last section to give the slot back.
    #[allow(dead_code, reason = "for the global domain, which not every build has")]
    pub(crate) fn detach(&self) {
        let nested = self.fields.nested.load(Relaxed);
        self.fields.nested.store(nested | DETACHED, Relaxed);
    }

    /// Ends the sections that nobody can end any more, as their guards were leaked.
    pub(super) fn abandon_sections(&self) {
        if self.is_inside() {
            self.fields.nested.store(0, Relaxed);
            let _ = self.exit();
        }
    }

    /// Lets the next reader take the slot. Not within a section.
    pub(crate) fn give_back(&self) {
        debug_assert!(!self.is_inside());
        self.quiesce();
        self.fields.nested.store(0, Relaxed);
        // Release pairs with the Acquire in `try_take`.
        self.fields.taken.store(false, Release);
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("taken", &self.fields.taken.load(Relaxed))
            .field("word", &Word::from_bits(self.fields.word.load(Relaxed)))
            .finish_non_exhaustive()
    }
}

/// The slot belongs to another reader or another domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlotTaken;

impl fmt::Display for SlotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the slot belongs to another reader or another domain")
    }
}

impl core::error::Error for SlotTaken {}
