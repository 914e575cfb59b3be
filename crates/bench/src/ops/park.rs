//! Threads that park.

use std::thread;

use crate::{Contender, Op};

pub(crate) const OPS: &[Op] = &[
    Op {
        name: "park_notified",
        what: "Unpark this thread, and park it, which returns at once.",
        contenders: &[
            Contender::new("pintle", pintle),
            Contender::new("parking", parking),
            Contender::new("std", std),
        ],
    },
    #[cfg(target_os = "linux")]
    Op {
        name: "futex_wake",
        what: "Wake one thread of a futex on which nobody waits: instructions of user space.",
        contenders: &[
            Contender::new("pintle", futex::wake),
            Contender::new("pintle, linux::futex", futex::linux_wake),
            Contender::new("libc::syscall", futex::raw_wake),
        ],
    },
    #[cfg(target_os = "linux")]
    Op {
        name: "futex_wait",
        what: "Wait on a futex that does not hold the expected value: instructions of user space.",
        contenders: &[
            Contender::new("pintle", futex::wait),
            Contender::new("pintle, linux::futex", futex::linux_wait),
            Contender::new("libc::syscall", futex::raw_wait),
        ],
    },
];

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

#[cfg(target_os = "linux")]
mod futex {
    use std::hint::black_box;
    use std::ptr;
    use std::sync::atomic::AtomicU32;

    use pintle_park::linux::futex::{Futex, Private};

    pub(super) fn wake(n: usize) {
        let word = AtomicU32::new(0);
        for _ in 0..n {
            black_box(pintle_park::wake(black_box(&word), 1));
        }
    }

    pub(super) fn linux_wake(n: usize) {
        let word = Futex::<Private>::new(0);
        for _ in 0..n {
            _ = black_box(Futex::wake(black_box(&word), 1));
        }
    }

    pub(super) fn raw_wake(n: usize) {
        let word = AtomicU32::new(0);
        for _ in 0..n {
            black_box(raw(black_box(&word), libc::FUTEX_WAKE, 1));
        }
    }

    pub(super) fn wait(n: usize) {
        let word = AtomicU32::new(0);
        for _ in 0..n {
            pintle_park::wait(black_box(&word), 1);
        }
    }

    pub(super) fn linux_wait(n: usize) {
        let word = Futex::<Private>::new(0);
        for _ in 0..n {
            _ = black_box(black_box(&word).wait(1));
        }
    }

    pub(super) fn raw_wait(n: usize) {
        let word = AtomicU32::new(0);
        for _ in 0..n {
            black_box(raw(black_box(&word), libc::FUTEX_WAIT, 1));
        }
    }

    /// The least that a program without a library writes.
    fn raw(word: &AtomicU32, operation: libc::c_int, value: u32) -> libc::c_long {
        let operation = operation | libc::FUTEX_PRIVATE_FLAG;
        let none = ptr::null::<libc::timespec>();
        // SAFETY: the kernel checks the address, and reads the word at most.
        unsafe { libc::syscall(libc::SYS_futex, ptr::from_ref(word), operation, value, none) }
    }
}
