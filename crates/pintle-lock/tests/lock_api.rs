//! Locks of `lock_api` here, and ours there; with real peers of both majors' shapes.
#![cfg(all(
    not(loom),
    any(feature = "impl-lock_api-0_4", feature = "impl-lock_api-0_5")
))]

/// What both majors promise of `lock_api::RwLock` over a lock of ours, and of `Mutex`.
macro_rules! ours_there {
    ($name:ident: $lock_api:ident) => {
        mod $name {
            use pintle_lock::spin::{RwSpinlock, Spinlock, TicketLock};
            use pintle_lock::$lock_api::IntoLockApi;
            use std::sync::{Arc, Barrier};
            use $lock_api as lock_api;

            #[test]
            fn a_mutex_excludes() {
                type Mutex<T> = lock_api::Mutex<IntoLockApi<TicketLock>, T>;
                let (mutex, start) = (Arc::new(Mutex::new(0)), Arc::new(Barrier::new(3)));
                let threads: Vec<_> = (0..3)
                    .map(|_| {
                        let (mutex, start) = (mutex.clone(), start.clone());
                        std::thread::spawn(move || {
                            start.wait();
                            for _ in 0..5_000 {
                                let mut count = mutex.lock();
                                let before = *count;
                                std::hint::black_box(&before);
                                *count = before + 1;
                            }
                        })
                    })
                    .collect();
                for thread in threads {
                    thread.join().unwrap();
                }
                assert_eq!(*mutex.lock(), 15_000);
                let guard = mutex.lock();
                assert!(mutex.try_lock().is_none() && mutex.is_locked());
                drop(guard);
                assert!(!mutex.is_locked());
            }

            #[test]
            fn readers_upgrades_and_downgrades() {
                use lock_api::{
                    RwLockUpgradableReadGuard as Upgradable, RwLockWriteGuard as Write,
                };

                let lock: lock_api::RwLock<IntoLockApi<RwSpinlock>, u8> = lock_api::RwLock::new(1);
                let (one, two) = (lock.read(), lock.read());
                assert!(lock.try_write().is_none() && lock.is_locked());
                assert!(!lock.is_locked_exclusive());
                drop((one, two));

                let upgradable = lock.upgradable_read();
                assert!(
                    lock.try_upgradable_read().is_none(),
                    "there is one at a time"
                );
                let reader = lock.read();
                let Err(upgradable) = Upgradable::try_upgrade(upgradable) else {
                    panic!("upgraded beside a reader");
                };
                drop(reader);
                let mut writer = Upgradable::upgrade(upgradable);
                assert!(lock.try_read().is_none() && lock.is_locked_exclusive());
                *writer = 2;
                let upgradable = Write::downgrade_to_upgradable(writer);
                assert!(lock.try_read().is_some());
                let reader = Upgradable::downgrade(upgradable);
                assert!(
                    lock.try_upgradable_read().is_some(),
                    "it reads, and no more"
                );
                assert_eq!(*reader, 2);
                drop(reader);
                let reader = Write::downgrade(lock.write());
                assert!(lock.try_read().is_some() && lock.try_write().is_none());
                drop(reader);
                assert!(lock.try_write().is_some());
            }

            /// Guards go where the lock's own would: `Spinlock`'s may be sent.
            #[test]
            fn guards_keep_the_locks_marker() {
                fn sent<T: Send>() {}
                fn shared<T: Sync>() {}
                sent::<lock_api::MutexGuard<'static, IntoLockApi<Spinlock>, u8>>();
                shared::<lock_api::MutexGuard<'static, IntoLockApi<Spinlock>, u8>>();
            }
        }
    };
}

#[cfg(feature = "impl-lock_api-0_4")]
ours_there!(major_4: lock_api_0_4);
#[cfg(feature = "impl-lock_api-0_5")]
ours_there!(major_5: lock_api_0_5);

