//! What may cross threads and what may move, checked by the compiler.
//!
//! `not!` fails to compile if the type does have the trait: there are two candidates for `_` then.

use pintle_sync::{
    Barrier, Closed, Mutex, MutexGuard, OnceCell, RwLock, RwLockReadGuard, RwLockWriteGuard,
    Semaphore, WaitCell, WaitMap, WaitQueue, barrier,
    blocking::{DefaultMutex, ScopedRawMutex},
    mutex::{self, MappedMutexGuard},
    rwlock::RwLockMappedWriteGuard,
    semaphore,
    spin::Spinlock,
    wait_cell, wait_map, wait_queue,
};

macro_rules! is {
    ($type:ty: $($bound:tt)+) => {
        const _: fn() = || {
            fn check<T: $($bound)+>() {}
            check::<$type>();
        };
    };
}

macro_rules! not {
    ($type:ty: $bound:path) => {
        const _: fn() = || {
            trait Ambiguous<A> {
                fn check() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct HasIt;
            impl<T: ?Sized + $bound> Ambiguous<HasIt> for T {}
            let _ = <$type as Ambiguous<_>>::check;
        };
    };
}

/// A lock that may change threads but not be shared, like one made of a `Cell`.
struct Local(core::cell::Cell<bool>);

// SAFETY: it cannot be shared, so whoever holds it is alone.
unsafe impl ScopedRawMutex for Local {
    fn try_with_lock<R>(&self, f: impl FnOnce() -> R) -> Option<R> {
        (!self.0.get()).then(|| self.with_lock(f))
    }
    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        assert!(!self.0.replace(true));
        let result = f();
        self.0.set(false);
        result
    }
    fn is_locked(&self) -> bool {
        self.0.get()
    }
}

