use super::{Barrier, Domain, registry::Registry, word::Word};
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

/// The place where the writers of a [`Domain`] look for one reader.
///
/// For a static, one per thread, core, task or interrupt handler that reads. It has cache lines of its own:
/// its reader writes it in every section.
///
/// # Invariants
///
/// 1. Whoever has changed `taken` from false to true has the slot until it changes it back, and only
///    it calls the methods that say so and stores to `word`.
/// 2. `word` says how many sections run.
/// 3. `home` is null, or the registry of a `'static` domain, and changes no more then. `next` does not change
///    once the slot is in its domain's list of all slots.
/// 4. `listed` is true if and only if the slot is in the list of active ones or its reader or the driver is
///    about to push it; who has changed it to true pushes it. Only who drives changes it to false, after it has
///    taken the slot out.
pub struct Slot {
    fields: CachePadded<Fields>,
}

struct Fields {
    /// A [`Word`]. Every store has `Release`, every load by a writer `Acquire`.
    word: AtomicUsize,
    /// Why the end of a section is not the end of the matter: [`AWAITED`], [`FENCES`], [`DETACHED`].
    attention: AtomicUsize,
    /// The domain it belongs to; null before the first.
    home: AtomicPtr<Registry>,
    listed: AtomicBool,
    taken: AtomicBool,
    /// Who has it is a thread that got it by [`Domain::take_slot`]. Written by who has it.
    of_thread: AtomicBool,
    /// In the list of active slots. Meaningful while `listed`.
    next_active: AtomicPtr<Slot>,
    /// In the list of all slots.
    next: AtomicPtr<Slot>,
    /// The driver's: the word of the section that is waited for, or 0.
    awaited: AtomicUsize,
    /// The driver's: the word at the last look that found the reader quiescent.
    idle: AtomicUsize,
    /// Whatever the reader is known by, see [`Slot::set_label`].
    label: AtomicUsize,
}

