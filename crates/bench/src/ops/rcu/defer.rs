//! A new value in the place of the old one, which is freed later, with others.

use std::{
    hint::black_box,
    sync::atomic::{AtomicPtr, Ordering},
};

use pintle_intrusive::linked;
use pintle_rcu::{
    RcuCell, RcuDomain, global,
    reclaim::{RcuHead, Reclaimer},
};
use std::pin::Pin;

/// After so many ours is told to free what it may; the peers do so by themselves.
const BATCH: usize = 64;

type Ours = Reclaimer<RcuDomain>;

pub(super) fn pintle(n: usize) {
    let reclaimer = Ours::bounded(global(), 1 << 20);
    let shared = RcuCell::new(0u64);
    let (shared, reclaimer) = black_box((&shared, &reclaimer));
    for i in 0..n {
        let deferred = shared.replace(i as u64).defer(reclaimer);
        deferred.expect("the backlog is not full");
        if i % BATCH == 0 {
            reclaimer.turn();
        }
    }
}

/// Objects that are made anew all the same, so that it is the same work as that of the others.
pub(super) fn pintle_intrusive(n: usize) {
    struct Number {
        head: RcuHead,
        _number: u64,
    }

    linked!(Number { head: RcuHead } as Pin<Box<Self>>);

    let reclaimer = Ours::bounded(global(), 1 << 20);
    let reclaimer = black_box(&reclaimer);
    for i in 0..n {
        let number = Box::pin(Number {
            head: RcuHead::new(),
            _number: i as u64,
        });
        let deferred = reclaimer.defer(number);
        deferred.expect("the backlog is not full");
        if i % BATCH == 0 {
            reclaimer.turn();
        }
    }
}

pub(super) fn crossbeam_epoch(n: usize) {
    let shared = crossbeam_epoch::Atomic::new(0u64);
    let shared = black_box(&shared);
    for i in 0..n {
        let guard = crossbeam_epoch::pin();
        let new = crossbeam_epoch::Owned::new(i as u64);
        let old = shared.swap(new, Ordering::AcqRel, &guard);
        // SAFETY: it was just replaced, so nobody can come to read it.
        unsafe { guard.defer_destroy(old) };
    }
    let guard = crossbeam_epoch::pin();
    let last = shared.swap(crossbeam_epoch::Shared::null(), Ordering::AcqRel, &guard);
    // SAFETY: as above.
    unsafe { guard.defer_destroy(last) };
}

pub(super) fn haphazard(n: usize) {
    let shared = haphazard::AtomicPtr::from(Box::new(0u64));
    let shared = black_box(&shared);
    for i in 0..n {
        if let Some(old) = shared.swap(Box::new(i as u64)) {
            // SAFETY: it was just replaced, so nobody can come to read it.
            unsafe { old.retire() };
        }
    }
}

pub(super) fn seize(n: usize) {
    let collector = seize::Collector::new().batch_size(BATCH);
    let shared = AtomicPtr::new(Box::into_raw(Box::new(0u64)));
    let (shared, collector) = black_box((&shared, &collector));
    for i in 0..n {
        let new = Box::into_raw(Box::new(i as u64));
        let old = shared.swap(new, Ordering::AcqRel);
        // SAFETY: it comes from a box, and was just replaced, so nobody can come to read it.
        unsafe { collector.retire(old, seize::reclaim::boxed) };
    }
    // SAFETY: it comes from a box, and nobody else knows it.
    drop(unsafe { Box::from_raw(shared.load(Ordering::Acquire)) });
}
