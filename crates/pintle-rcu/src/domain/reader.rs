use super::{Barrier, Domain, ProcessWide, Slot};
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

/// A read section, which ends when this is dropped; made by [`Reader::enter`].
#[must_use = "the section ends when it is dropped"]
pub struct Section<'r, B: Barrier + 'static = ProcessWide> {
    /// A shared reference to what is not `Sync`: so a section is not `Send`.
    reader: &'r Reader<B>,
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
    /// If more than `isize::MAX` sections are running, which takes leaked ones.
    #[inline]
    pub fn enter(&self) -> Section<'_, B> {
        self.slot.enter(&self.domain.barrier);
        Section { reader: self }
    }

    /// Runs `f` in a section, which also ends if `f` panics.
    #[inline]
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        let _section = self.enter();
        f()
    }

    /// Tells writers that this reader will not read for a while.
    ///
    /// If all readers have said so, a grace period needs no heavy barrier. The next
    /// [`enter`](Self::enter) pays a full fence for it. Within a section it does nothing.
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
}

impl<B: Barrier> Drop for Reader<B> {
    fn drop(&mut self) {
        // No `Section` borrows the reader any more, so one that is not over has been leaked, and nothing
        // that was read under it is in use.
        self.slot.abandon_sections();
        self.slot.give_back();
    }
}

impl<B: Barrier> fmt::Debug for Reader<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reader").field(self.slot).finish()
    }
}

// === impl Section ===

impl<B: Barrier> Drop for Section<'_, B> {
    #[inline]
    fn drop(&mut self) {
        // A reader's slot is not detached, so there is nothing else to do.
        let _ = self.reader.slot.exit();
    }
}

impl<B: Barrier> fmt::Debug for Section<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Section").field(self.reader).finish()
    }
}
