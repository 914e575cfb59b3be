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
    Op {
        name: "park_round_trip",
        what: "Unpark another thread, and park until it unparks this one: both sleep in between, so \
               the operating system takes nearly all of the time.",
        contenders: &[
            Contender::new("pintle", round_trip::pintle),
            Contender::new("parking", round_trip::parking),
            Contender::new("std", round_trip::std),
        ],
    },
    Op {
        name: "table_wake",
        what: "Wake one thread of a word of 8 bits for which nobody waits, in the parking table: beside \
               the fence and the load that is a hash of the address (four instructions), a branch, \
               and the count that is handed back.",
        contenders: &[
            Contender::new("pintle", table::wake),
            Contender::new("a fence and a load", table::fence_and_load),
        ],
    },
    Op {
        name: "light_barrier",
        what: "The frequent side's half of a process-wide barrier, once the strategy is decided.",
        contenders: &[
            Contender::new("pintle", light::pintle),
            Contender::new("fence(SeqCst)", light::full),
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

mod round_trip {
    use std::thread;
    use std::time::Duration;

    use pintle_park::Parker;

    pub(super) fn pintle(n: usize) {
        let (here, there) = (Parker::new(), Parker::new());
        let (to_here, to_there) = (here.unparker(), there.unparker());
        let other = thread::spawn(move || {
            for _ in 0..n {
                there.park();
                to_here.unpark();
            }
        });
        for _ in 0..n {
            to_there.unpark();
            here.park();
        }
        other.join().expect("it does not panic");
    }

    pub(super) fn parking(n: usize) {
        let (here, to_here) = parking::pair();
        let (there, to_there) = parking::pair();
        let other = thread::spawn(move || {
            for _ in 0..n {
                there.park();
                to_here.unpark();
            }
        });
        for _ in 0..n {
            to_there.unpark();
            here.park();
        }
        other.join().expect("it does not panic");
    }

    /// `std`'s may wake for no reason; where it does not, as on Linux, it needs no flag beside it. But
    /// its token is everybody's: `thread::scope` may have left one.
    pub(super) fn std(n: usize) {
        let here = thread::current();
        thread::park_timeout(Duration::ZERO);
        let other = thread::spawn(move || {
            for _ in 0..n {
                thread::park();
                here.unpark();
            }
        });
        for _ in 0..n {
            other.thread().unpark();
            thread::park();
        }
        other.join().expect("it does not panic");
    }
}

mod table {
    use std::hint::black_box;
    use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::*, fence};

    pub(super) fn wake(n: usize) {
        let word = AtomicU8::new(0);
        for _ in 0..n {
            black_box(pintle_park::sized::wake(black_box(&word), 1));
        }
    }

    /// The least that a wake without a system call can be.
    pub(super) fn fence_and_load(n: usize) {
        let count = AtomicUsize::new(0);
        for _ in 0..n {
            fence(SeqCst);
            black_box(black_box(&count).load(Relaxed));
        }
    }
}

mod light {
    use std::hint::black_box;
    use std::sync::atomic::{AtomicU32, Ordering::*, fence};

    pub(super) fn pintle(n: usize) {
        let _ = pintle_park::barrier::strategy();
        between(n, pintle_park::barrier::light);
    }

    pub(super) fn full(n: usize) {
        between(n, || fence(SeqCst));
    }

    /// A store and a load, which the barrier keeps in their order.
    #[inline(always)]
    fn between(n: usize, barrier: impl Fn()) {
        let (mine, theirs) = (AtomicU32::new(0), AtomicU32::new(0));
        for i in 0..n {
            black_box(&mine).store(i as u32, Relaxed);
            barrier();
            black_box(black_box(&theirs).load(Relaxed));
        }
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
