//! The back ends, one file per platform with the same functions in each; chosen here and nowhere
//! else.
//!
//! | function | contract |
//! |---|---|
//! | `wait(word, expected, deadline)` | sleeps while `word` holds `expected`; may return spuriously; times out at or after the deadline, never before |
//! | `wake(address, count)` | ends up to `count` sleeps; does not follow the address |
//! | `now()` | monotonic, since an origin of the back end's choice |
//! | `light()`, `heavy()`, `strategy()` | see [`barrier`](crate::barrier) |
//!
//! `none.rs`, for bare metal, has only the last row.

#[cfg(loom)]
#[path = "loom.rs"]
mod chosen;

#[cfg(all(not(loom), any(target_os = "linux", target_os = "android")))]
#[path = "linux.rs"]
mod chosen;

#[cfg(all(
    not(loom),
    not(any(target_os = "linux", target_os = "android")),
    feature = "std"
))]
#[path = "std.rs"]
mod chosen;

#[cfg(all(
    not(loom),
    not(any(target_os = "linux", target_os = "android")),
    not(feature = "std")
))]
#[path = "none.rs"]
mod chosen;

pub(crate) use self::chosen::*;

// Parts that several platforms share.
#[cfg(any(loom, not(target_os = "linux"), all(test, feature = "std")))]
#[cfg_attr(
    test,
    allow(dead_code, reason = "the tests of `table` need it to compile")
)]
mod fences;
#[cfg(all(not(loom), target_os = "linux"))]
mod membarrier;
#[cfg(all(not(loom), target_os = "linux"))]
mod once_decided;

// So that the fallback is tested on the machines that do not need it, too.
#[cfg(all(test, not(loom), feature = "std"))]
#[path = "std.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "on the platforms that use it nothing is dead; its barrier is tested in place"
)]
mod table;
#[cfg(all(test, not(loom), any(target_os = "linux", feature = "std")))]
mod tests;
