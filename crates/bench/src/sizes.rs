//! What a value of each type takes.

/// One type's size, beside what the peers need for the same job.
#[derive(Debug)]
pub struct Size {
    /// What the type is for.
    pub job: &'static str,
    /// The type.
    pub name: &'static str,
    /// Its size in bytes on the machine that runs this.
    pub bytes: usize,
}

/// The sizes, ours first for each job.
#[must_use]
pub fn sizes() -> Vec<Size> {
    macro_rules! sizes {
        ($($job:literal: $($Type:ty),+;)+) => {
            vec![$($(Size {
                job: $job,
                name: stringify!($Type),
                bytes: size_of::<$Type>(),
            }),+),+]
        };
    }
    sizes! {
        "a list's node needs": pintle_intrusive::list::Links<()>, cordyceps::list::Links<()>, intrusive_collections::LinkedListLink;
        "a lock that spins": pintle_lock::blocking::Mutex<(), pintle_lock::spin::Spinlock>, maitake_sync::blocking::Mutex<(), maitake_sync::spin::Spinlock>, spin::Mutex<()>;
        "a lock": pintle_lock::blocking::Mutex<()>, maitake_sync::blocking::Mutex<()>, std::sync::Mutex<()>, parking_lot::Mutex<()>, usync::Mutex<()>;
        "a fair lock": pintle_lock::blocking::Mutex<(), pintle_lock::os::FairLock>, pintle_lock::blocking::Mutex<(), pintle_lock::spin::TicketLock>;
        "many read, one writes": pintle_lock::blocking::RwLock<(), pintle_lock::os::FutexRwLock>, pintle_lock::blocking::RwLock<(), pintle_lock::spin::RwSpinlock>, maitake_sync::blocking::RwLock<()>, std::sync::RwLock<()>, parking_lot::RwLock<()>, usync::RwLock<()>;
        "one waits": pintle_sync::WaitCell, maitake_sync::WaitCell, atomic_waker::AtomicWaker;
        "many wait": pintle_sync::WaitQueue, maitake_sync::WaitQueue, tokio::sync::Notify, event_listener::Event;
        "… and each of them needs": pintle_sync::wait_queue::Wait<'static>, maitake_sync::wait_queue::Wait<'static>, tokio::sync::futures::Notified<'static>;
        "a mutex of tasks": pintle_sync::Mutex<()>, maitake_sync::Mutex<()>, tokio::sync::Mutex<()>, async_lock::Mutex<()>, futures_intrusive::sync::Mutex<()>, futures::lock::Mutex<()>;
        "… and who waits for it needs": pintle_sync::mutex::Lock<'static, ()>, maitake_sync::mutex::Lock<'static, ()>;
        "many read or one writes": pintle_sync::RwLock<()>, maitake_sync::RwLock<()>, tokio::sync::RwLock<()>, async_lock::RwLock<()>;
        "permits": pintle_sync::Semaphore, maitake_sync::Semaphore, tokio::sync::Semaphore, async_lock::Semaphore, futures_intrusive::sync::Semaphore;
        "… and who waits for some needs": pintle_sync::semaphore::Acquire<'static>, maitake_sync::semaphore::Acquire<'static>;
        "a scheduler": pintle_task::scheduler::Scheduler, pintle_task::scheduler::StaticScheduler, async_executor::Executor<'static>;
        "a task's handle": pintle_task::task::JoinHandle<()>, async_executor::Task<()>, tokio::task::JoinHandle<()>;
        "a timer": pintle_time::Timer, pintle_time::Timer<pintle_lock::scoped::LocalLock>;
        "… that needs a heap as well": tokio_util::time::DelayQueue<()>, nexus_timer::Wheel<std::task::Waker>, hierarchical_hash_wheel_timer::wheels::quad_wheel::QuadWheelWithOverflow<std::task::Waker>;
        "a sleep": pintle_time::Sleep<'static>, pintle_time::Sleep<'static, pintle_lock::scoped::LocalLock>, tokio::time::Sleep;
        "a future and its time-out": pintle_time::Timeout<'static, std::future::Pending<()>>, tokio::time::Timeout<std::future::Pending<()>>;
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use pintle_lock::scoped::LocalLock;
    use pintle_time::{Sleep, Timer};

    #[test]
    fn timers_and_sleeps_are_no_larger_than_promised() {
        assert!(size_of::<Timer>() <= 3400);
        assert!(size_of::<Timer<LocalLock>>() <= 3400);
        assert!(size_of::<Sleep<'_>>() <= 80);
        assert!(size_of::<Sleep<'_, LocalLock>>() <= 80);
    }
}
