//! Values behind locks that block.
//!
//! [`Mutex`] takes its lock as a type parameter, [`DefaultMutex`] if none is named. With any
//! [`ScopedRawMutex`] it runs closures; with a [`RawMutex`] it gives out guards as well.
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

mod default_mutex;
mod guard;
mod mutex;

pub use self::default_mutex::DefaultMutex;
pub use self::guard::MutexGuard;
pub use self::mutex::Mutex;
#[cfg(feature = "std")]
#[doc(no_inline)]
pub use crate::RawMutexTimed;
#[doc(no_inline)]
pub use mutex_traits::{ConstInit, RawMutex, ScopedRawMutex};
