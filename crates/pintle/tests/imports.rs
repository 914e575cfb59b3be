//! The paths that a program written for maitake uses, by feature, and those of the kit's own.
//!
//! A name that is imported here is a promise: `docs/migrating.md` says which of maitake's are not
//! there yet.

#![allow(unused_imports, reason = "that they resolve is the test")]

mod without_features {
    use pintle::future::{Yield, yield_now};
    use pintle::new_static_scheduler;
    use pintle::scheduler::{
        Injector, LocalStaticScheduler, LocalStaticSpawner, Schedule, StaticScheduler,
        StaticStealingScheduler, Stealer, TaskStub, Tick, TryStealError, Worker, new_static,
        new_static_local, new_static_stealing,
    };
    use pintle::sync::blocking::{
        ConstInit, DefaultMutex, Mutex, MutexGuard, RawMutex, ScopedRawMutex,
    };
    use pintle::sync::spin::Spinlock;
    use pintle::sync::util::{Backoff, CachePadded};
    use pintle::sync::wait_cell::{PollWaitError, Subscribe, Wait};
    use pintle::sync::wait_queue;
    use pintle::sync::{Closed, WaitCell, WaitQueue, WaitResult};
    use pintle::task::{
        Builder, Context, JoinError, JoinHandle, Poll, Storage, Task, TaskId, TaskRef, Waker,
    };
    use pintle::time::clock::Ticks;
    use pintle::time::timeout::Elapsed;
    use pintle::time::{
        AlreadyInitialized, Clock, Duration, Instant, Sleep, Timeout, Timer, TimerError, Turn,
        set_global_timer, sleep, timeout, try_sleep, try_timeout,
    };

    use pintle::base::{atomic, cell, const_fn, hint, not_loom, only_loom, thread};
    use pintle::bitfield::{FromBits, bitfield, enum_from_bits};
    use pintle::intrusive::{Linked, List, MpscQueue, Ring};

    // The same types, whichever crate names them.
    const _: fn(&pintle::sync::spin::Spinlock) -> &pintle_lock::spin::Spinlock = |lock| lock;
    const _: fn(&pintle::sync::util::Backoff) -> &pintle_core::Backoff = |backoff| backoff;
}

#[cfg(feature = "alloc")]
mod alloc {
    use pintle::scheduler::{LocalScheduler, LocalSpawner, Scheduler, StealingScheduler};
    use pintle::sync::wait_queue::WaitOwned;
    use pintle::task::{BoxStorage, JoinSet};
}

#[cfg(feature = "std")]
mod std {
    use pintle::base::model;
    use pintle::lock::os::FutexLock;
}

#[cfg(all(feature = "park", any(target_os = "linux", feature = "std")))]
mod park {
    use pintle::park::barrier::{Strategy, heavy, light, strategy};
    use pintle::park::{
        Parker, Unparker, wait, wait_timeout, wait_until, wake, wake_all, wake_one,
    };
}

#[cfg(all(feature = "rcu", feature = "std"))]
mod rcu {
    use pintle::rcu::{RcuCell, RcuDomain, RcuGuard, global};
}

/// A clock, a timer, a scheduler and a queue, all in statics: no heap, no operating system.
#[test]
fn a_runtime_of_statics() {
    use ::core::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use pintle::scheduler::{StaticScheduler, TaskStub};
    use pintle::sync::WaitQueue;
    use pintle::time::{Clock, Duration, Timer};

    static TICKS: AtomicU64 = AtomicU64::new(0);
    static TIMER: Timer = Timer::new(Clock::new(Duration::from_millis(1), || TICKS.load(Relaxed)));
    static QUEUE: WaitQueue = WaitQueue::new();
    static STUB: TaskStub = TaskStub::new();
    // SAFETY: the stub is used by this scheduler alone.
    static SCHEDULER: StaticScheduler = unsafe { StaticScheduler::new_with_static_stub(&STUB) };

    QUEUE.wake();
    assert!(!SCHEDULER.tick().has_remaining);
    assert_eq!(TIMER.turn().expired, 0);
    TICKS.store(5, Relaxed);
    assert_eq!(TIMER.turn().now, 5);
}
