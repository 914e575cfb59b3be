//! The raw locks by the names and paths of the crate `mutex`.
//!
//! Each is a lock of this crate by another name.

pub use mutex_traits as traits;

/// Locks that enter a critical section.
#[cfg(feature = "impl-critical-section")]
pub mod cs {
    pub use crate::scoped::CriticalSectionLock as CriticalSectionRawMutex;
}

/// Locks of one thread.
pub mod local {
    pub use crate::scoped::LocalLock as LocalRawMutex;
}

/// Locks of the crate `lock_api` 0.4.
#[cfg(feature = "impl-lock_api-0_4")]
pub mod lock_api_0_4 {
    pub use crate::lock_api_0_4::FromLockApi as LockApiRawMutex;
}

/// Locks of the main program of a Cortex-M with one core.
#[cfg(all(
    feature = "impl-unsafe-cortex-m-single-core",
    any(all(target_arch = "arm", target_os = "none"), test, doc)
))]
pub mod single_core_thread_mode {
    pub use crate::scoped::ThreadModeLock as ThreadModeRawMutex;
}
