//! A program as it is written for maitake-sync's mutex, lock and semaphore: only the name of the
//! dependency has changed.
#![cfg(not(loom))]

use std::{future::Future, pin::Pin, sync::Arc, thread};

use futures::executor::block_on;
use maitake_sync::{
    Closed, Mutex, MutexGuard, OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard,
    RwLock, RwLockReadGuard, RwLockWriteGuard, Semaphore,
    blocking::{DefaultMutex, ScopedRawMutex},
    mutex::{self, Lock},
    rwlock,
    semaphore::{self, Acquire, AcquireOwned, OwnedPermit, Permit, TryAcquireError},
    spin::Spinlock,
};

static STATE: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static SPUN: Mutex<u32, Spinlock> = Mutex::new_with_raw_mutex(0, Spinlock::new());
static CONFIG: RwLock<u32> = RwLock::new(1);
static SPUN_CONFIG: RwLock<u32, Spinlock> = RwLock::new_with_raw_mutex(1, Spinlock::new());
static BUFFERS: Semaphore = Semaphore::new(3);
static SPUN_BUFFERS: Semaphore<Spinlock> = Semaphore::new_with_raw_mutex(3, Spinlock::new());

/// What a driver keeps.
struct Driver<L: ScopedRawMutex = DefaultMutex> {
    queue: mutex::Mutex<[u8; 4], L>,
    table: rwlock::RwLock<u8>,
    slots: semaphore::Semaphore,
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn a_mutex() {
    async fn push(n: u32) -> usize {
        let mut guard: MutexGuard<'_, Vec<u32>> = STATE.lock().await;
        guard.push(n);
        guard.len()
    }
    let lock: Lock<'static, Vec<u32>> = STATE.lock();
    drop(assert_send(lock));
    assert_eq!(block_on(assert_send(push(1))), 1);
    assert!(STATE.try_lock().is_some());
    *block_on(SPUN.lock()) += 1;

    let mutex: Arc<Mutex<u32>> = Arc::new(Mutex::default());
    let held: OwnedMutexGuard<u32, DefaultMutex> = block_on(mutex.clone().lock_owned());
    let mutex = mutex.try_lock_owned().unwrap_err();
    drop(held);
    let mut mutex = {
        drop(mutex.clone().try_lock_owned());
        Arc::try_unwrap(mutex).unwrap()
    };
    *mutex.get_mut() += 2;
    assert_eq!(mutex.into_inner(), 2);
}

#[test]
fn a_lock_for_readers_and_writers() {
    block_on(async {
        let mut guard: RwLockWriteGuard<'_, u32> = CONFIG.write().await;
        *guard += 1;
        drop(guard);
        let guard: RwLockReadGuard<'_, u32> = CONFIG.read().await;
        assert!(CONFIG.try_write().is_none());
        assert_eq!(*guard, *CONFIG.try_read().unwrap());
        assert_eq!(*SPUN_CONFIG.read().await, 1);
    });
    let lock: Arc<RwLock<u32>> = Arc::new(RwLock::default());
    let mut guard: OwnedRwLockWriteGuard<u32> = block_on(lock.write_owned());
    assert!(lock.try_read_owned().is_none() && lock.try_write_owned().is_none());
    *guard += 1;
    drop(guard);
    let guard: OwnedRwLockReadGuard<u32> = block_on(lock.read_owned());
    let other = thread::spawn(move || *guard);
    assert_eq!(other.join().unwrap(), 1);
    let mut lock = Arc::try_unwrap(lock).unwrap();
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 2);
}

#[test]
fn a_semaphore() {
    let acquire: Acquire<'static> = BUFFERS.acquire(2);
    let permit: Permit<'static> = block_on(acquire).unwrap();
    assert_eq!((permit.permits(), BUFFERS.available_permits()), (2, 1));
    assert_eq!(
        BUFFERS.try_acquire(2).err(),
        Some(TryAcquireError::InsufficientPermits)
    );
    permit.forget();
    BUFFERS.add_permits(2);
    drop(SPUN_BUFFERS.try_acquire(1).unwrap());
    const { assert!(Semaphore::<DefaultMutex>::MAX_PERMITS > 1000) }

    let semaphore = Arc::new(Semaphore::new(1));
    let held: OwnedPermit = semaphore.try_acquire_owned(1).unwrap();
    let waits: AcquireOwned = semaphore.acquire_owned(1);
    let mut waits: Pin<Box<dyn Future<Output = Result<OwnedPermit, Closed>> + Send>> =
        Box::pin(waits);
    let closing = thread::spawn({
        let semaphore = semaphore.clone();
        move || semaphore.close()
    });
    assert!(block_on(waits.as_mut()).is_err());
    closing.join().unwrap();
    assert_eq!(held.permits(), 1);
    held.forget();
    assert_eq!(
        semaphore.try_acquire(1).err(),
        Some(TryAcquireError::Closed)
    );
}

#[test]
fn a_driver() {
    let driver = Driver {
        queue: Mutex::new([0; 4]),
        table: RwLock::new(0),
        slots: Semaphore::new(1),
    };
    block_on(async {
        let _slot = driver.slots.acquire(1).await?;
        driver.queue.lock().await[0] = 1;
        *driver.table.write().await = 1;
        assert_eq!(driver.slots.available_permits(), 0);
        Ok::<(), Closed>(())
    })
    .unwrap();
}
