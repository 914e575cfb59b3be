//! Values behind locks that block.
//!
//! [`Mutex`] takes its lock as a type parameter, [`DefaultMutex`] if none is named. With any
//! [`ScopedRawMutex`] it runs closures; with a [`RawMutex`] it gives out guards as well.
//!
//! [`RwLock`] lets many read at a time, or one write, over a [`RawRwLock`].
//!
//! ```
//! use pintle_lock::{blocking::Mutex, spin::Spinlock};
//!
//! static TOTAL: Mutex<u32> = Mutex::new(0);
//! TOTAL.with_lock(|total| *total += 2);
//!
//! static COUNT: Mutex<u32, Spinlock> = Mutex::new_with_raw_mutex(0, Spinlock::new());
//! *COUNT.lock() += 1;
//! ```
//!
//! A guard can be narrowed to a part of the value ([`MutexGuard::map`]), and own a share of the
//! mutex instead of a reference to it (`Mutex::lock_arc`, feature `alloc`).
//!
//! [`OnceLock`] and [`LazyLock`] hold a value that is made once.

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod arc_guard;
pub(crate) mod blocking_mutex;
mod default_mutex;
mod guard;
mod lazy_lock;
mod mapped_guard;
mod mutex;
mod once_lock;
mod raw_rwlock;
mod rwlock;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::arc_guard::ArcMutexGuard;
pub use self::default_mutex::DefaultMutex;
pub use self::guard::MutexGuard;
pub use self::lazy_lock::LazyLock;
pub use self::mapped_guard::MappedMutexGuard;
pub use self::mutex::Mutex;
pub use self::once_lock::OnceLock;
#[cfg(feature = "os")]
pub use self::raw_rwlock::RawRwLockTimed;
pub use self::raw_rwlock::{RawRwLock, RawRwLockDowngrade, RawRwLockUpgrade};
pub use self::rwlock::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLock, RwLockReadGuard, RwLockUpgradableGuard,
    RwLockWriteGuard,
};
#[cfg(feature = "os")]
#[doc(no_inline)]
pub use crate::RawMutexTimed;
#[doc(no_inline)]
pub use mutex_traits::{ConstInit, RawMutex, ScopedRawMutex};
