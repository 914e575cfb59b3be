//! The locks and waitable objects that Windows has itself.
//!
//! In a process, of one word or a few, without a system call where nobody waits:
//!
//! - [`SrwLock`]: exclusive or shared, one word (`SRWLOCK`).
//! - [`CriticalSection`]: recursive, so its guard gives `&T` (`CRITICAL_SECTION`).
//! - [`ConditionVariable`]: for both (`CONDITION_VARIABLE`).
//!
//! Objects of the kernel's, each operation a system call; with a [`Name`] they are shared between
//! processes:
//!
//! - [`Mutex`]: belongs to a thread, and tells if its owner has died.
//! - [`Event`]: a flag to wait for.
//! - [`Semaphore`]: a count to wait for.
//! - [`WaitableTimer`]: once or periodic, after a time or at one.
//! - [`wait_any`] and [`wait_all`]: several of these at once.
//!
//! # Which to take
//!
//! For what stays in one process and in one's own code none of them: the portable
//! [`wait`](crate::wait) and what is built on it is as fast and takes less. They are for a lock that
//! C or C++ code shares, for what goes from process to process, and for waiting for a lock, an event
//! and a time at once.
//!
//! # The pitfalls, and what became of them
//!
//! | the system's | here |
//! |---|---|
//! | an `SRWLOCK` deadlocks its own thread if it locks twice | as it is; says so |
//! | an `SRWLOCK` may grant exclusive where shared was asked | as it is; [`SrwLock::shared`] says what not to rely on |
//! | a `CRITICAL_SECTION` is recursive: two `&mut` to one value | its guard gives `&T` only |
//! | a `CRITICAL_SECTION` must not move once it is initialised | it is locked by `Pin<&Self>` only |
//! | one that is deleted while it is owned (a leaked guard) is undefined for who waits | nobody can wait, as waiters borrow it, and it is not deleted then |
//! | waiting on a condition with a section that is held twice lets one level go, and hangs | a panic |
//! | a `CRITICAL_SECTION` counts its levels, an `SRWLOCK` of 32 bits its shares, and neither checks | a panic before the count is over |
//! | one condition with two locks at once: not said | each waiter has its own again; is tested |
//! | a mutex and these locks belong to a thread | their guards are not `Send` |
//! | an abandoned mutex is granted like a free one, but for the return value | [`Acquired::Abandoned`] |
//! | creating what exists already succeeds, and ignores what it was asked to be | [`Created::Existed`] |
//! | timeouts are in milliseconds, of which the largest is for ever, by a coarse clock | [`Deadline`](crate::Deadline)s, never early |
//! | `PulseEvent` wakes nobody who is interrupted at that moment | is not offered |
//! | at most 64 objects in one wait | [`WaitManyError::TooMany`] |
//!
//! None of the waits is alertable: no asynchronous procedure call runs in them.
//!
//! Handles are not inherited by child processes, and an object that is created here has the default
//! security of its creator: its user, and administrators.
//!
//! # How it is tested
//!
//! `cargo xtask run-on windows` runs the tests under Wine. Windows 8 or later is needed.
//!
//! # Source
//!
//! Mara Bos, *Rust Atomics and Locks*, chapter 8, "Windows".
//!
//! # References
//!
//! [Synchronization functions](https://learn.microsoft.com/windows/win32/sync/synchronization-functions)

mod access;
mod condition_variable;
mod created;
mod critical_section;
mod error_code;
mod event;
mod file_time;
mod handle;
mod mutex;
mod name;
mod object_error;
mod semaphore;
mod srw_lock;
mod wait_many;
mod waitable_timer;

pub use self::access::Access;
pub use self::condition_variable::{ConditionVariable, ConditionVariableGuard};
pub use self::created::Created;
pub use self::critical_section::{CriticalSection, CriticalSectionGuard};
pub use self::error_code::ErrorCode;
pub use self::event::Event;
pub use self::file_time::FileTime;
pub use self::handle::SignalOutcome;
pub use self::mutex::{Acquired, Mutex, MutexGuard};
pub use self::name::{Name, NameError};
pub use self::object_error::ObjectError;
pub use self::semaphore::Semaphore;
pub use self::srw_lock::{ExclusiveGuard, SharedGuard, SrwLock};
pub use self::wait_many::{
    AllGuard, AllOutcome, AnyOutcome, WAIT_MANY_MAX, WaitManyError, Waitable, wait_all,
    wait_all_until, wait_any, wait_any_until,
};
pub use self::waitable_timer::{Due, TimerError, WaitableTimer};

/// What ends the signal of an [`Event`] or a [`WaitableTimer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reset {
    /// The one thread whose wait it ends (a synchronization object).
    Auto,
    /// Only a call: until then it ends every wait (a notification object).
    Manual,
}
