//! What one system alone has: the public modules beside the portable face, absent in a model.

#[cfg(all(not(loom), any(target_os = "linux", target_os = "android")))]
#[path = "../linux/mod.rs"]
pub mod linux;

#[cfg(all(not(loom), target_vendor = "apple"))]
#[path = "../macos/mod.rs"]
pub mod macos;

#[cfg(all(not(loom), target_os = "openbsd"))]
#[path = "../openbsd.rs"]
pub mod openbsd;

// It takes `Deadline`s, which are there where a thread can sleep.
#[cfg(all(
    not(loom),
    unix,
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_vendor = "apple",
        feature = "std"
    )
))]
#[path = "../posix/mod.rs"]
pub mod posix;

#[cfg(all(not(loom), windows))]
#[path = "../windows/mod.rs"]
pub mod windows;
