use super::{Barrier, Domain, ProcessWide, Section, Slot};
use core::{cell::Cell, fmt, marker::PhantomData};

/// One reader of a [`Domain`], made by [`Domain::reader`].
///
/// A thread's, a core's or an interrupt handler's own: it may be sent to another thread between its
/// sections, and not be shared. A handler that can strike its owner needs one for itself.
///
/// Dropping it gives the slot back.
pub struct Reader<B: Barrier + 'static = ProcessWide> {
    domain: &'static Domain<B>,
    slot: &'static Slot,
    /// Takes `Sync` away: the slot's sections are counted by one thread.
    _not_sync: PhantomData<Cell<()>>,
}

// === impl Reader ===

impl<B: Barrier> Reader<B> {
    /// For a slot that is the caller's, and in the domain's list.
    pub(super) fn new(domain: &'static Domain<B>, slot: &'static Slot) -> Self {
        Self {
            domain,
            slot,
            _not_sync: PhantomData,
        }
    }

    /// Begins a section: until it is dropped, nothing that is reachable now is freed by a writer that
    /// synchronizes.
    ///
    /// Sections nest, and may end in any order; the last to end counts. Does not block and does not
    /// allocate.
    ///
    /// # Panics
    ///
    /// If 2^(N/2 - 1) sections are running within each other, where N is the number of bits of `usize`.
    #[inline]
    pub fn enter(&self) -> Section<'_, B> {
        if !self.slot.try_enter(self.domain) {
            self.slot.enter_slow(self.domain);
        }
        Section::new(self)
    }

    /// Runs `f` in a section, which also ends if `f` panics.
    #[inline]
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        let _section = self.enter();
        f()
    }

    /// Tells writers that this reader will not read for a while: it is *offline*, and its next section brings it
    /// back *online*.
    ///
    /// If all readers have said so, a grace period needs no heavy barrier; and one that stays quiescent is not even
    /// looked at. It costs a store, and the next [`enter`](Self::enter) a full fence. Within a section it
    /// does nothing.
    #[inline]
    pub fn quiesce(&self) {
        self.slot.quiesce();
    }

    /// Waits as [`Domain::synchronize`] does, and [quiesces](Self::quiesce) first: if all others are
    /// quiescent, it needs no heavy barrier.
    ///
    /// # Panics
    ///
    /// If this reader is in a section: it would wait for itself.
    #[track_caller]
    pub fn synchronize(&self) {
        assert!(
            !self.slot.is_inside(),
            "synchronize was called within a read section, and would wait for itself"
        );
        self.slot.quiesce();
        self.domain.synchronize();
    }

    pub(super) fn domain(&self) -> &'static Domain<B> {
        self.domain
    }

    pub(super) fn slot(&self) -> &'static Slot {
        self.slot
    }
}

impl<B: Barrier> Drop for Reader<B> {
    fn drop(&mut self) {
        // No `Section` borrows the reader any more, so one that is not over has been leaked, and nothing
        // that was read under it is in use.
        self.slot.abandon_sections(self.domain.barrier());
        self.slot.give_back();
    }
}

impl<B: Barrier> fmt::Debug for Reader<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(self.slot).finish()
    }
}
