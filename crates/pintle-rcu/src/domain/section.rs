use super::{Barrier, ProcessWide, Reader};
use core::fmt;

/// A read section, which ends when this is dropped; made by [`Reader::enter`].
#[must_use = "the section ends when it is dropped"]
pub struct Section<'r, B: Barrier + 'static = ProcessWide> {
    /// A shared reference to what is not `Sync`: so a section is not `Send`.
    reader: &'r Reader<B>,
}

// === impl Section ===

impl<'r, B: Barrier> Section<'r, B> {
    /// Of a section that has begun.
    #[inline]
    pub(super) fn new(reader: &'r Reader<B>) -> Self {
        Self { reader }
    }

    /// Ends the section and begins the next, at the price of one of the two: a quiescent state.
    ///
    /// For a reader that reads all the time, such as a loop over packets or events: it keeps one section open, within
    /// which reads cost nothing, and says between two events that it holds nothing of the first one. It must do
    /// so now and then, as writers wait for it. Within another section of the reader it does nothing.
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
    /// let mut section = reader.enter();
    /// for _event in 0..10 {
    ///     // Reads, as often as it likes.
    ///     section.checkpoint();
    /// }
    /// ```
    #[inline]
    pub fn checkpoint(&mut self) {
        self.reader.slot().checkpoint(self.reader.domain());
    }
}

impl<B: Barrier> Drop for Section<'_, B> {
    #[inline]
    fn drop(&mut self) {
        // A reader's slot is not detached, so there is nothing else to do.
        let _ = self.reader.slot().exit(self.reader.domain().barrier());
    }
}

impl<B: Barrier> fmt::Debug for Section<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Section").field(self.reader).finish()
    }
}
