use super::{Barrier, Slot, registry::Registry};
use pintle_core::atomic::{Ordering::SeqCst, fence};

/// A grace period under way, of which there is one at a time in a domain: the slots that are still to be
/// looked at.
///
/// Steps 1 to 4 of the algorithm (see the [module](super)) are its beginning, step 5 is
/// [`advance`](Self::advance), which may be called from any thread that has it.
pub(super) struct Scan {
    /// The first of the active slots whose section is waited for; there may be others after it.
    at: Option<&'static Slot>,
    /// The sections that are waited for ring when they end.
    rings: bool,
    /// The beginning is done. False between grace periods.
    begun: bool,
}

/// How the caller of [`Scan::advance`] gets to know when to call again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// It looks again of its own accord.
    Looks,
    /// It sleeps until a reader wakes it.
    Sleeps,
    /// It sleeps, and can look again after a while.
    Naps,
}

/// How far a grace period has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Every section that was running when it began has ended.
    Over,
    /// One of them was still running.
    Waiting,
    /// The same, and it may be that its end does not wake a caller who naps.
    Unheard,
}

// === impl Scan ===

impl Scan {
    pub(super) const fn new() -> Self {
        Self {
            at: None,
            rings: false,
            begun: false,
        }
    }

    /// Whether a writer sleeps until it is over, or did when it was.
    pub(super) fn rings(&self) -> bool {
        self.rings
    }

    /// The slot whose section is waited for.
    pub(super) fn awaited(&self) -> Option<&'static Slot> {
        self.at
    }

    /// Begins the grace period, if that is not done, and goes as far as the first slot whose section is still
    /// running.
    pub(super) fn advance<B: Barrier>(
        &mut self,
        registry: &Registry,
        barrier: &B,
        manner: Manner,
    ) -> Progress {
        if !self.begun {
            self.begin(registry, barrier, manner);
        } else if manner != Manner::Looks && !self.rings {
            self.make_ring(registry, barrier, manner);
        }
        match self.look(registry) {
            Progress::Waiting if manner == Manner::Naps && !self.rings => Progress::Unheard,
            progress => progress,
        }
    }

    fn begin<B: Barrier>(&mut self, registry: &Registry, barrier: &B, manner: Manner) {
        self.rings = manner != Manner::Looks;
        registry.change_stamp();
        // Who looks again by itself needs no fence to see that there is somebody: the heavy barrier follows.
        let heavy = if !self.rings && registry.has_restless() {
            true
        } else {
            // Pairs with the fence of an `enter` out of quiescence, and so with the first of each reader: one
            // that is not found on the list, or quiescent, needs no look.
            fence(SeqCst);
            if self.rings {
                registry.make_restless_ring()
            } else {
                registry.has_restless()
            }
        };
        if heavy {
            // Pairs with the light barrier of each entry and of each exit.
            barrier.heavy();
        }
        self.first_look(registry, heavy);
        self.begun = true;
    }

    /// Finds the sections to be waited for, if there can be `any`, and takes readers that have long been
    /// quiescent off the list.
    fn first_look(&mut self, registry: &Registry, any: bool) {
        let stamp = registry.stamp();
        let mut fresh = false;
        let mut first_awaited = None;
        let mut before: Option<&Slot> = None;
        let mut at = registry.first_active();
        while let Some(slot) = at {
            at = registry.next_active(slot);
            let word = slot.word();
            if word.is_inside() {
                // One that does not ring was quiescent, or not on the list, after the fence.
                if any && (!self.rings || slot.rings()) {
                    slot.set_awaited(word);
                    fresh |= word.is_of_same_stamp(stamp);
                    first_awaited = first_awaited.or(Some(slot));
                }
            } else {
                slot.clear_ringing();
                if word.is_quiescent() && slot.is_idle(word) && registry.retire(slot, word, before)
                {
                    continue;
                }
            }
            before = Some(slot);
        }
        if fresh {
            // So that the ones that begin from now on differ from it.
            registry.change_stamp();
        }
        self.at = first_awaited;
    }

    /// Waits for each section that was found.
    fn look(&mut self, registry: &Registry) -> Progress {
        while let Some(slot) = self.at {
            if let Some(section) = slot.awaited() {
                let word = slot.word();
                // It is over as soon as the word says anything else: outside, or another section.
                if word.is_inside() && word.is_of_same_stamp(section) {
                    return Progress::Waiting;
                }
                slot.forget_awaited();
                slot.clear_ringing();
            }
            self.at = registry.next_active(slot);
        }
        self.begun = false;
        Progress::Over
    }

    /// Makes the sections ring that are still waited for, in a grace period that has begun without.
    #[cold]
    fn make_ring<B: Barrier>(&mut self, registry: &Registry, barrier: &B, manner: Manner) {
        let mut at = self.at;
        while let Some(slot) = at {
            if slot.awaited().is_some() {
                slot.set_ringing();
            }
            at = registry.next_active(slot);
        }
        if manner == Manner::Sleeps {
            // Pairs with the light barrier of each exit.
            barrier.heavy();
        } else {
            // Pairs with the fence of each exit where readers make fences. Where they do not, those that end just now may
            // not see the flag, and the processors are not interrupted for that.
            fence(SeqCst);
            if !barrier.readers_fence() {
                return;
            }
        }
        // Not before: if the barrier panics, the next one makes it.
        self.rings = true;
    }
}
