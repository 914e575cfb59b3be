use super::local;
use crate::domain::{Exit, ProcessWide, Slot};
use core::{fmt, marker::PhantomData};

/// A read section of this thread, which ends when this is dropped.
///
/// Made by [`RcuDomain::enter`](super::RcuDomain::enter). It is neither `Send` nor `Sync`: the section is
/// the thread's.
#[must_use = "the section ends when the guard is dropped"]
pub struct RcuGuard {
    slot: &'static Slot,
    _not_send: PhantomData<*mut ()>,
}

impl RcuGuard {
    #[inline]
    pub(super) fn enter() -> Self {
        let slot = local::slot();
        slot.enter(&ProcessWide);
        Self {
            slot,
            _not_send: PhantomData,
        }
    }
}

impl Drop for RcuGuard {
    #[inline]
    fn drop(&mut self) {
        match self.slot.exit() {
            Exit::Done => {}
            Exit::LastOfDetached => local::give_back(self.slot),
        }
    }
}

impl fmt::Debug for RcuGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RcuGuard")
    }
}
