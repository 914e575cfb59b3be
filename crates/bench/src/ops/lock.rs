//! Blocking locks that nobody else wants.

use std::hint::black_box;

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[Op {
    name: "blocking_mutex",
    what: "Lock, count up, unlock, without contention.",
    contenders: &[
        Contender::new("pintle default", pintle::default_lock),
        Contender::new("pintle fair", fair),
        Contender::new("pintle spin", pintle::spin_lock),
        Contender::new("pintle ticket", ticket),
        Contender::new("pintle local", local),
        Contender::new("maitake-sync default", maitake::default_lock),
        Contender::new("maitake-sync spin", maitake::spin_lock),
        Contender::new("spin", spin),
        Contender::new("std", std),
        Contender::new("parking_lot", parking_lot),
        Contender::new("usync", usync),
    ],
}];

/// The same program for both crates, which have the same interface.
macro_rules! contender {
    ($name:ident: $krate:ident) => {
        mod $name {
            use super::*;
            use ::$krate::{blocking::Mutex, spin::Spinlock};

            pub(super) fn default_lock(n: usize) {
                let mutex = Mutex::new(0);
                for _ in 0..n {
                    black_box(&mutex).with_lock(|count| *count += 1);
                }
            }

            pub(super) fn spin_lock(n: usize) {
                let mutex = Mutex::new_with_raw_mutex(0, Spinlock::new());
                for _ in 0..n {
                    black_box(&mutex).with_lock(|count| *count += 1);
                }
            }
        }
    };
}

contender!(pintle: pintle_lock);
contender!(maitake: maitake_sync);

fn fair(n: usize) {
    use pintle_lock::{blocking::Mutex, os::FairLock};

    let mutex = Mutex::new_with_raw_mutex(0, FairLock::new());
    for _ in 0..n {
        black_box(&mutex).with_lock(|count| *count += 1);
    }
}

fn ticket(n: usize) {
    use pintle_lock::{blocking::Mutex, spin::TicketLock};

    let mutex = Mutex::new_with_raw_mutex(0, TicketLock::new());
    for _ in 0..n {
        black_box(&mutex).with_lock(|count| *count += 1);
    }
}

fn local(n: usize) {
    use pintle_lock::{blocking::Mutex, scoped::LocalLock};

    let mutex = Mutex::new_with_raw_mutex(0, LocalLock::new());
    for _ in 0..n {
        black_box(&mutex).with_lock(|count| *count += 1);
    }
}

fn spin(n: usize) {
    let mutex = spin::Mutex::<_>::new(0);
    for _ in 0..n {
        *black_box(&mutex).lock() += 1;
    }
}

fn std(n: usize) {
    let mutex = std::sync::Mutex::new(0);
    for _ in 0..n {
        *black_box(&mutex).lock().expect("nobody panics") += 1;
    }
}

fn parking_lot(n: usize) {
    let mutex = parking_lot::Mutex::new(0);
    for _ in 0..n {
        *black_box(&mutex).lock() += 1;
    }
}

fn usync(n: usize) {
    let mutex = usync::Mutex::new(0);
    for _ in 0..n {
        *black_box(&mutex).lock() += 1;
    }
}
