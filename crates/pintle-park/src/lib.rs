//! How an operating system lets a thread wait, behind one portable face.
//!
//! - [`wait`], [`wake_one`], [`wake_all`]: sleep while a 32-bit word holds a value, as `atomic-wait`
//!   has them; [`wait_timeout`], [`wait_until`], [`wake`] and [`requeue`] beside them, with typed
//!   outcomes.
//! - [`sized`]: the same for words of 8, 16 and 64 bits.
//! - [`wait_any`]: sleep while each of several words holds a value.
//! - [`Parker`] and [`Unparker`]: one thread sleeps until it is handed a token. An `Unparker` is a
//!   [`Waker`](core::task::Waker).
//! - [`Park`]: the trait of it, for what leaves it to the application how to idle; bare metal brings
//!   `wfi` or `hlt`. It is there on every platform.
//! - [`block_on`]: runs a future on whatever there is to park on, on every platform, too.
//! - [`Deadline`]: a point on the clock these waits are measured by, without `std`.
//! - [`barrier`]: a memory barrier that costs its frequent side nothing, because the rare side
//!   makes the operating system put a barrier into every running thread of the process.
//! - `linux`, on Linux and Android: every futex operation, with typed errors; robust lists.
//! - `macos`, on Apple's systems: their lock, which donates priority. `openbsd`: its requeue.
//! - `windows`, on Windows: its slim reader/writer lock, critical section and condition variable, and
//!   the kernel's mutexes, events, semaphores and timers, with names and between processes.
//! - `posix`, on Unix: the mutex, the read-write lock and the condition variable of the C library,
//!   which cannot be moved while they are in use.
//!
//! # What is there on which platform
//!
//! | platform | `wait` and what is built on it | other widths | `wait_any` | `barrier` |
//! |---|---|---|---|---|
//! | Linux | futex | table | `futex_waitv` for 32-bit words, else table | membarrier, else fences |
//! | Android | futex | table | table | fences |
//! | Windows 8 and later | `WaitOnAddress` | as 32 bits | table | `FlushProcessWriteBuffers`, fences under Wine |
//! | macOS 14.4 and later, iOS 17.4 (and Apple's others of that time) | `os_sync_wait_on_address` | 64 bits as 32, others table | table | fences |
//! | earlier ones | table over pthreads | table | table | fences |
//! | FreeBSD | `_umtx_op` | 64 bits as 32 on 64-bit machines, others table | table | membarrier from 14.1, else fences |
//! | OpenBSD | futex | table | table | fences |
//! | DragonFly | `umtx_sleep` | table | table | fences |
//! | NetBSD | table over `_lwp_park` | table | table | fences |
//! | another one, with feature `std` | table over `std`'s `Mutex` and `Condvar` | table | table | fences |
//! | another one, without it (bare metal) | absent: there is no thread to put to sleep | absent | absent | fences |
//! | a loom model (`--cfg loom`) | a futex modelled over loom | table | table | fences |
//!
//! "Table" is this crate's parking table, in which waiters stand by the address of their word. It
//! allocates nothing. The platforms are in `src/sys`, one file each with the same functions, which
//! begins with what that system does otherwise than the face. Which operation is run or only checked
//! on which platform: [docs/platforms.md](https://github.com/pintle-rs/pintle/blob/main/docs/platforms.md).
//!
//! # Where it may be called
//!
//! Waits and parks block: not in an interrupt or signal handler, not in a critical section, not under
//! a spinlock. Wakes and [`unpark`](Unparker::unpark) are for anywhere, a signal handler included,
//! but where the table's waits are by locks of `std`'s or the C library's (macOS, NetBSD, others).
//! (They may change `errno`, which a handler has to save, as it has to for any call.)
//! [`barrier::light`] is for anywhere.
//!
//! In the child of a `fork`, if its parent had several threads, only [`barrier`] and, on Linux,
//! `unpark` may be called: one of the threads that are not there any more may have been in the
//! table, where other wakes look, too.
//!
//! # Features
//!
//! None is on by default; the crate is `no_std` and allocates nothing.
//!
//! - `alloc`: `Parker::new`, whose token lives in an `Arc`. Without it a `Parker` borrows a
//!   [`Token`], in a `static` say.
//! - `std`: turns on `alloc`; conversions from `std::time::Instant`; the back end for operating
//!   systems that have none of their own here.
//! - `barrier-fences`, `barrier-process`: what [`barrier`] is, chosen at compile time; for
//!   applications.
//!
//! # Source
//!
//! Mara Bos, *Rust Atomics and Locks*, chapter 8 (operating system primitives).
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod barrier;
mod block_on;
mod park;
mod sys;

pub use self::block_on::block_on;
pub use self::park::{Park, ParkOutcome, ParkUntil, Unpark};

// The rest, where a thread can be put to sleep: `sys/mod.rs` says where, and `sys/public.rs` what.
#[allow(
    unused_imports,
    unreachable_pub,
    reason = "bare metal has nothing of the kind"
)]
pub use self::sys::public::*;