/// In `attention`: a writer sleeps until the section is over. Set and cleared by who drives.
const AWAITED: usize = 1 << 0;
/// In `attention`: the reader makes full fences, for the light barrier is not one. Set when the slot joins.
const FENCES: usize = 1 << 1;
/// In `attention`: the slot has no owner any more who would give it back, so the end of the last section
/// does it. Set and cleared by the reader.
const DETACHED: usize = 1 << 2;

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
            Self::with_taken(false)
        }
    }

    const_fn! {
        /// A slot that is a [`Scope`](crate::Scope)'s: [`Domain::reader`] refuses it, for ever.
        #[must_use]
        pub const fn of_scope() -> Self {
            Self::with_taken(true)
        }
    }

    const_fn! {
        const fn with_taken(taken: bool) -> Self {
            Self {
                fields: CachePadded::new(Fields {
                    word: AtomicUsize::new(Word::NEW.bits()),
                    attention: AtomicUsize::new(0),
                    home: AtomicPtr::new(ptr::null_mut()),
                    listed: AtomicBool::new(false),
                    taken: AtomicBool::new(taken),
                    of_thread: AtomicBool::new(false),
                    next_active: AtomicPtr::new(ptr::null_mut()),
                    next: AtomicPtr::new(ptr::null_mut()),
                    awaited: AtomicUsize::new(0),
                    idle: AtomicUsize::new(0),
                    label: AtomicUsize::new(0),
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
        // Relaxed: it was written before the slot was published.
        let next = self.fields.next.load(Relaxed);
        // SAFETY: invariant 1 of `Registry`: null or a `'static` slot.
        unsafe { next.as_ref() }
    }

    /// Makes the slot the caller's, if nobody has it.
    pub(super) fn try_take(&self) -> bool {
        // The load keeps a search through many slots from writing to each. Acquire pairs with the
        // Release in `give_back`: the reader before is done, and its words come before ours.
        !self.fields.taken.load(Relaxed) && !self.fields.taken.swap(true, Acquire)
    }

    /// Whether a reader or a scope has it.
    #[allow(dead_code, reason = "for the scopes, which not every build has")]
    pub(crate) fn is_taken(&self) -> bool {
        self.fields.taken.load(Relaxed)
    }

    /// What [`set_label`](Self::set_label) has set last; 0 at first.
    #[must_use]
    pub fn label(&self) -> usize {
        self.fields.label.load(Relaxed)
    }

    /// Sets what the reader is known by to who asks [`Domain::awaited`] for it, or is told of a
    /// [stall](super::Stall): the number of its core, the address of its task. Readers of a
    /// [`domain!`](crate::domain!) have one from their first section on: a core its number, a thread the number that the
    /// operating system knows it by.
    pub fn set_label(&self, label: usize) {
        self.fields.label.store(label, Relaxed);
    }

    // --- for the reader that has it ---

    /// Whether the slot has not been in a domain yet.
    pub(super) fn is_homeless(&self) -> bool {
        // Relaxed: changed only by the reader that has the slot.
        self.fields.home.load(Relaxed).is_null()
    }

    /// The registry of its domain, if it has joined one.
    fn home(&self) -> Option<&'static Registry> {
        let home = self.fields.home.load(Relaxed);
        // SAFETY: invariant 3.
        unsafe { home.as_ref() }
    }

    /// Joins the slot to a domain, which it is to be in the list of from now on; false if it belongs to
    /// another one.
    pub(super) fn settle(&self, domain: &'static Domain<impl Barrier>) -> bool {
        let home = ptr::from_ref(domain.registry()).cast_mut();
        if self.is_homeless() {
            if domain.barrier().readers_fence() {
                self.fields.attention.store(FENCES, Relaxed);
            }
            self.fields.home.store(home, Relaxed);
        }
        self.fields.home.load(Relaxed) == home
    }

    /// Before it is published in the list of all slots.
    pub(super) fn set_next(&self, next: *mut Slot) {
        self.fields.next.store(next, Relaxed);
    }

    /// Begins a section, if that takes no more than two stores; if not the caller goes on by
    /// [`enter_slow`](Self::enter_slow).
    #[inline]
    pub(crate) fn try_enter<B: Barrier>(&self, domain: &Domain<B>) -> bool {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        if word.is_outside() {
            // Release pairs with the Acquire in `word`: a writer that sees this store and not the exit
            // before it must be ordered after that section all the same.
            self.fields
                .word
                .store(domain.registry().stamp().bits(), Release);
            // Makes this store come before the section's loads, for the writer that has made the heavy
            // barrier.
            domain.barrier().light();
            true
        } else if word.may_nest() {
            // Release: as above, a writer may see this store and not the one before.
            self.fields.word.store(word.deeper().bits(), Release);
            true
        } else {
            false
        }
    }

    /// Begins a section that [`try_enter`](Self::try_enter) could not begin: out of quiescence.
    ///
    /// # Panics
    ///
    /// If as many sections run within each other as the word can count, which takes leaked guards.
    #[cold]
    #[inline(never)]
    pub(crate) fn enter_slow<B: Barrier>(&'static self, domain: &'static Domain<B>) {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        assert!(word.is_quiescent(), "sections nested too deep");
        // Release as in `try_enter`.
        self.fields
            .word
            .store(domain.registry().stamp().bits(), Release);
        // Makes this store come before the section's loads, and before the load of `listed`, for the writer
        // that skips the heavy barrier and the one that takes the slot off the list. Pairs with the fences in
        // `Scan::begin` and `Registry::retire`.
        fence(SeqCst);
        if !self.fields.listed.load(Relaxed) {
            domain.registry().enlist(self);
            // The same for the push, which may be what a writer that skips the heavy barrier has missed.
            fence(SeqCst);
        }
    }

    /// Ends a section.
    #[inline]
    pub(crate) fn exit(&self, barrier: &impl Barrier) -> Exit {
        // Two loads would do with one; written like this it is one instruction where the processor has it.
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        debug_assert!(word.is_inside());
        // Release pairs with the Acquire in `word`: the section happens before whatever a writer does
        // that has waited for it.
        self.fields.word.store(word.shallower().bits(), Release);
        // Makes this store come before the load below, for the writer that has set `AWAITED` and made the
        // heavy barrier.
        barrier.light();
        if self.fields.attention.load(Relaxed) == 0 {
            Exit::Done
        } else {
            self.exit_slow()
        }
    }

    /// What an exit has to do besides.
    #[cold]
    #[inline(never)]
    fn exit_slow(&self) -> Exit {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        if word.is_inside() {
            return Exit::Done;
        }
        if self.fields.attention.load(Relaxed) & FENCES != 0 {
            // So that the next `enter` comes by `enter_slow`. Release as in `quiesce`.
            self.fields.word.store(word.quiesce().bits(), Release);
            // Takes the place of the light barrier. Pairs with the heavy one after `set_awaited`.
            fence(SeqCst);
        }
        if self.fields.attention.load(Relaxed) & DETACHED == 0 {
            self.ring_if_awaited();
            return Exit::Done;
        }
        // The waker may have sections of its own. The end of none of them may give the slot back, as we go on with it.
        // Relaxed as in `detach`.
        self.fields.attention.fetch_and(!DETACHED, Relaxed);
        self.ring_if_awaited();
        if self.is_inside() {
            // It has kept one.
            self.detach();
            Exit::Done
        } else {
            Exit::LastOfDetached
        }
    }

    fn ring_if_awaited(&self) {
        if self.fields.attention.load(Relaxed) & AWAITED != 0 {
            if let Some(home) = self.home() {
                home.ring();
            }
        }
    }

    /// Ends the section and begins the next one, if it is the only one.
    #[inline]
    pub(crate) fn checkpoint<B: Barrier>(&self, domain: &Domain<B>) {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        if word.is_in_one() {
            // Release: as an exit. What comes after is ordered as after an entry.
            self.fields
                .word
                .store(domain.registry().stamp().bits(), Release);
            domain.barrier().light();
            if self.fields.attention.load(Relaxed) != 0 {
                self.checkpoint_slow();
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn checkpoint_slow(&self) {
        // Takes the place of the light barrier where that is not one.
        fence(SeqCst);
        self.ring_if_awaited();
    }

    /// Promises a full fence for the next `enter`. Within a section it does nothing.
    #[inline]
    pub(crate) fn quiesce(&self) {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        if word.is_outside() {
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
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(crate) fn detach(&self) {
        // Relaxed: read by the same reader.
        self.fields.attention.fetch_or(DETACHED, Relaxed);
    }

    /// The slot is a thread's from now on, and goes with it in a fork. For who has just taken it.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(super) fn set_of_thread(&self) {
        // Relaxed: read in the child of a fork, where there is one thread.
        self.fields.of_thread.store(true, Relaxed);
    }

    /// Ends the sections that nobody can end any more, as their guards were leaked.
    pub(super) fn abandon_sections(&self, barrier: &impl Barrier) {
        let word = Word::from_bits(self.fields.word.load(Relaxed));
        if word.is_inside() {
            // As if all but one had ended. Release as in `exit`.
            self.fields.word.store(word.left().deeper().bits(), Release);
            let _ = self.exit(barrier);
        }
    }

    /// Lets the next reader take the slot. Not within a section.
    pub(crate) fn give_back(&self) {
        debug_assert!(!self.is_inside());
        self.quiesce();
        // Relaxed: published by the next line.
        self.fields.attention.fetch_and(!DETACHED, Relaxed);
        self.fields.label.store(0, Relaxed);
        self.fields.of_thread.store(false, Relaxed);
        // Release pairs with the Acquire in `try_take`.
        self.fields.taken.store(false, Release);
    }

    // --- for the only thread of a forked child ---

    /// Off the list and waited for by nobody; free, too, if it belongs to a thread that is not there any more.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(super) fn after_fork(&self, is_own: bool) {
        self.unlist();
        self.forget_awaited();
        self.clear_ringing();
        if !is_own && self.fields.of_thread.load(Relaxed) {
            let word = Word::from_bits(self.fields.word.load(Relaxed));
            // Release: only so that every store to the word has it.
            self.fields.word.store(word.left().bits(), Release);
            self.give_back();
        }
    }

    // --- for the list of active slots ---

    /// Whether the caller has changed the slot from unlisted to listed, and is to push it.
    pub(super) fn try_list(&self) -> bool {
        // Acquire pairs with the Release in `unlist`: who took the slot out no longer reads `next_active`.
        !self.fields.listed.swap(true, Acquire)
    }

    /// For who drives, and has taken it out.
    pub(super) fn unlist(&self) {
        // Release pairs with the Acquire in `try_list`.
        self.fields.listed.store(false, Release);
    }

    pub(super) fn next_active(&self) -> *mut Slot {
        // Relaxed: written before the slot was published, or by who drives.
        self.fields.next_active.load(Relaxed)
    }

    /// For who pushes it, or drives.
    pub(super) fn set_next_active(&self, next: *mut Slot) {
        self.fields.next_active.store(next, Relaxed);
    }

    // --- for who drives ---

    /// The word of the section that is waited for. Relaxed: who drives has the lock.
    pub(super) fn awaited(&self) -> Option<Word> {
        let word = Word::from_bits(self.fields.awaited.load(Relaxed));
        word.is_inside().then_some(word)
    }

    pub(super) fn set_awaited(&self, section: Word) {
        self.fields.awaited.store(section.bits(), Relaxed);
    }

    pub(super) fn forget_awaited(&self) {
        self.fields.awaited.store(0, Relaxed);
    }

    /// Makes the end of a section ring, from the next heavy barrier on.
    pub(super) fn set_ringing(&self) {
        // Relaxed: the heavy barrier, against the reader's light one, is what orders it.
        self.fields.attention.fetch_or(AWAITED, Relaxed);
    }

    pub(super) fn rings(&self) -> bool {
        self.fields.attention.load(Relaxed) & AWAITED != 0
    }

    pub(super) fn clear_ringing(&self) {
        if self.rings() {
            self.fields.attention.fetch_and(!AWAITED, Relaxed);
        }
    }

    /// Whether a quiescent reader has been idle since the last call, which was a grace period ago at least.
    pub(super) fn is_idle(&self, word: Word) -> bool {
        let idle = self.fields.idle.load(Relaxed) == word.bits();
        if !idle {
            self.fields.idle.store(word.bits(), Relaxed);
        }
        idle
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
            .field("label", &self.label())
            .field("taken", &self.fields.taken.load(Relaxed))
            .field("word", &Word::from_bits(self.fields.word.load(Relaxed)))
            .finish_non_exhaustive()
    }
}
