//! Every futex operation of the kernel, typed.
//!
//! A futex is a 32-bit word that user space changes by itself as long as nobody has to wait;
//! the kernel knows it only while threads sleep on it. [`Futex`] is such a word.
//!
//! | operation | here | since Linux | timeout | errors |
//! |---|---|---|---|---|
//! | `FUTEX_WAIT` | [`Futex::wait`], [`wait_timeout`](Futex::wait_timeout) | 2.6.0 | monotonic, relative | [`WaitError`] |
//! | `FUTEX_WAIT_BITSET` | [`Futex::wait_bitset`] | 2.6.25 | either clock, absolute | [`WaitError`] |
//! | `FUTEX_WAKE` | [`Futex::wake`] | 2.6.0 | – | [`WakeError`] |
//! | `FUTEX_WAKE_BITSET` | [`Futex::wake_bitset`] | 2.6.25 | – | [`WakeError`] |
//! | `FUTEX_WAKE_OP` | [`Futex::wake_op`] | 2.6.14 | – | [`WakeOpError`] |
//! | `FUTEX_REQUEUE` | [`Futex::requeue`] | 2.6.0 | – | [`RequeueError`] |
//! | `FUTEX_CMP_REQUEUE` | [`Futex::cmp_requeue`] | 2.6.7 | – | [`CmpRequeueError`] |
//! | `FUTEX_LOCK_PI` | [`Futex::lock_pi`] | 2.6.18 | real time, absolute | [`LockPiError`] |
//! | `FUTEX_LOCK_PI2` | [`Futex::lock_pi2`] | 5.14 | either clock, absolute | [`LockPiError`] |
//! | `FUTEX_TRYLOCK_PI` | [`Futex::try_lock_pi`] | 2.6.18 | – | [`TryLockPiError`] |
//! | `FUTEX_UNLOCK_PI` | [`Futex::unlock_pi`] | 2.6.18 | – | [`UnlockPiError`] |
//! | `FUTEX_WAIT_REQUEUE_PI` | [`Futex::wait_requeue_pi`] | 2.6.31 | either clock, absolute | [`WaitRequeuePiError`] |
//! | `FUTEX_CMP_REQUEUE_PI` | [`Futex::cmp_requeue_pi`] | 2.6.31 | – | [`CmpRequeuePiError`] |
//! | `futex_waitv` | [`waitv`] | 5.16 | either clock, absolute | [`WaitvError`] |
//! | `futex_wait` | [`Futex::wait2`] | 6.7 | either clock, absolute | [`WaitError`] |
//! | `futex_wake` | [`Futex::wake2`] | 6.7 | – | [`WakeError`] |
//! | `futex_requeue` | [`Futex::requeue2`] | 6.7 | – | [`CmpRequeueError`] |
//!
//! Private futexes are there since 2.6.22. `FUTEX_FD` has been gone from the kernel since 2.6.26,
//! and is not here; nor are the NUMA flags of futex2.
//!
//! # What is safe about it, and why
//!
//! - **Reading**: a wait or a comparison reads the word of a live reference.
//! - **Writing**: `FUTEX_WAKE_OP` and the priority-inheritance operations make the kernel change a
//!   word, atomically, as anybody with an `&AtomicU32` may. They take references. The kernel
//!   writes during the call only, so nothing has to outlive it. What a robust list makes it write
//!   after that is another matter, and unsafe: [`robust`](super::robust).
//! - **Naming**: a wake takes a pointer that may dangle, as it only names a futex. Where nothing is
//!   mapped it is zero ([`Private`]) or an error ([`Shared`]). Where the memory has another use by
//!   now, somebody else is woken spuriously. A requeue takes references, so that nobody is moved to
//!   where no wake can follow.
//! - Values are up to the caller. A word that breaks the protocol below makes an error, or a thread
//!   that waits for ever, and no undefined behaviour.
//!
//! # Memory order
//!
//! Waits and wakes order nothing that may be relied on. Publish by the word: `Release` store before
//! the wake, `Acquire` load after the wait. [`lock_pi`](Futex::lock_pi) and
//! [`unlock_pi`](Futex::unlock_pi) hand the lock over with `Release` and `Acquire`.
//!
//! # Priority inheritance
//!
//! While a thread waits for such a lock, its owner runs with the waiter's priority if that is
//! higher, so that it is not held up by threads between the two. The kernel has to know the owner:
//! the word is a [`PiWord`].
//!
//! ```text
//!           user space: 0 → TID (Acquire)
//!        ┌──────────────────────────────────┐
//!        │     lock_pi, try_lock_pi         ▼        lock_pi of another thread
//!  ┌───────────┐                     ┌────────────┐  (which sleeps)  ┌───────────────┐
//!  │  0: free  │                     │ TID: owned │─────────────────▶│ TID | WAITERS │─┐
//!  └───────────┘                     └────────────┘                  └───────────────┘ │
//!     ▲     ▲                               │                          │           ▲   │
//!     │     └───────────────────────────────┘                          │           └───┘
//!     │        user space: TID → 0 (Release)                           │ unlock_pi, somebody waits:
//!     │                                                                │ TID of the most urgent one
//!     └────────────────────────────────────────────────────────────────┘
//!           unlock_pi, nobody waits any more
//!
//!     the owner dies with the lock:
//!       nobody waits, robust list ─▶ OWNER_DIED ── lock_pi, try_lock_pi ─▶ OWNER_DIED | TID
//!       nobody waits, no list     ─▶ TID of nobody: lock_pi gives NoOwner
//!       somebody waits            ─▶ OWNER_DIED | TID of the next owner | WAITERS
//! ```
//!
//! The edges of user space are compare-and-exchange operations of the owner-to-be and the owner;
//! all others are the kernel's. `WAITERS` stays when the last one that waited becomes the owner, so
//! that its `unlock_pi` lets the kernel forget the lock. `OWNER_DIED` stays until the owner clears
//! it, or unlocks. A lock operation costs a system call only where it is contended; there it costs
//! many times what an ordinary futex does.
//!
//! # Time
//!
//! - Timeouts are types: a [`Duration`](core::time::Duration) where the kernel counts from now, a
//!   [`Deadline`](crate::Deadline) (monotonic), a [`RealtimeDeadline`], or a [`Timeout`], which is
//!   either, where it takes an absolute time. So what the kernel refuses (real time for
//!   `FUTEX_WAIT`, `FUTEX_WAKE` and `FUTEX_LOCK_PI` is `ENOSYS`, but for the first on some kernels
//!   from 4.5 on) cannot be written, and no time is negative.
//! - No wait times out early. Zero, or a time that has passed, compares and returns. What the
//!   kernel's seconds cannot hold is no timeout.
//! - **Signals**: a handler that runs during a wait does not end it (`EINTR` is not reported). The
//!   wait goes on with the time that is left.
//! - A 32-bit machine has two calls. The old one, which every seccomp filter knows, is made first;
//!   only a real time after 2038, or a kernel without the old one, needs `futex_time64` (Linux 5.1).
//!
//! # Errors
//!
//! Each operation has an enum of the errors that are documented for it; any other errno comes as
//! `Other`, never as a panic. A sandbox may answer with whatever it likes (`EPERM`, `ENOSYS`) or
//! end the process, as Android's does for calls that its C library does not use: there, keep to
//! `FUTEX_WAIT`, `FUTEX_WAKE`, their bitset and the priority-inheritance forms.
//!
//! # Source
//!
//! [`futex(2)`](https://man7.org/linux/man-pages/man2/futex.2.html); the kernel's documentation of
//! [futex2](https://docs.kernel.org/userspace-api/futex2.html) and
//! [PI futexes](https://docs.kernel.org/locking/pi-futex.html); Mara Bos, *Rust Atomics and
//! Locks*, chapter 8; Ulrich Drepper, *Futexes Are Tricky* (2011).

pub(super) mod error;
mod futex2;
mod pi;
mod pi_word;
mod requeue;
mod requeue_pi;
mod scope;
mod timeout;
mod wait;
mod waitv;
mod wake;
mod wake_op;
mod word;

pub use self::futex2::Size;
pub use self::pi::{LockPiError, TryLockPiError, UnlockPiError};
pub use self::pi_word::PiWord;
pub use self::requeue::{CmpRequeueError, RequeueError, Requeued};
pub use self::requeue_pi::{CmpRequeuePiError, WaitRequeuePiError};
pub use self::scope::{Private, Scope, Shared};
pub use self::wait::WaitError;
pub use self::waitv::{WAITV_MAX, Waiter, WaitvError, waitv};
pub use self::wake::WakeError;
pub use self::wake_op::{Comparison, Immediate, Operand, Operation, WakeOpError};
pub use self::word::Futex;
pub use crate::posix::{RealtimeDeadline, Timeout};
