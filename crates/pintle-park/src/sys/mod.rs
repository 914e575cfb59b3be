//! The back ends, one file per platform with the same items in each; chosen here and in `threads.rs`,
//! and nowhere else.
//!
//! # What a back end has
//!
//! | item | contract |
//! |---|---|
//! | `wait_word(WordRef, expected: u64, Deadline) -> Option<WaitOutcome>` | sleeps while the word holds `expected` (zeroes in front); may return spuriously; times out at or after the deadline, never before, however large it is; a deadline that has passed compares and returns. `None`: this system cannot sleep on a word of that width, now and for ever, and has not looked at it |
//! | `wake_word(*const (), Width, count) -> Option<WakeOutcome>` | ends up to `count` (not zero) sleeps of `wait_word` at that address with that width; does not follow the address. `None` exactly where `wait_word` has it |
//! | `wait_any(&[WaitFor], Deadline) -> Option<AnyOutcome>` | as `wait_word`, of 1 to 128 words, where `wake_word` ends it. `None`: these words cannot be waited for together, at the moment |
//! | `requeue(&AtomicU32, expected, to, wake, requeue) -> Option<RequeueOutcome>` | if the word holds `expected`, ends up to `wake` sleeps on it and makes up to `requeue` others wait for a `wake_word` of `to`, in one step. `None`: nothing was done, because this system cannot, so that the face wakes them all |
//! | `Sleeper` | how a waiter of the table sleeps, in its own stack frame: `new()`; `sleep(&self, Deadline) -> bool`, false if the deadline came first, never spurious; `unsafe rouse(NonNull<Self>)`, once, from another thread, after whose effect the sleeper may be gone at any moment: release, and `sleep`'s return acquire |
//! | `Lock<T>` | the lock of a bucket of the table: `const new(T)`, `with(&self, impl FnOnce(&mut T) -> R) -> R` |
//! | `uninterrupted(impl FnOnce() -> R) -> R` | runs it with no signal handler on this thread in between, where there are signals |
//! | `now() -> Duration` | monotonic, since an origin of the back end's choice |
//! | `light()`, `heavy()`, `strategy()` | see [`barrier`](crate::barrier) |
//!
//! They are parts of `threads.rs`, which also has what is built on them: the portable face, and what
//! one system alone has (`public.rs`). `none.rs`, for bare metal, has only the last row.
//!
//! # Who serves which word
//!
//! Where `wait_word` says `None` the parking table does (`face/table`), which is one for all
//! platforms: it needs a `Sleeper` and a `Lock`. A wake of a word that the system serves looks into
//! the table too, by a fence and a load, because a [`wait_any`](crate::wait_any) that the system
//! does not serve sleeps there.
//!
//! | platform | file | widths it serves (bytes) | several at once | `Sleeper`, `Lock` |
//! |---|---|---|---|---|
//! | Linux, Android | `linux.rs` | 4 (the kernel refuses 1, 2 and 8 in every call, still in 6.18) | 32-bit words, from Linux 5.16, not on Android | by word |
//! | Windows | `windows.rs` | 1, 2, 4, 8 | no | by word |
//! | macOS and Apple's others | `macos.rs` | 4, 8 (from 14.4; else none) | no | a pthread condition variable, `os_unfair_lock` |
//! | FreeBSD | `freebsd.rs` | 4, and 8 where a `long` has them | no | by word |
//! | OpenBSD, DragonFly | `openbsd.rs`, `dragonfly.rs` | 4 | no | by word |
//! | NetBSD | `netbsd.rs` | none | no | by `_lwp_park`; a pthread mutex |
//! | others with feature `std` | `std.rs` | none | no | std's `Mutex` and `Condvar` |
//! | a loom model | `loom.rs` | 4 | no | by word; loom's `Mutex` |
//! | others | `none.rs` | absent | absent | absent |
//!
//! # Parts to build a back end of
//!
//! - `only_u32.rs`: `wait_word`, `wake_word` for a system with 32-bit words only, from its
//!   `wait(&AtomicU32, u32, Deadline) -> WaitOutcome` and `wake(*const AtomicU32, usize) ->
//!   WakeOutcome`.
//! - `sleeper_by_word.rs`, `lock_by_word.rs`: `Sleeper` and `Lock`, from the same two.
//! - `not_any.rs`: `wait_any` for a system that waits for one word at a time; `no_requeue.rs`:
//!   `requeue` for one that moves no waiters.
//! - `sleeper_by_park.rs`: `Sleeper` for a system that parks threads by their number;
//!   `sleeper_by_pthread.rs`, `lock_by_pthread.rs`: `Sleeper` and `Lock` from the C library's.
//! - `symbols.rs`: functions that only newer versions of a system have; `timespec.rs`: times;
//!   `errno.rs`: errors of the systems that are not Linux.
//! - `signals.rs`: `uninterrupted` on Unix; `no_signals.rs` elsewhere.
//! - `fences.rs`, `once_decided.rs`: the barrier without help, and with help that may be refused.

pub(crate) mod fences;

// Where a thread can be put to sleep: the one place that says where that is. A model runs on a host
// that has them.
#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
    windows,
    feature = "std"
))]
#[path = "threads.rs"]
mod platform;

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
    windows,
    feature = "std"
)))]
#[path = "none.rs"]
mod platform;

pub(crate) use self::platform::*;