is!(Closed: Copy + Send + Sync + Unpin + core::error::Error);
is!(WaitCell: Send + Sync + Unpin + core::panic::RefUnwindSafe);
is!(wait_cell::Wait<'static>: Send + Sync + Unpin);
is!(wait_cell::Subscribe<'static>: Send + Sync + Unpin);
is!(wait_cell::PollWaitError: Copy + Send + Sync + core::error::Error);

is!(WaitQueue: Send + Sync + Unpin + core::panic::RefUnwindSafe);
is!(WaitQueue<Spinlock>: Send + Sync + Unpin);
is!(wait_queue::Wait<'static>: Send + Sync);
is!(wait_queue::Wait<'static, Spinlock>: Send + Sync);
not!(wait_queue::Wait<'static, DefaultMutex>: Unpin);

is!(WaitQueue<Local>: Send);
not!(WaitQueue<Local>: Sync);
not!(wait_queue::Wait<'static, Local>: Send);
not!(wait_queue::Wait<'static, Local>: Sync);

/// May change threads, may not be shared.
type Cell = core::cell::Cell<u8>;
/// May not even change threads.
type Ptr = *const u8;

is!(Barrier: Send + Sync + Unpin);
not!(Barrier<Local>: Sync);
is!(barrier::Wait<'static>: Send + Sync);
not!(barrier::Wait<'static, Local>: Send);
not!(barrier::Wait<'static>: Unpin);

is!(OnceCell<u8>: Send + Sync + Unpin + core::panic::RefUnwindSafe);
is!(OnceCell<Cell>: Send);
not!(OnceCell<Cell>: Sync);
not!(OnceCell<Ptr>: Send);
not!(OnceCell<u8, Local>: Sync);

is!(wait_map::WaitError: Copy + Send + Sync + core::error::Error);
is!(wait_map::WakeOutcome<Cell>: Send + Unpin);
is!(WaitMap<Cell, Cell>: Send + Sync + Unpin);
is!(WaitMap<Cell, Cell, Local>: Send);
not!(WaitMap<Ptr, u8>: Send);
not!(WaitMap<Ptr, u8>: Sync);
not!(WaitMap<u8, Ptr>: Send);
not!(WaitMap<u8, Ptr>: Sync);
not!(WaitMap<u8, u8, Local>: Sync);
is!(wait_map::Wait<'static, Cell, Cell>: Send);
not!(wait_map::Wait<'static, Ptr, u8>: Send);
not!(wait_map::Wait<'static, u8, Ptr>: Send);
not!(wait_map::Wait<'static, Ptr, u8>: Sync);
not!(wait_map::Wait<'static, u8, Ptr>: Sync);
not!(wait_map::Wait<'static, u8, u8, Local>: Send);
not!(wait_map::Wait<'static, u8, u8>: Unpin);
is!(wait_map::Subscribe<'static, 'static, Cell, Cell>: Send + Unpin);
not!(wait_map::Subscribe<'static, 'static, Ptr, u8>: Send);

is!(Mutex<Cell>: Send + Sync + Unpin + core::panic::RefUnwindSafe);
is!(Mutex<u8, Local>: Send);
not!(Mutex<u8, Local>: Sync);
not!(Mutex<Ptr>: Send);
not!(Mutex<Ptr>: Sync);
is!(mutex::Lock<'static, Cell>: Send + Sync);
not!(mutex::Lock<'static, Cell>: Unpin);
not!(mutex::Lock<'static, Ptr>: Send);
not!(mutex::Lock<'static, u8, Local>: Send);
not!(mutex::Lock<'static, u8, Local>: Sync);
is!(MutexGuard<'static, Cell>: Send + Unpin);
is!(MutexGuard<'static, u8>: Sync);
not!(MutexGuard<'static, Cell>: Sync);
not!(MutexGuard<'static, Ptr>: Send);
not!(MutexGuard<'static, Ptr>: Sync);
not!(MutexGuard<'static, u8, Local>: Send);
not!(MutexGuard<'static, u8, Local>: Sync);
is!(MappedMutexGuard<'static, Cell>: Send + Unpin);
is!(MappedMutexGuard<'static, u8>: Sync);
not!(MappedMutexGuard<'static, Cell>: Sync);
not!(MappedMutexGuard<'static, Ptr>: Send);
not!(MappedMutexGuard<'static, u8, Local>: Send);
not!(MappedMutexGuard<'static, u8, Local>: Sync);

is!(RwLock<u8>: Send + Sync + Unpin + core::panic::RefUnwindSafe);
is!(RwLock<Cell>: Send);
not!(RwLock<Cell>: Sync);
is!(RwLock<u8, Local>: Send);
not!(RwLock<u8, Local>: Sync);
not!(RwLock<Ptr>: Send);
is!(RwLockReadGuard<'static, u8, Spinlock>: Send + Sync + Unpin);
not!(RwLockReadGuard<'static, Cell>: Send);
not!(RwLockReadGuard<'static, Cell>: Sync);
not!(RwLockReadGuard<'static, u8, Local>: Send);
not!(RwLockReadGuard<'static, u8, Local>: Sync);
// Defect 31: with a custom lock it was neither, nor could it write.
is!(RwLockWriteGuard<'static, u8, Spinlock>: Send + Sync + Unpin + core::ops::DerefMut);
not!(RwLockWriteGuard<'static, Cell>: Send);
not!(RwLockWriteGuard<'static, Cell>: Sync);
not!(RwLockWriteGuard<'static, Ptr>: Send);
not!(RwLockWriteGuard<'static, u8, Local>: Send);
not!(RwLockWriteGuard<'static, u8, Local>: Sync);
is!(RwLockMappedWriteGuard<'static, u8>: Send + Sync + Unpin);
not!(RwLockMappedWriteGuard<'static, Cell>: Sync);
not!(RwLockMappedWriteGuard<'static, Ptr>: Send);
not!(RwLockMappedWriteGuard<'static, u8, Local>: Send);
not!(RwLockMappedWriteGuard<'static, u8, Local>: Sync);

is!(Semaphore: Send + Sync + Unpin + core::panic::RefUnwindSafe);
is!(Semaphore<Local>: Send);
not!(Semaphore<Local>: Sync);
is!(semaphore::Permit<'static>: Send + Sync + Unpin);
not!(semaphore::Permit<'static, Local>: Send);
not!(semaphore::Permit<'static, Local>: Sync);
is!(semaphore::Acquire<'static>: Send + Sync);
not!(semaphore::Acquire<'static>: Unpin);
not!(semaphore::Acquire<'static, Local>: Send);
not!(semaphore::Acquire<'static, Local>: Sync);
is!(semaphore::TryAcquireError: Copy + Send + Sync + core::error::Error);
is!(semaphore::TooManyPermits: Copy + Send + Sync + core::error::Error);

#[cfg(feature = "alloc")]
mod owned {
    use pintle_sync::{
        OwnedMutexGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, mutex::OwnedMappedMutexGuard,
        rwlock::OwnedRwLockMappedWriteGuard,
    };

    use super::*;
    use pintle_sync::{CancellationToken, cancellation};

    is!(CancellationToken: Send + Sync + Unpin + core::panic::RefUnwindSafe);
    not!(CancellationToken<Local>: Send);
    not!(CancellationToken<Local>: Sync);
    is!(cancellation::DropGuard: Send + Sync);
    is!(cancellation::WaitForCancellationFuture<'static>: Send + Sync);
    not!(cancellation::WaitForCancellationFuture<'static, Local>: Send);
    not!(cancellation::WaitForCancellationFuture<'static>: Unpin);
    is!(cancellation::WaitForCancellationFutureOwned: Send + Sync);
    not!(cancellation::WaitForCancellationFutureOwned<Local>: Send);
    not!(cancellation::WaitForCancellationFutureOwned: Unpin);

    is!(OwnedMutexGuard<Cell, DefaultMutex>: Send + Unpin);
    is!(OwnedMutexGuard<u8, DefaultMutex>: Sync);
    not!(OwnedMutexGuard<Cell, DefaultMutex>: Sync);
    not!(OwnedMutexGuard<Ptr, DefaultMutex>: Send);
    not!(OwnedMutexGuard<u8, Local>: Send);
    not!(OwnedMutexGuard<u8, Local>: Sync);
    is!(OwnedMappedMutexGuard<Cell, u8>: Send + Sync + Unpin);
    not!(OwnedMappedMutexGuard<Ptr, u8>: Send);
    not!(OwnedMappedMutexGuard<Ptr, u8>: Sync);
    not!(OwnedMappedMutexGuard<u8, Ptr>: Send);
    not!(OwnedMappedMutexGuard<u8, Cell>: Sync);
    not!(OwnedMappedMutexGuard<u8, u8, Local>: Send);

    is!(OwnedRwLockReadGuard<u8>: Send + Sync + Unpin);
    not!(OwnedRwLockReadGuard<Cell>: Send);
    not!(OwnedRwLockReadGuard<Cell>: Sync);
    not!(OwnedRwLockReadGuard<u8, Cell>: Send);
    not!(OwnedRwLockReadGuard<u8, u8, Local>: Send);
    not!(OwnedRwLockReadGuard<u8, u8, Local>: Sync);
    // It may be the last to have the value, and drops it then.
    not!(OwnedRwLockReadGuard<NotSend>: Send);
    not!(OwnedRwLockReadGuard<NotSend>: Sync);
    is!(OwnedRwLockWriteGuard<u8>: Send + Sync + Unpin);
    not!(OwnedRwLockWriteGuard<Cell>: Send);
    not!(OwnedRwLockWriteGuard<Cell>: Sync);
    not!(OwnedRwLockWriteGuard<NotSend>: Send);
    not!(OwnedRwLockWriteGuard<u8, Local>: Send);
    is!(OwnedRwLockMappedWriteGuard<u8, u8>: Send + Sync + Unpin);
    not!(OwnedRwLockMappedWriteGuard<Cell, u8>: Send);
    not!(OwnedRwLockMappedWriteGuard<u8, Ptr>: Send);
    not!(OwnedRwLockMappedWriteGuard<u8, Cell>: Sync);
    not!(OwnedRwLockMappedWriteGuard<u8, u8, Local>: Send);

    is!(semaphore::OwnedPermit: Send + Sync + Unpin);
    not!(semaphore::OwnedPermit<Local>: Send);
    not!(semaphore::OwnedPermit<Local>: Sync);
    is!(semaphore::AcquireOwned: Send + Sync);
    not!(semaphore::AcquireOwned: Unpin);
    not!(semaphore::AcquireOwned<Local>: Send);
    not!(semaphore::AcquireOwned<Local>: Sync);

    /// `Sync`, as a std guard is, and not `Send`.
    struct NotSend(#[expect(dead_code, reason = "for its type")] Ptr);

    // SAFETY: nobody reads the pointer.
    unsafe impl Sync for NotSend {}

    is!(wait_map::WaitOwned<Cell, Cell>: Send);
    not!(wait_map::WaitOwned<Ptr, u8>: Send);
    not!(wait_map::WaitOwned<u8, Ptr>: Send);
    not!(wait_map::WaitOwned<u8, u8, Local>: Send);
    not!(wait_map::WaitOwned<u8, u8>: Unpin);

    is!(wait_queue::WaitOwned: Send + Sync);
    not!(wait_queue::WaitOwned: Unpin);
    not!(wait_queue::WaitOwned<Local>: Send);
    not!(wait_queue::WaitOwned<Local>: Sync);
}

#[test]
fn a_queue_works_with_a_lock_that_is_not_shared() {
    let queue = WaitQueue::new_with_raw_mutex(Local(core::cell::Cell::new(false)));
    let wait = queue.wait();
    queue.wake();
    assert_eq!(futures::executor::block_on(wait), Ok(()));
}
