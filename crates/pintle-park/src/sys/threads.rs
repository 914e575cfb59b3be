//! What is there where a thread can be put to sleep: the back end, its parts, and what is built on it.
//!
//! Nothing below has to ask again whether it can. Its files stand beside this one.

#[path = "../face/mod.rs"]
pub(crate) mod face;
pub(crate) mod public;

#[cfg(loom)]
#[path = "loom.rs"]
mod chosen;

#[cfg(all(not(loom), any(target_os = "linux", target_os = "android")))]
#[path = "linux.rs"]
mod chosen;

#[cfg(all(not(loom), windows))]
#[path = "windows.rs"]
mod chosen;

#[cfg(all(not(loom), target_vendor = "apple"))]
#[path = "macos.rs"]
mod chosen;

#[cfg(all(not(loom), target_os = "freebsd"))]
#[path = "freebsd.rs"]
mod chosen;

#[cfg(all(not(loom), target_os = "openbsd"))]
#[path = "openbsd.rs"]
mod chosen;

#[cfg(all(not(loom), target_os = "netbsd"))]
#[path = "netbsd.rs"]
mod chosen;

#[cfg(all(not(loom), target_os = "dragonfly"))]
#[path = "dragonfly.rs"]
mod chosen;

#[cfg(all(
    not(loom),
    not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_vendor = "apple",
        windows
    ))
))]
#[path = "std.rs"]
mod chosen;

pub(crate) use self::chosen::*;

mod word;
pub(crate) use self::word::*;

// Parts that several platforms share.
#[cfg(all(
    not(loom),
    any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "openbsd",
        target_os = "netbsd",
        target_os = "dragonfly"
    )
))]
#[allow(dead_code, reason = "NetBSD's parking does not ask")]
mod errno;
#[cfg(all(not(loom), windows))]
mod flush_process_write_buffers;
#[cfg(all(not(loom), target_os = "linux"))]
mod futex_waitv;
#[cfg(all(not(loom), any(target_os = "netbsd", all(test, unix))))]
mod lock_by_pthread;
#[cfg(all(
    not(loom),
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        target_os = "openbsd",
        target_os = "dragonfly",
        windows
    )
))]
mod lock_by_word;
#[cfg(all(not(loom), any(target_os = "linux", target_os = "freebsd")))]
mod membarrier;
#[cfg(all(not(loom), any(target_os = "dragonfly", all(test, unix))))]
mod microseconds;
#[allow(dead_code, reason = "some systems do it themselves")]
mod no_requeue;
#[cfg(any(loom, windows, all(not(unix), feature = "std")))]
mod no_signals;
#[allow(dead_code, reason = "some systems do it themselves")]
mod not_any;
#[cfg(all(not(loom), any(target_os = "linux", target_os = "freebsd", windows)))]
mod once_decided;
#[cfg(any(
    loom,
    target_os = "linux",
    target_os = "android",
    target_os = "openbsd",
    target_os = "dragonfly"
))]
mod only_u32;
#[cfg(all(not(loom), any(target_os = "openbsd", all(test, unix))))]
mod requeued;
#[cfg(all(not(loom), unix))]
mod signals;
#[cfg(all(not(loom), any(target_os = "netbsd", all(test, unix))))]
mod sleeper_by_park;
#[cfg(all(not(loom), any(target_vendor = "apple", all(test, unix))))]
mod sleeper_by_pthread;
#[cfg(any(
    loom,
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "openbsd",
    target_os = "dragonfly",
    windows
))]
mod sleeper_by_word;
#[cfg(all(
    not(loom),
    any(target_vendor = "apple", target_os = "freebsd", all(test, unix))
))]
#[allow(dead_code, reason = "only a wake has to do without a look-up")]
mod symbols;
#[cfg(all(
    not(loom),
    any(
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "openbsd",
        target_os = "netbsd",
        target_os = "dragonfly",
        all(test, unix)
    )
))]
#[allow(dead_code, reason = "a system takes absolute times, or relative ones")]
mod timespec;

// So that the fallback is tested on the machines that do not need it, too.
#[cfg(all(test, not(loom), feature = "std"))]
#[path = "std.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "on the platforms that use it nothing is dead; its barrier is tested in place"
)]
mod fallback;
#[cfg(all(test, not(loom), unix))]
#[allow(clippy::duplicate_mod, reason = "the table over another back end")]
mod over_park;
#[cfg(all(test, not(loom), unix))]
#[allow(clippy::duplicate_mod, reason = "the table over another back end")]
mod over_pthreads;
#[cfg(all(test, not(loom), feature = "std"))]
#[allow(clippy::duplicate_mod, reason = "the table over another back end")]
mod over_std;
#[cfg(all(test, not(loom), any(unix, windows, feature = "std")))]
mod tests;
