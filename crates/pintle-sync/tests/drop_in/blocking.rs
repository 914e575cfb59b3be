//! A program as it is written for maitake-sync's `blocking` and `spin`: only the name of the
//! dependency has changed.
#![cfg(not(loom))]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "it stands for programs that have other house rules"
)]

use maitake_sync::{
    blocking::{
        self, ConstInit, DefaultMutex, Mutex, MutexGuard, RawMutex, RawRwLock, RwLock,
        RwLockReadGuard, RwLockWriteGuard, ScopedRawMutex,
    },
    spin::{InitOnce, Lazy, RwSpinlock, Spinlock, once},
    util::{Backoff, CachePadded},
};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What a kernel has: a log under the default lock, a table under a spin lock.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());
static TABLE: Mutex<[u8; 4], Spinlock> = Mutex::new_with_raw_mutex([0; 4], Spinlock::new());
static CONFIG: RwLock<u32> = RwLock::new(1);
static BOARD: InitOnce<&str> = InitOnce::uninitialized();
static NAMES: Lazy<Vec<&str>> = Lazy::new(|| vec!["a", "b"]);

#[test]
fn closures_over_the_default_lock() {
    LOG.with_lock(|log| log.push("up".into()));
    assert_eq!(LOG.try_with_lock(|log| log.len()), Some(1));
    assert!(format!("{:?}", Mutex::new(7)).contains('7'));
    assert_eq!(Mutex::<u8>::default().into_inner(), 0);
    let mut mutex = Mutex::new_with_raw_mutex(1, DefaultMutex::new());
    *mutex.get_mut() += 1;
    assert_eq!(mutex.into_inner(), 2);
}

#[test]
fn guards_over_a_spin_lock() {
    let mut guard: MutexGuard<'_, [u8; 4], Spinlock> = TABLE.lock();
    guard[0] = 1;
    assert!(TABLE.try_lock().is_none());
    std::mem::forget(guard);
    unsafe { TABLE.force_unlock() };
    assert_eq!(TABLE.try_lock().map(|table| table[0]), Some(1));
    let text = Mutex::new_with_raw_mutex(String::from("x"), Spinlock::new());
    let mut guard = text.lock();
    AsMut::<str>::as_mut(&mut guard).make_ascii_uppercase();
    let text: &str = guard.as_ref();
    assert_eq!(text, "X");
}

/// A structure that is generic over the lock, as the async ones are.
struct Counter<L: ScopedRawMutex = DefaultMutex>(Mutex<u32, L>);

impl<L: ScopedRawMutex> Counter<L> {
    fn up(&self) -> u32 {
        self.0.with_lock(|count| {
            *count += 1;
            *count
        })
    }
}

#[test]
fn a_parameter_for_the_lock() {
    assert_eq!(Counter::<DefaultMutex>(Mutex::new(0)).up(), 1);
    assert_eq!(
        Counter(Mutex::new_with_raw_mutex(1, Spinlock::INIT)).up(),
        2
    );
    let lock = DefaultMutex::INIT;
    assert!(lock.with_lock(|| lock.is_locked()));
    let spin = Spinlock::default();
    RawMutex::lock(&spin);
    assert!(!spin.try_lock());
    unsafe { spin.unlock() };
}

#[test]
fn readers_and_writers() {
    let one: RwLockReadGuard<'_, u32> = CONFIG.read();
    assert_eq!((*one, CONFIG.reader_count()), (1, 1));
    assert!(CONFIG.try_write().is_none());
    assert!(!CONFIG.has_writer());
    drop(one);
    let mut writer: RwLockWriteGuard<'_, u32> = CONFIG.write();
    *writer += 1;
    assert!(CONFIG.has_writer() && CONFIG.try_read().is_none());
    drop(writer);
    let mut lock = RwLock::from(3);
    *lock.get_mut() += 1;
    assert_eq!(lock.into_inner(), 4);
    let raw = RwSpinlock::INIT;
    assert!(raw.try_lock_shared() && raw.is_locked() && !raw.is_locked_exclusive());
    unsafe { raw.unlock_shared() };
}

/// Over any lock that can.
fn read_twice<L: RawRwLock>(lock: &blocking::RwLock<u8, L>) -> u8 {
    let (one, two) = (lock.read(), lock.read());
    *one + *two
}

#[test]
fn a_parameter_for_the_readers_writer_lock() {
    assert_eq!(read_twice(&RwLock::new(2)), 4);
}

#[test]
fn values_made_once() {
    assert!(BOARD.try_get().is_none());
    assert_eq!(*BOARD.init("board"), "board");
    let error: once::TryInitError<&str> = BOARD.try_init("other").unwrap_err();
    assert_eq!(error.into_inner(), "other");
    assert_eq!(*BOARD.get(), "board");
    assert_eq!(*BOARD.get_or_else(|| "third"), "board");
    assert_eq!(unsafe { *BOARD.get_unchecked() }, "board");

    static MADE: AtomicUsize = AtomicUsize::new(0);
    static LAZY: Lazy<usize> = Lazy::new(|| MADE.fetch_add(1, Relaxed));
    assert!(LAZY.get_if_present().is_none());
    LAZY.init();
    assert_eq!((*LAZY, *LAZY.get(), MADE.load(Relaxed)), (0, 0, 1));
    assert_eq!(NAMES.len(), 2);
}

#[test]
fn utilities() {
    let mut backoff = Backoff::with_max_exponent(Backoff::DEFAULT_MAX_EXPONENT);
    backoff.spin();
    assert_eq!(CachePadded::new(3).into_inner(), 3);
}
