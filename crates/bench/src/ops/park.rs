//! Threads that park.

use std::thread;

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[Op {
    name: "park_notified",
    what: "Unpark this thread, and park it, which returns at once.",
    contenders: &[
        Contender::new("pintle", pintle),
        Contender::new("parking", parking),
        Contender::new("std", std),
    ],
}];

fn pintle(n: usize) {
    let parker = pintle_park::Parker::new();
    let unparker = parker.unparker();
    for _ in 0..n {
        unparker.unpark();
        parker.park();
    }
}

fn parking(n: usize) {
    let (parker, unparker) = parking::pair();
    for _ in 0..n {
        unparker.unpark();
        parker.park();
    }
}

fn std(n: usize) {
    let current = thread::current();
    for _ in 0..n {
        current.unpark();
        thread::park();
    }
}
