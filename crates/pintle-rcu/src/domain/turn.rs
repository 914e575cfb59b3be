use super::{
    Barrier, Slot,
    registry::Registry,
    scan::{Manner, Progress, Scan},
};
use core::mem::ManuallyDrop;

/// The right to drive a domain's grace period.
///
/// # Invariants
///
/// The sequence is held by it.
pub(super) struct Turn<'a> {
    registry: &'a Registry,
}

// === impl Turn ===

impl<'a> Turn<'a> {
    /// Of a caller for whom the sequence is held now.
    pub(super) fn new(registry: &'a Registry) -> Self {
        Self { registry }
    }

    /// Goes as far as it gets without waiting, and wakes whoever is concerned.
    pub(super) fn advance<B: Barrier>(self, barrier: &B, manner: Manner) -> Progress {
        let registry = self.registry;
        let (progress, rings) = registry.scan.with_mut(|scan| {
            // SAFETY: by the invariant nobody else has the scan.
            let scan = unsafe { &mut *scan };
            (scan.advance(registry, barrier, manner), scan.rings())
        });
        if progress == Progress::Over {
            let this = ManuallyDrop::new(self);
            let mut wake = this.registry.sequence.finish();
            // A task may sleep, and we, who are not it, may have been quicker than the reader: it found no flag any more,
            // and has woken nobody.
            wake.leader |= rings && manner != Manner::Sleeps;
            this.registry.wake(wake);
        }
        progress
    }

    /// Forgets how far the grace period has come.
    #[allow(dead_code, reason = "for threads, which not every build has")]
    pub(super) fn begin_again(&mut self) {
        self.registry
            .scan
            // SAFETY: by the invariant nobody else has the scan.
            .with_mut(|scan| unsafe { *scan = Scan::new() });
    }

    /// The slot whose section is waited for.
    pub(super) fn awaited(&self) -> Option<&'static Slot> {
        self.registry
            .scan
            // SAFETY: by the invariant nobody else has the scan.
            .with(|scan| unsafe { &*scan }.awaited())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.registry.wake(self.registry.sequence.leave());
    }
}
