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

/// What a program may have in its own bounds, consts and function pointers.
#[test]
#[allow(clippy::type_complexity, reason = "signatures are meant")]
fn signatures() {
    use std::fmt::{Debug, Display};

    type Spun<T> = Mutex<T, Spinlock>;
    let _: fn(u8) -> Mutex<u8> = Mutex::new;
    let _: fn(u8, Spinlock) -> Spun<u8> = Mutex::new_with_raw_mutex;
    let _: for<'a> fn(&'a Spun<u8>) -> MutexGuard<'a, u8, Spinlock> = Mutex::lock;
    let _: for<'a> fn(&'a Spun<u8>) -> Option<MutexGuard<'a, u8, Spinlock>> = Mutex::try_lock;
    let _: fn(&Mutex<u8>, fn(&mut u8) -> bool) -> bool = Mutex::with_lock;
    let _: fn(&Mutex<u8>, fn(&mut u8) -> bool) -> Option<bool> = Mutex::try_with_lock;
    // No lock is asked for where none is taken.
    struct NoLock;
    let _: fn(Mutex<u8, NoLock>) -> u8 = Mutex::into_inner;
    let _: fn(&mut Mutex<u8, NoLock>) -> &mut u8 = Mutex::get_mut;
    let _: for<'a> fn(&'a RwLock<u8>) -> RwLockReadGuard<'a, u8> = RwLock::read;
    let _: for<'a> fn(&'a RwLock<u8>) -> Option<RwLockReadGuard<'a, u8>> = RwLock::try_read;
    let _: for<'a> fn(&'a RwLock<u8>) -> RwLockWriteGuard<'a, u8> = RwLock::write;
    let _: for<'a> fn(&'a RwLock<u8>) -> Option<RwLockWriteGuard<'a, u8>> = RwLock::try_write;
    let _: fn(&InitOnce<u8>, u8) -> Result<(), once::TryInitError<u8>> = InitOnce::try_init;
    let _: fn(&InitOnce<u8>, fn() -> u8) -> &u8 = InitOnce::get_or_else;
    let _: fn(fn() -> u8) -> Lazy<u8> = Lazy::new;
    let _: fn(&mut Lazy<u8>) -> &mut u8 = Lazy::get_mut;
    const _: (DefaultMutex, Spinlock) = (DefaultMutex::new(), Spinlock::new());

    fn shown<T: Debug>() {}
    fn printed<T: Debug + Display>() {}
    fn moved<T: Unpin>() {}
    fn shared<T: Send + Sync + Unpin>() {}
    struct Silent;
    shown::<(DefaultMutex, Spinlock, RwSpinlock)>();
    shown::<(InitOnce<u8>, Lazy<u8, Silent>)>();
    printed::<once::TryInitError<Silent>>();
    printed::<MutexGuard<'_, u8, Spinlock>>();
    printed::<RwLockReadGuard<'_, u8>>();
    printed::<RwLockWriteGuard<'_, u8>>();
    moved::<MutexGuard<'_, u8, Spinlock>>();
    shared::<(DefaultMutex, Spinlock, RwSpinlock)>();
    shared::<(Mutex<u8>, RwLock<u8>, InitOnce<u8>, Lazy<u8>)>();
    shared::<RwLockReadGuard<'_, u8>>();
    shared::<RwLockWriteGuard<'_, u8>>();
    shown::<RwLock<u8>>();
    fn made<T: Default>() {}
    made::<(DefaultMutex, Spinlock, Mutex<u8>, Mutex<u8, Spinlock>)>();

    /// Kept in a field of the program's own, generic over the value.
    struct Cell<T: 'static>(Lazy<T, fn() -> T>, InitOnce<T>);
    let mut cell = Cell(Lazy::new(|| 1), InitOnce::uninitialized());
    *cell.0 += 1;
    assert_eq!((*cell.0, cell.1.get_or_else(|| 3)), (2, &3));
    let text = RwLock::new(String::from("x"));
    assert_eq!(AsRef::<str>::as_ref(&text.read()), "x");
    assert_eq!(AsRef::<str>::as_ref(&text.write()), "x");
}
