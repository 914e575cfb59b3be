//! Read sections.

use std::{
    hint::black_box,
    sync::{RwLock, atomic::AtomicPtr, atomic::Ordering},
};

use pintle_rcu::{
    RcuCell,
    domain::{Barrier, Domain, Fences, Reader, Slot},
    global,
};
use seize::Guard;

use crate::barrier::NoProcessBarrier;

/// A number that is read, behind a pointer of the standard library's.
struct Boxed(AtomicPtr<u64>);

impl Boxed {
    fn new() -> Self {
        Self(AtomicPtr::new(Box::into_raw(Box::new(1))))
    }
}

impl Drop for Boxed {
    fn drop(&mut self) {
        // SAFETY: it comes from a box, and nobody else knows it.
        drop(unsafe { Box::from_raw(*self.0.get_mut()) });
    }
}

/// What the loop takes by itself: protects nothing.
pub(super) fn bare_load(n: usize) {
    let shared = Boxed::new();
    let shared = black_box(&shared);
    for _ in 0..n {
        let value = shared.0.load(Ordering::Acquire);
        // SAFETY: the number is freed when `shared` is.
        black_box(unsafe { *value });
    }
}

pub(super) fn pintle(n: usize) {
    let shared = RcuCell::new(1u64);
    let shared = black_box(&shared);
    for _ in 0..n {
        let guard = global().enter();
        black_box(*shared.load(&guard));
    }
}

/// A domain of its own, as firmware has it: each section makes a fence at either end.
pub(super) fn pintle_fences(n: usize) {
    static DOMAIN: Domain<Fences> = Domain::with_barrier(Fences);
    read_own(&reader_of(&DOMAIN), n);
}

/// The same, found out when it runs.
pub(super) fn pintle_no_barrier(n: usize) {
    static DOMAIN: Domain<NoProcessBarrier> = Domain::with_barrier(NoProcessBarrier);
    read_own(&reader_of(&DOMAIN), n);
}

pub(super) fn nested_pintle_fences(n: usize) {
    static DOMAIN: Domain<Fences> = Domain::with_barrier(Fences);
    let reader = reader_of(&DOMAIN);
    let _outer = reader.enter();
    read_own(&reader, n);
}

fn reader_of<B: Barrier>(domain: &'static Domain<B>) -> Reader<B> {
    let slot = Box::leak(Box::new(Slot::new()));
    domain.reader(slot).expect("a slot of its own")
}

fn read_own<B: Barrier>(reader: &Reader<B>, n: usize) {
    let shared = Boxed::new();
    let shared = black_box(&shared);
    for _ in 0..n {
        let _section = reader.enter();
        let value = shared.0.load(Ordering::Acquire);
        // SAFETY: the number is freed when `shared` is.
        black_box(unsafe { *value });
    }
}

pub(super) fn nested_pintle(n: usize) {
    let _outer = global().enter();
    pintle(n);
}

pub(super) fn pintle_quiesce(n: usize) {
    let shared = RcuCell::new(1u64);
    let shared = black_box(&shared);
    for _ in 0..n {
        global().quiesce();
        let guard = global().enter();
        black_box(*shared.load(&guard));
    }
}

pub(super) fn arc_swap_load(n: usize) {
    let shared = arc_swap::ArcSwap::from_pointee(1u64);
    let shared = black_box(&shared);
    for _ in 0..n {
        black_box(**shared.load());
    }
}

pub(super) fn arc_swap_cache(n: usize) {
    let shared = arc_swap::ArcSwap::from_pointee(1u64);
    let mut cache = arc_swap::Cache::new(black_box(&shared));
    for _ in 0..n {
        black_box(**cache.load());
    }
}

pub(super) fn crossbeam_epoch(n: usize) {
    let owned = crossbeam_epoch::Atomic::new(1u64);
    let shared = black_box(&owned);
    for _ in 0..n {
        let guard = crossbeam_epoch::pin();
        let value = shared.load(Ordering::Acquire, &guard);
        // SAFETY: the number is freed below, when nobody reads it any more.
        black_box(*unsafe { value.deref() });
    }
    // SAFETY: this was the only reader, and it is through.
    drop(unsafe { owned.into_owned() });
}

pub(super) fn nested_crossbeam_epoch(n: usize) {
    let _outer = crossbeam_epoch::pin();
    crossbeam_epoch(n);
}

pub(super) fn haphazard(n: usize) {
    let shared = haphazard::AtomicPtr::from(Box::new(1u64));
    let shared = black_box(&shared);
    let mut hazard = haphazard::HazardPointer::new();
    for _ in 0..n {
        black_box(shared.safe_load(&mut hazard).copied());
        hazard.reset_protection();
    }
    // SAFETY: this was the only reader, and it is through.
    let last = unsafe { shared.swap_ptr(std::ptr::null_mut()) };
    if let Some(last) = last {
        // SAFETY: it was just replaced, so nobody can come to read it.
        unsafe { last.retire() };
    }
}

/// A number for left-right, which asks how it is changed.
pub(super) struct Number(pub(super) u64);

impl left_right::Absorb<u64> for Number {
    fn absorb_first(&mut self, new: &mut u64, _other: &Self) {
        self.0 = *new;
    }

    fn sync_with(&mut self, first: &Self) {
        self.0 = first.0;
    }
}

fn read_left_right(handle: &left_right::ReadHandle<Number>, n: usize) {
    let handle = black_box(handle);
    for _ in 0..n {
        let guard = handle.enter().expect("there is a writer");
        black_box(guard.0);
    }
}

pub(super) fn left_right(n: usize) {
    let (_writer, handle) = left_right_pair();
    read_left_right(&handle, n);
}

pub(super) fn nested_left_right(n: usize) {
    let (_writer, handle) = left_right_pair();
    let _outer = handle.enter();
    read_left_right(&handle, n);
}

/// Made of two boxes, and empty of operations.
pub(super) fn left_right_pair() -> (
    left_right::WriteHandle<Number, u64>,
    left_right::ReadHandle<Number>,
) {
    left_right::new_from_empty(Number(1))
}

// `new_from_empty` makes the second copy.
impl Clone for Number {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

fn read_seize(collector: &seize::Collector, n: usize) {
    let shared = Boxed::new();
    let (shared, collector) = black_box((&shared, collector));
    for _ in 0..n {
        let guard = collector.enter();
        let value = guard.protect(&shared.0, Ordering::Acquire);
        // SAFETY: the number is freed when `shared` is.
        black_box(unsafe { *value });
    }
}

pub(super) fn seize(n: usize) {
    read_seize(&seize::Collector::new(), n);
}

pub(super) fn nested_seize(n: usize) {
    let collector = seize::Collector::new();
    let _outer = collector.enter();
    read_seize(&collector, n);
}

pub(super) fn std_rwlock(n: usize) {
    let shared = RwLock::new(Box::new(1u64));
    let shared = black_box(&shared);
    for _ in 0..n {
        black_box(**shared.read().expect("nobody panics"));
    }
}
