//! Threads of this build: std's with feature `std`, loom's in a model.
//!
//! Without either there is only [`yield_now`], which spins once: on bare metal there is nobody to
//! yield to.

// A model's threads share one of the system's, so std's would not tell them apart.
#[cfg(loom)]
#[doc(hidden)]
pub use loom::thread_local;

#[cfg(loom)]
pub use loom::thread::{JoinHandle, Thread, current, park, spawn, yield_now};

#[cfg(all(not(loom), feature = "std"))]
pub use std::thread::{JoinHandle, Thread, current, park, spawn, yield_now};

/// Lets somebody else run, where there is somebody: here it is a spin hint.
#[cfg(all(not(loom), not(feature = "std")))]
#[inline]
pub fn yield_now() {
    crate::hint::spin_loop();
}
