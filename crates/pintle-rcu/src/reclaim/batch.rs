use super::head::{Deferred, Node};
use crate::domain::{Barrier, Cookie, Domain};
use pintle_intrusive::{Stack, TransferStack};

/// What has been taken out of the arrivals, and how far its grace period has come.
///
/// ```text
///            take                        advance                       pop, the last
///   empty ──────────▶ grace period ──────────────▶ grace period over ──────────────▶ empty
/// ```
pub(super) struct Batch {
    /// In the order in which they were deferred.
    objects: Stack<Node>,
    /// That of the objects, unless it is over.
    grace_period: Option<Cookie>,
}

// === impl Batch ===

impl Batch {
    pintle_core::const_fn! {
        pub(super) const fn new() -> Self {
            Self {
                objects: Stack::new(),
                grace_period: None,
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Takes what has arrived and begins its grace period. The batch is empty.
    pub(super) fn take<B: Barrier>(&mut self, arrivals: &TransferStack<Node>, domain: &Domain<B>) {
        debug_assert!(self.is_empty());
        if arrivals.is_empty() {
            return;
        }
        // Whoever pushed has unlinked before: that happens before this take, and so before the cookie.
        let mut last_first = arrivals.take_all();
        while let Some(object) = last_first.pop() {
            self.objects.push(object);
        }
        self.grace_period = Some(domain.start_poll());
    }

    /// Looks whether the grace period is over, and goes on with it.
    pub(super) fn is_over<B: Barrier>(&mut self, domain: &Domain<B>) -> bool {
        if let Some(cookie) = self.grace_period {
            if !domain.poll(cookie) {
                return false;
            }
            self.grace_period = None;
        }
        true
    }

    /// The grace period, unless it is over.
    pub(super) fn grace_period(&self) -> Option<Cookie> {
        self.grace_period
    }

    /// The next object, whose grace period is over.
    pub(super) fn pop(&mut self) -> Option<Deferred> {
        debug_assert!(self.grace_period.is_none());
        self.objects.pop()
    }
}
