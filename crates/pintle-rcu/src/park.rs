//! Threads and cores that quiesce whenever they sleep.

use crate::domain::{Barrier, Reader};
use pintle_park::{Park, ParkOutcome, ParkUntil};

/// What is told that a reader will not read for a while.
///
/// Implemented for [`RcuDomain`](crate::RcuDomain) (the calling thread is the reader), for [`Reader`] and a
/// reference to one, and for pairs, of which both are told.
pub trait Quiesce {
    /// As [`Reader::quiesce`]: within a section it does nothing.
    fn quiesce(&self);
}

/// A [`Park`] that quiesces before each sleep.
///
/// An executor, or whatever else idles on a [`Park`], needs to know nothing of read-copy-update then: its
/// threads cost no writer a heavy barrier while they sleep, and are not interrupted by one. (A thread that
/// sleeps outside of sections never holds a writer up, quiescent or not.) The first section after a sleep
/// pays a full fence.
///
/// Whoever sleeps *within* a section holds writers up all the same: this ends no section.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "std")] {
/// use pintle_park::{Park, Parker};
/// use pintle_rcu::{QuiescingPark, global};
///
/// let park = QuiescingPark::new(Parker::new(), global());
/// let unparker = park.unparker();
/// let worker = std::thread::spawn(move || {
///     global().run(|| { /* reads */ });
///     // Nothing to do.
///     park.park();
/// });
/// unparker.unpark();
/// worker.join().unwrap();
/// # }
/// ```
///
/// A core, with a reader of its own:
///
/// ```
/// # use pintle_park::{Park, Unpark};
/// use pintle_rcu::{QuiescingPark, domain::{Domain, Slot}};
/// # struct Wfi;
/// # #[derive(Clone)] struct UnparkCore;
/// # impl Unpark for UnparkCore { fn unpark(&self) {} }
/// # impl Park for Wfi {
/// #     type Unparker = UnparkCore;
/// #     fn park(&self) {}
/// #     fn unparker(&self) -> UnparkCore { UnparkCore }
/// # }
///
/// static DOMAIN: Domain = Domain::new();
/// static SLOT: Slot = Slot::new();
///
/// let reader = DOMAIN.reader(&SLOT).unwrap();
/// let park = QuiescingPark::new(Wfi, &reader);
/// reader.run(|| { /* reads */ });
/// park.park();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct QuiescingPark<P, Q> {
    park: P,
    reader: Q,
}

// === impl QuiescingPark ===

impl<P, Q> QuiescingPark<P, Q> {
    /// Sleeps as `park` does, and tells `reader` before.
    #[must_use]
    pub const fn new(park: P, reader: Q) -> Self {
        Self { park, reader }
    }

    /// What it sleeps on.
    #[must_use]
    pub const fn get(&self) -> &P {
        &self.park
    }

    /// What it sleeps on, again without the quiescing.
    #[must_use]
    pub fn into_inner(self) -> P {
        self.park
    }
}

impl<P: Park, Q: Quiesce> Park for QuiescingPark<P, Q> {
    type Unparker = P::Unparker;

    fn park(&self) {
        self.reader.quiesce();
        self.park.park();
    }

    fn unparker(&self) -> Self::Unparker {
        self.park.unparker()
    }
}

impl<P: ParkUntil, Q: Quiesce> ParkUntil for QuiescingPark<P, Q> {
    type Deadline = P::Deadline;

    fn park_until(&self, deadline: Self::Deadline) -> ParkOutcome {
        self.reader.quiesce();
        self.park.park_until(deadline)
    }
}

// === impl Quiesce ===

impl<B: Barrier> Quiesce for Reader<B> {
    #[inline]
    fn quiesce(&self) {
        Reader::quiesce(self);
    }
}

impl<Q: Quiesce + ?Sized> Quiesce for &Q {
    #[inline]
    fn quiesce(&self) {
        Q::quiesce(self);
    }
}

impl<A: Quiesce, B: Quiesce> Quiesce for (A, B) {
    #[inline]
    fn quiesce(&self) {
        self.0.quiesce();
        self.1.quiesce();
    }
}
