//! Locks that nobody waits for: their other users are kept out before they come.
//!
//! | lock | keeps out | by |
//! |---|---|---|
//! | `CriticalSectionLock` (feature `impl-critical-section`) | interrupts and other cores | the application's critical section |
//! | [`LocalLock`] | other threads | its type: it is not `Sync` |
//! | `ThreadModeLock` (feature `impl-unsafe-cortex-m-single-core`, on Cortex-M) | interrupt handlers | refusing them |
//!
//! They are [`ScopedRawMutex`](mutex_traits::ScopedRawMutex) only: closures, no guards. Who can still
//! come is the holder itself, from within its closure. That would wait for ever, so `with_lock`
//! panics there, and `try_with_lock` gives `None`. A panic in the closure releases.

#[cfg(feature = "impl-critical-section")]
mod critical_section_lock;
mod local_lock;
mod taken;
#[cfg(all(
    feature = "impl-unsafe-cortex-m-single-core",
    any(all(target_arch = "arm", target_os = "none"), test, doc)
))]
mod thread_mode_lock;

#[cfg(feature = "impl-critical-section")]
pub use self::critical_section_lock::CriticalSectionLock;
pub use self::local_lock::LocalLock;
#[cfg(all(
    feature = "impl-unsafe-cortex-m-single-core",
    any(all(target_arch = "arm", target_os = "none"), test, doc)
))]
pub use self::thread_mode_lock::ThreadModeLock;
