//! What one system alone has: the public modules beside the portable face, absent in a model.

#[cfg(all(not(loom), any(target_os = "linux", target_os = "android")))]
#[path = "../linux/mod.rs"]
pub mod linux;

// It takes `Deadline`s, which are there where a thread can sleep.
#[cfg(all(
    not(loom),
    any(target_os = "linux", target_os = "android", all(unix, feature = "std"))
))]
#[path = "../posix/mod.rs"]
pub mod posix;

#[cfg(all(not(loom), windows))]
#[path = "../windows/mod.rs"]
pub mod windows;