/// A readers-writer lock of 0.4 that came from here, gone there, and back.
#[test]
#[cfg(feature = "impl-lock_api-0_4")]
fn theirs_here() {
    use lock_api_0_4::RawRwLock as _;
    use pintle_lock::blocking::RwLock;
    use pintle_lock::lock_api_0_4::{FromLockApi, IntoLockApi};
    use pintle_lock::spin::RwSpinlock;

    type Theirs = IntoLockApi<RwSpinlock>;
    let lock = RwLock::new_with_raw_rwlock(1, FromLockApi::new(Theirs::INIT));
    let (one, two) = (lock.read(), lock.read());
    assert!(lock.try_write().is_none());
    drop((one, two));
    *lock.write() += 1;
    let upgradable = lock.upgradable_read();
    assert!(lock.try_upgradable_read().is_none());
    assert_eq!(*upgradable, 2);
}

/// A lock of 0.5 with a state per locking, as a queue lock has: it comes back to the unlock.
#[cfg(feature = "impl-lock_api-0_5")]
mod stateful {
    use pintle_lock::blocking::Mutex;
    use pintle_lock::lock_api_0_5::FromLockApi;
    use pintle_lock::{ConstInit, ScopedRawMutex};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering::*};

    /// Each locking has a number, which unlocking has to give back.
    #[derive(Debug)]
    struct Numbered {
        holder: AtomicU32,
        last: AtomicU32,
    }

    #[derive(Debug)]
    struct Number(u32);

    impl Drop for Number {
        fn drop(&mut self) {
            panic!("the state was dropped and not handed back");
        }
    }

    // SAFETY: the compare-exchange finds the lock free for one caller only.
    unsafe impl lock_api_0_5::RawMutex for Numbered {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "lock_api asks for it"
        )]
        const INIT: Self = Self {
            holder: AtomicU32::new(0),
            last: AtomicU32::new(0),
        };
        type Guard = Number;

        fn lock(&self) -> Number {
            loop {
                if let Some(number) = self.try_lock() {
                    return number;
                }
                std::thread::yield_now();
            }
        }

        fn try_lock(&self) -> Option<Number> {
            let number = self.last.fetch_add(1, Relaxed) + 1;
            let taken = self.holder.compare_exchange(0, number, Acquire, Relaxed);
            taken.is_ok().then(|| Number(number))
        }

        unsafe fn unlock(&self, number: Number) {
            let holder = self.holder.swap(0, Release);
            assert_eq!(holder, number.0, "another locking's state");
            std::mem::forget(number);
        }

        fn is_locked(&self) -> bool {
            self.holder.load(Relaxed) != 0
        }
    }

    #[test]
    fn each_unlock_gets_the_state_of_its_locking() {
        let mutex: Mutex<u32, FromLockApi<Numbered>> =
            Mutex::new_with_raw_mutex(0, FromLockApi::INIT);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        *mutex.lock() += 1;
                        mutex.try_with_lock(|_| ());
                    }
                });
            }
        });
        assert_eq!(mutex.into_inner(), 1_500);
    }

    #[test]
    fn a_panic_hands_it_back_and_a_forgotten_guard_drops_nothing() {
        let lock = FromLockApi::<Numbered>::INIT;
        catch_unwind(AssertUnwindSafe(|| lock.with_lock(|| panic!("on purpose")))).unwrap_err();
        assert!(!ScopedRawMutex::is_locked(&lock));
        let mutex = Mutex::new_with_raw_mutex(0, lock);
        std::mem::forget(mutex.lock());
        assert_eq!(mutex.into_inner(), 0);
    }

    /// `Number` is as large as it is; most states are nothing.
    #[test]
    fn no_state_takes_no_place() {
        use pintle_lock::{lock_api_0_5::IntoLockApi, spin::Spinlock};
        assert_eq!(size_of::<FromLockApi<IntoLockApi<Spinlock>>>(), 1);
        assert_eq!(size_of::<FromLockApi<Numbered>>(), 12);
    }
}
