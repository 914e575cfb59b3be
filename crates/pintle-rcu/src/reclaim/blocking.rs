//! Threads that wait, asleep.

use super::{AsDomain, Reclaimer};
use pintle_park::{Parker, block_on};
use pintle_sync::blocking::ScopedRawMutex;

// === impl Reclaimer ===

impl<D: AsDomain, Lock: ScopedRawMutex> Reclaimer<D, Lock> {
    /// As [`barrier`](Self::barrier), for a thread, which sleeps meanwhile. Somebody must take turns.
    ///
    /// # Panics
    ///
    /// In a callback of this reclaimer, or a section of its domain: it would wait for itself.
    #[track_caller]
    pub fn barrier_blocking(&self) {
        self.assert_outside();
        block_on(&Parker::new(), self.barrier());
    }

    /// As [`room`](Self::room), for a thread, which sleeps meanwhile. Somebody must take turns.
    ///
    /// # Panics
    ///
    /// In a callback of this reclaimer, or a section of its domain: it would wait for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use pintle_rcu::{domain::Domain, reclaim::{Full, Reclaimer}};
    ///
    /// static DOMAIN: Domain = Domain::new();
    /// static RECLAIMER: Reclaimer<&Domain> = Reclaimer::bounded(&DOMAIN, 10);
    ///
    /// let thread = RECLAIMER.spawn_thread().unwrap();
    /// for value in 0..100 {
    ///     let mut table = vec![value; 100];
    ///     while let Err(Full(back)) = RECLAIMER.defer_drop(table) {
    ///         table = back;
    ///         RECLAIMER.room_blocking();
    ///     }
    /// }
    /// thread.stop();
    /// assert_eq!(RECLAIMER.backlog(), 0);
    /// ```
    #[track_caller]
    pub fn room_blocking(&self) {
        self.assert_outside();
        block_on(&Parker::new(), self.room());
    }
}
