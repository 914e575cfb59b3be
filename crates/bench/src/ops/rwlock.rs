//! Readers-writer locks that nobody else wants.

use std::hint::black_box;

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "blocking_rwlock_read",
        what: "Lock to read, read a number, unlock, without contention.",
        contenders: &[
            Contender::new("pintle futex", pintle_futex::read),
            Contender::new("pintle spin", pintle_spin::read),
            Contender::new("maitake-sync spin", maitake::read),
            Contender::new("spin", spin::read),
            Contender::new("std", std_::read),
            Contender::new("parking_lot", parking_lot_::read),
        ],
    },
    Op {
        name: "blocking_rwlock_write",
        what: "Lock to write, count up, unlock, without contention.",
        contenders: &[
            Contender::new("pintle futex", pintle_futex::write),
            Contender::new("pintle spin", pintle_spin::write),
            Contender::new("maitake-sync spin", maitake::write),
            Contender::new("spin", spin::write),
            Contender::new("std", std_::write),
            Contender::new("parking_lot", parking_lot_::write),
        ],
    },
];

/// The same program for each, in a module of its own.
macro_rules! contenders {
    ($($name:ident: $new:path $(, $unpoisoned:ident)?;)+) => {$(
        mod $name {
            use super::black_box;

            pub(super) fn read(n: usize) {
                let lock = $new(1_u64);
                for _ in 0..n {
                    black_box(*black_box(&lock).read()$(.$unpoisoned("nobody panics"))?);
                }
            }

            pub(super) fn write(n: usize) {
                let lock = $new(0_u64);
                for _ in 0..n {
                    *black_box(&lock).write()$(.$unpoisoned("nobody panics"))? += 1;
                }
            }
        }
    )+};
}

contenders! {
    pintle_futex: super::futex;
    pintle_spin: pintle_lock::blocking::RwLock::new;
    maitake: maitake_sync::blocking::RwLock::new;
    spin: ::spin::RwLock::<_>::new;
    std_: std::sync::RwLock::new, expect;
    parking_lot_: parking_lot::RwLock::new;
}

type Futex = pintle_lock::blocking::RwLock<u64, pintle_lock::os::FutexRwLock>;

fn futex(number: u64) -> Futex {
    Futex::new_with_raw_rwlock(number, Default::default())
}
