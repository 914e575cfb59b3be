//! A new value in the place of the old one, which is freed.

use std::{hint::black_box, mem, sync::RwLock};

use super::read::left_right_pair;

pub(super) fn pintle(n: usize) {
    let shared = pintle_rcu::RcuCell::new(0u64);
    for i in 0..n {
        black_box(&shared).replace(i as u64).synchronize();
    }
}

pub(super) fn arc_swap(n: usize) {
    let shared = arc_swap::ArcSwap::from_pointee(0u64);
    for i in 0..n {
        black_box(&shared).store(std::sync::Arc::new(i as u64));
    }
}

pub(super) fn haphazard(n: usize) {
    let domain = haphazard::Domain::global();
    let shared = haphazard::AtomicPtr::from(Box::new(0u64));
    for i in 0..n {
        let old = black_box(&shared).swap(Box::new(i as u64));
        if let Some(old) = old {
            // SAFETY: it was just replaced, so nobody can come to read it.
            unsafe { old.retire() };
        }
        domain.eager_reclaim();
    }
}

pub(super) fn left_right(n: usize) {
    let (mut writer, _reader) = left_right_pair();
    for i in 0..n {
        black_box(&mut writer).append(i as u64).publish();
    }
}

pub(super) fn std_rwlock(n: usize) {
    let shared = RwLock::new(Box::new(0u64));
    for i in 0..n {
        let new = Box::new(i as u64);
        let old = mem::replace(
            &mut *black_box(&shared).write().expect("nobody panics"),
            new,
        );
        drop(old);
    }
}
