//! What may cross threads and what may move, checked by the compiler.
//!
//! `not!` fails to compile if the type does have the trait: there are two candidates for `_` then.

use pintle_sync::{
    Barrier, Closed, OnceCell, WaitCell, WaitMap, WaitQueue, barrier,
    blocking::{DefaultMutex, ScopedRawMutex},
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

#[cfg(feature = "alloc")]
mod owned {
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
