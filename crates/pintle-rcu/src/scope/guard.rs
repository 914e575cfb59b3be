use super::Scope;
use crate::domain::{Exit, Slot};
use core::{fmt, marker::PhantomData};

of_a_scope! {
    /// A read section of this thread, or whatever the readers of the scope `S` are; it ends when this is dropped.
    ///
    /// Made by [`RcuDomain::enter`](super::RcuDomain::enter). It is neither `Send` nor `Sync`: the section is
    /// the thread's.
    #[must_use = "the section ends when the guard is dropped"]
    pub struct RcuGuard<S> {
        slot: &'static Slot,
        _not_send: PhantomData<*mut S>,
    }
}

// === impl RcuGuard ===

impl<S: Scope> RcuGuard<S> {
    #[inline]
    pub(super) fn enter() -> Self {
        let mut slot = S::slot();
        if !slot.try_enter(S::domain()) {
            slot = enter_slow::<S>();
        }
        Self {
            slot,
            _not_send: PhantomData,
        }
    }

    /// Ends the section and begins the next, at the price of one of the two; as
    /// [`Section::checkpoint`](crate::domain::Section::checkpoint), which says what it is for.
    ///
    /// What was loaded before cannot be used after:
    ///
    /// ```compile_fail,E0502
    /// use pintle_rcu::{RcuCell, global};
    ///
    /// let cell = RcuCell::new(1);
    /// let mut guard = global().enter();
    /// let value = cell.load(&guard);
    /// guard.checkpoint();
    /// println!("{value}");
    /// ```
    #[inline]
    pub fn checkpoint(&mut self) {
        self.slot.checkpoint(S::domain());
    }
}

#[cold]
#[inline(never)]
fn enter_slow<S: Scope>() -> &'static Slot {
    let slot = S::join();
    slot.enter_slow(S::domain());
    slot
}

impl<S: Scope> Drop for RcuGuard<S> {
    #[inline]
    fn drop(&mut self) {
        match self.slot.exit(S::domain().barrier()) {
            Exit::Done => {}
            // SAFETY: the slot is this thread's, and that was its last section.
            Exit::LastOfDetached => unsafe { S::part(self.slot) },
        }
    }
}

impl<S: Scope> fmt::Debug for RcuGuard<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RcuGuard")
    }
}
