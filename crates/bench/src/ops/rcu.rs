//! Reading what is seldom replaced.

use std::{
    hint::black_box,
    sync::{RwLock, atomic::Ordering},
};

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[Op {
    name: "rcu_read",
    what: "Enter a read section, read a number behind the shared pointer, leave the section.",
    contenders: &[
        Contender::new("pintle", pintle),
        Contender::new("arc-swap load", arc_swap_load),
        Contender::new("arc-swap cache", arc_swap_cache),
        Contender::new("crossbeam-epoch", crossbeam_epoch),
        Contender::new("haphazard", haphazard),
        Contender::new("std RwLock", std_rwlock),
    ],
}];

fn pintle(n: usize) {
    let shared = pintle_rcu::RcuCell::new(1u64);
    for _ in 0..n {
        let guard = pintle_rcu::global().enter();
        black_box(*black_box(&shared).load(&guard));
    }
}

fn arc_swap_load(n: usize) {
    let shared = arc_swap::ArcSwap::from_pointee(1u64);
    for _ in 0..n {
        black_box(**black_box(&shared).load());
    }
}

fn arc_swap_cache(n: usize) {
    let shared = arc_swap::ArcSwap::from_pointee(1u64);
    let mut cache = arc_swap::Cache::new(&shared);
    for _ in 0..n {
        black_box(**black_box(&mut cache).load());
    }
}

fn crossbeam_epoch(n: usize) {
    let shared = crossbeam_epoch::Atomic::new(1u64);
    for _ in 0..n {
        let guard = crossbeam_epoch::pin();
        let value = black_box(&shared).load(Ordering::Acquire, &guard);
        // SAFETY: the number is freed below, when nobody reads it any more.
        black_box(*unsafe { value.deref() });
    }
    // SAFETY: this was the only reader, and it is through.
    drop(unsafe { shared.into_owned() });
}

fn haphazard(n: usize) {
    let shared = haphazard::AtomicPtr::from(Box::new(1u64));
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

fn std_rwlock(n: usize) {
    let shared = RwLock::new(Box::new(1u64));
    for _ in 0..n {
        black_box(**black_box(&shared).read().expect("nobody panics"));
    }
}
