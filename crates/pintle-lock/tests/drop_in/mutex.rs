//! A program as it is written for mutex 1.0.2: only the name of the dependency has changed.
#![cfg(not(loom))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    reason = "it stands for programs that have other house rules"
)]

use std::{
    cell::Cell,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use mutex::{
    BlockingMutex, ConstInit, MutexGuard, RawMutex, ScopedRawMutex,
    raw_impls::local::LocalRawMutex, raw_impls::traits,
};

/// A lock of the program's own, by the traits at the root and by those in `raw_impls`.
struct Flag(AtomicBool);

impl ConstInit for Flag {
    #[allow(clippy::declare_interior_mutable_const)]
    const INIT: Self = Flag(AtomicBool::new(false));
}

unsafe impl traits::RawMutex for Flag {
    type GuardMarker = *mut ();

    fn lock(&self) {
        while !self.try_lock() {
            std::hint::spin_loop();
        }
    }

    fn try_lock(&self) -> bool {
        !self.0.swap(true, Ordering::Acquire)
    }

    unsafe fn unlock(&self) {
        self.0.store(false, Ordering::Release);
    }

    fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What embedded crates do: a queue that is generic over the lock, in a static.
struct Queue<R, const N: usize> {
    inner: BlockingMutex<R, Inner<N>>,
}

struct Inner<const N: usize> {
    items: [u8; N],
    len: usize,
}

impl<R: ScopedRawMutex + ConstInit, const N: usize> Queue<R, N> {
    const fn new() -> Self {
        Self {
            inner: BlockingMutex::new(Inner {
                items: [0; N],
                len: 0,
            }),
        }
    }

    fn push(&self, item: u8) -> Result<(), u8> {
        self.inner
            .with_lock(|inner| match inner.items.get_mut(inner.len) {
                Some(place) => {
                    *place = item;
                    inner.len += 1;
                    Ok(())
                }
                None => Err(item),
            })
    }

    fn try_len(&self) -> Option<usize> {
        self.inner.try_with_lock(|inner| inner.len)
    }
}

static QUEUE: Queue<Flag, 2> = Queue::new();

#[test]
fn a_queue_in_a_static() {
    assert_eq!(QUEUE.push(1), Ok(()));
    assert_eq!(QUEUE.push(2), Ok(()));
    assert_eq!(QUEUE.push(3), Err(3));
    assert_eq!(QUEUE.try_len(), Some(2));
}

#[test]
fn guards() {
    let mut mutex: BlockingMutex<Flag, String> = BlockingMutex::const_new(Flag::INIT, "a".into());
    let mut guard: MutexGuard<'_, Flag, String> = mutex.lock();
    guard.push('b');
    assert!(mutex.try_lock().is_none());
    assert_eq!(guard.len(), 2);
    drop(guard);
    assert_eq!(mutex.try_lock().as_deref().map(String::as_str), Some("ab"));
    mutex.get_mut().push('c');
    assert_eq!(unsafe { &*mutex.get_unchecked() }, "abc");
    assert_eq!(mutex.into_inner(), "abc");
}

/// Names the guard as a library does that hands it on.
struct Locked<'a, R: RawMutex, T: ?Sized>(MutexGuard<'a, R, T>);

impl<R: RawMutex, T: ?Sized> std::ops::Deref for Locked<'_, R, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

#[test]
fn unsized_values() {
    let mutex: &BlockingMutex<Flag, [u8]> = &BlockingMutex::new([1, 2, 3]);
    let locked: Locked<'_, Flag, [u8]> = Locked(mutex.lock());
    assert_eq!(locked.len(), 3);
    drop(locked);
    let shown: &BlockingMutex<Flag, dyn fmt::Debug> = &BlockingMutex::new(7);
    shown.with_lock(|value| assert_eq!(format!("{value:?}"), "7"));
}

#[test]
fn one_thread() {
    let mutex: BlockingMutex<LocalRawMutex, Cell<u8>> = BlockingMutex::new(Cell::new(1));
    mutex.with_lock(|value| {
        value.set(2);
        assert!(mutex.try_with_lock(|_| ()).is_none());
    });
    assert_eq!(mutex.into_inner().get(), 2);
    let raw = LocalRawMutex::new();
    raw.with_lock(|| assert!(raw.is_locked()));
    fn sent<T: Send>() {}
    sent::<LocalRawMutex>();
}

#[cfg(feature = "impl-critical-section")]
mod critical_section {
    use super::*;
    use mutex::raw_impls::cs::CriticalSectionRawMutex;

    static SHARED: BlockingMutex<CriticalSectionRawMutex, u32> = BlockingMutex::new(0);

    #[test]
    fn many_threads() {
        let threads: Vec<_> = (0..4)
            .map(|_| std::thread::spawn(|| SHARED.with_lock(|count| *count += 1)))
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(SHARED.try_with_lock(|count| *count), Some(4));
        assert!(!CriticalSectionRawMutex::new().is_locked());
    }

    #[test]
    #[should_panic(expected = "Deadlocked")]
    fn within_itself() {
        let raw = CriticalSectionRawMutex::INIT;
        raw.with_lock(|| raw.with_lock(|| ()));
    }
}

#[cfg(feature = "impl-lock_api-0_4")]
mod lock_api {
    use super::*;
    use mutex::raw_impls::lock_api_0_4::LockApiRawMutex;

    /// A lock that was written for `lock_api` 0.4, as the crate spin's and parking_lot's are.
    struct Theirs(AtomicBool);

    unsafe impl lock_api_0_4::RawMutex for Theirs {
        #[allow(clippy::declare_interior_mutable_const)]
        const INIT: Self = Theirs(AtomicBool::new(false));
        type GuardMarker = lock_api_0_4::GuardNoSend;

        fn lock(&self) {
            while !self.try_lock() {}
        }

        fn try_lock(&self) -> bool {
            !self.0.swap(true, Ordering::Acquire)
        }

        unsafe fn unlock(&self) {
            self.0.store(false, Ordering::Release);
        }
    }

    static WORDS: BlockingMutex<LockApiRawMutex<Theirs>, Vec<&str>> =
        BlockingMutex::new(Vec::new());

    #[test]
    fn theirs_is_ours() {
        WORDS.with_lock(|words| words.push("a"));
        let mut guard = WORDS.lock();
        guard.push("b");
        assert!(WORDS.try_lock().is_none());
        drop(guard);
        assert_eq!(WORDS.lock().len(), 2);
    }
}

/// With the reference's feature `fmt`; here it is always so.
#[test]
fn formatting() {
    let mutex: BlockingMutex<Flag, u8> = BlockingMutex::new(5);
    assert!(format!("{mutex:?}").contains('5'));
    let guard = mutex.lock();
    assert_eq!(format!("{guard} {guard:?}"), "5 5");
    assert!(!format!("{mutex:?}").contains('5'), "it is locked");
}

/// What a program may have in its own bounds, consts and function pointers.
#[test]
#[allow(clippy::type_complexity, reason = "signatures are meant")]
fn signatures() {
    type Local<T> = BlockingMutex<LocalRawMutex, T>;
    const fn in_a_const() -> Local<u8> {
        BlockingMutex::const_new(LocalRawMutex::new(), 1)
    }
    const _: Local<u8> = in_a_const();
    const _: LocalRawMutex = LocalRawMutex::INIT;
    let _: fn(u8) -> Local<u8> = BlockingMutex::new;
    let _: fn(Flag, u8) -> BlockingMutex<Flag, u8> = BlockingMutex::const_new;
    let _: fn(&Local<u8>, fn(&mut u8) -> bool) -> bool = BlockingMutex::with_lock;
    let _: fn(&Local<u8>, fn(&mut u8) -> bool) -> Option<bool> = BlockingMutex::try_with_lock;
    let _: for<'a> fn(&'a BlockingMutex<Flag, u8>) -> MutexGuard<'a, Flag, u8> =
        BlockingMutex::lock;
    let _: for<'a> fn(&'a BlockingMutex<Flag, u8>) -> Option<MutexGuard<'a, Flag, u8>> =
        BlockingMutex::try_lock;
    // No lock is asked for where none is taken.
    struct NoLock;
    let _: fn(BlockingMutex<NoLock, u8>) -> u8 = BlockingMutex::into_inner;
    let _: fn(&mut BlockingMutex<NoLock, u8>) -> &mut u8 = BlockingMutex::get_mut;
    let _: unsafe fn(&BlockingMutex<NoLock, u8>) -> *mut u8 = BlockingMutex::get_unchecked;

    fn shown<T: fmt::Debug>() {}
    fn moved<T: Unpin>() {}
    fn sent<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    shown::<LocalRawMutex>();
    moved::<Local<u8>>();
    moved::<MutexGuard<'_, Flag, u8>>();
    sent::<Local<Cell<u8>>>();
    shared::<BlockingMutex<Flag, Cell<u8>>>();
    #[cfg(feature = "impl-critical-section")]
    {
        use mutex::raw_impls::cs::CriticalSectionRawMutex;
        const _: CriticalSectionRawMutex = CriticalSectionRawMutex::new();
        shown::<CriticalSectionRawMutex>();
        shared::<CriticalSectionRawMutex>();
    }
    #[cfg(feature = "impl-lock_api-0_4")]
    {
        use mutex::raw_impls::lock_api_0_4::LockApiRawMutex;
        shown::<LockApiRawMutex<u8>>();
        shared::<LockApiRawMutex<u8>>();
    }
}
