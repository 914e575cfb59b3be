//! A pair of memory barriers, one of which costs next to nothing.
//!
//! Two threads that each write one word and then read the other's need a sequentially consistent
//! fence in between on both sides, or each may miss what the other has written (store buffering,
//! the heart of Dekker's algorithm):
//!
//! ```text
//!     the frequent side                 the rare side
//!     x.store(1, Relaxed)               y.store(1, Relaxed)
//!     light()                           heavy()
//!     a = y.load(Relaxed)               b = x.load(Relaxed)
//!
//!     never a == 0 && b == 0
//! ```
//!
//! Where one side runs a million times more often than the other ([RCU], hazard pointers, biased
//! locks), all the cost can go to the rare one: [`heavy`] asks the operating system to put a
//! barrier into every running thread of the process, wherever it is, and [`light`] only has to
//! keep the compiler from reordering.
//!
//! [RCU]: https://docs.rs/pintle-rcu
//!
//! # What the pair guarantees
//!
//! For each call of [`light`] and each call of [`heavy`] in one process, one of two things holds:
//!
//! 1. what the light side's thread has written before `light()` is seen by what the heavy side's
//!    thread reads after `heavy()`; or
//! 2. what the heavy side's thread has written before `heavy()` is seen by what the light side's
//!    thread reads after `light()`.
//!
//! "Seen" is meant of accesses to atomics, `Relaxed` ones included: a read sees that write or a
//! later one to the same atomic. So a caller has to prove of its protocol that either case is
//! fine. `heavy()` with `heavy()` gives the same, `light()` with `light()` nothing.
//!
//! *Why it holds with fences*: both are `fence(SeqCst)`, and of two such fences one comes first in
//! their total order. *Why it holds with the process-wide barrier*: it strikes the light side's
//! thread somewhere between two of its instructions. If that is after the light side's writes,
//! they are out before `heavy` returns (case 1). Otherwise `light()` and the reads after it come
//! later in program order, which the compiler fence has kept, so they are made after the barrier
//! and see what was written before `heavy` was called (case 2).
//!
//! # One strategy, decided once
//!
//! The [`strategy`] is found out at run time, once for the process, and never panics: a kernel that
//! is too old, a container or a sandbox that forbids it means [`Strategy::Fences`]. Until the
//! decision is made `light` makes a full fence, which goes with either strategy, so no two threads
//! can disagree. Deciding costs two system calls (milliseconds in a process with many threads), so a
//! program that wants its light sides cheap from the start calls [`strategy`] early.
//!
//! # Decided at compile time
//!
//! Two features, for applications, take the decision away:
//!
//! - `barrier-fences`: both sides make a fence, and nothing is asked of the operating system. For a
//!   program that will run in a sandbox which it is not to notice.
//! - `barrier-process`: the process-wide barrier, on Linux and FreeBSD (elsewhere it changes nothing). [`light`]
//!   leaves no instruction behind. Under a kernel that refuses it the first [`heavy`] does not
//!   return, so it is for those who know theirs: Linux from 4.14, or slowly from 4.3; FreeBSD from 14.1.
//!
//! Both together contradict each other, and mean what neither does: the decision at run time. So no
//! two libraries that turn them on can break a program; but no library should.
//!
//! The barrier reaches the threads of this process. It does not reach others through shared
//! memory, nor devices. In a loom model both sides are fences.
//!
//! # Source
//!
//! D. Goldblatt, [*P1202: Asymmetric fences*](https://wg21.link/p1202); M. Desnoyers et al.,
//! *User-Level Implementations of Read-Copy Update*, IEEE TPDS 2012.
//!
//! # References
//!
//! [`membarrier(2)`](https://man7.org/linux/man-pages/man2/membarrier.2.html)

use crate::sys::{self, fences};

/// Whether the application has chosen fences: then the platform's own is not asked.
const FENCES: bool = cfg!(all(
    feature = "barrier-fences",
    not(feature = "barrier-process")
));

/// How [`light`] and [`heavy`] work together in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// `heavy` makes the operating system put a barrier into every thread; `light` costs nothing
    /// at run time but the question whether it is so.
    ProcessBarrier,
    /// Both make a sequentially consistent fence.
    Fences,
}

/// The frequent side's barrier: one relaxed load and a branch where the process-wide barrier is
/// in use (nothing where that was forced), otherwise a sequentially consistent fence.
///
/// The [module](self) says what it guarantees together with [`heavy`]. It never makes a system
/// call, so it may be called anywhere, an interrupt or a signal handler included.
///
/// # Examples
///
/// ```
/// use pintle_park::barrier;
/// use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
///
/// static BUSY: AtomicBool = AtomicBool::new(false);
/// static STOP: AtomicBool = AtomicBool::new(false);
///
/// // The frequent side: if it goes on, the rare side sees that it is busy.
/// BUSY.store(true, Relaxed);
/// barrier::light();
/// assert!(!STOP.load(Relaxed));
/// ```
#[inline]
pub fn light() {
    if FENCES {
        fences::light()
    } else {
        sys::light()
    }
}

/// The rare side's barrier: where the operating system has one, a barrier in every running thread
/// of the process, otherwise a sequentially consistent fence.
///
/// The [module](self) says what it guarantees together with [`light`]. It costs about a
/// microsecond, interrupts every processor that runs a thread of this process, and decides the
/// strategy if nobody has.
///
/// It does not fail: where the operating system withdraws what it has granted (a seccomp filter
/// against `membarrier` that comes down after the decision), it tries again, sleeping in between,
/// until it succeeds, since light sides already rely on it. A program that locks itself up like
/// that should do so before it calls anything here.
///
/// Makes a system call: not for an interrupt handler.
#[inline]
pub fn heavy() {
    if FENCES {
        fences::heavy()
    } else {
        sys::heavy()
    }
}

/// The strategy of this process, which is decided now if it was not before.
///
/// # Examples
///
/// ```
/// use pintle_park::barrier::{self, Strategy};
///
/// let first = barrier::strategy();
/// barrier::heavy();
/// // Once decided it does not change.
/// assert_eq!(barrier::strategy(), first);
/// if first == Strategy::Fences {
///     println!("this process pays for its light barriers");
/// }
/// ```
#[must_use]
pub fn strategy() -> Strategy {
    if FENCES {
        fences::strategy()
    } else {
        sys::strategy()
    }
}
