//! Robust lists: the kernel tells those who wait for a lock that its owner has died.
//!
//! A thread registers the head of a list of the locks that it holds. When it ends, in whatever
//! way, the kernel walks the list, and in each lock's word that still names the thread replaces the
//! [`Tid`] by [`PiWord::OWNER_DIED`](super::futex::PiWord::OWNER_DIED); if the word says
//! [`WAITERS`](super::futex::PiWord::WAITERS), it wakes one. `execve` counts as an end (since
//! Linux 2.6.28).
//!
//! # One list per thread, and libc owns it
//!
//! A thread has one head, and both glibc and musl have registered theirs, for robust pthread
//! mutexes (glibc when the thread starts and after a `fork`; musl when the thread first locks
//! one). A head of one's own takes its place: robust mutexes that the thread holds, or locks
//! later, are then not seen any more, and whoever waits for them after its death waits for ever.
//! That is why [`set`] is unsafe. **A robust lock between processes is best built on pthread's.**
//! This is for runtimes that own their threads: made by `clone`, or sure never to lock a robust
//! pthread mutex, or setting back what [`get`] has returned before anybody else's code runs.
//!
//! # Protocol
//!
//! The word follows [`PiWord`](super::futex::PiWord), also for a lock without priority inheritance:
//! zero is free, else the owner's [`Tid`], with `WAITERS` if somebody sleeps. Waiters sleep on a
//! [`Shared`](super::futex::Shared) futex: the kernel's wake does not meet private ones.
//!
//! | to lock | to unlock |
//! |---|---|
//! | 1. [`announce`](Head::announce) the entry | 1. [`announce`](Head::announce) the entry |
//! | 2. take the word: zero (or what a death left) → own TID | 2. [`remove`](Head::remove) it |
//! | 3. [`push`](Head::push) the entry | 3. release the word: → zero; wake one if it said `WAITERS` |
//! | 4. [`settle`](Head::settle) | 4. [`settle`](Head::settle) |
//!
//! A death leaves `OWNER_DIED`, with `WAITERS` if somebody slept, of whom one is awake by now. Who
//! takes the word over keeps the second bit, or the others would sleep for ever, and knows by the
//! first that the data may be half changed.
//!
//! The announcement covers a death between the word's change and the list's: the kernel treats the
//! announced entry as if it was in the list. If its word is zero already (a death between
//! releasing and waking), it wakes one waiter.
//!
//! The kernel looks at 2,048 entries at most, and gives up at the first address that it cannot
//! read.
//!
//! # Source
//!
//! The kernel's documentation of [robust
//! futexes](https://docs.kernel.org/locking/robust-futexes.html) and [their
//! ABI](https://docs.kernel.org/locking/robust-futex-ABI.html);
//! [`set_robust_list(2)`](https://man7.org/linux/man-pages/man2/set_robust_list.2.html).

mod head;

pub use self::head::{Entry, Head, Kind};

use super::futex::error::errors;
use super::raw::{self, integer};
use super::{Errno, Tid};
use core::ptr;

errors! {
    /// Why a thread's list cannot be seen.
    pub enum GetError {
        /// There is no such thread.
        NoThread = ESRCH => "there is no such thread",
        /// The caller may not look into that thread's process.
        NotAllowed = EPERM => "the caller may not look into that thread",
        /// This kernel does not have robust lists.
        Unsupported = ENOSYS => "the kernel does not have robust lists",
    }
}

errors! {
    /// Why a list has not been registered.
    pub enum SetError {
        /// The kernel knows another size of head.
        Size = EINVAL => "the kernel knows another size of list head",
        /// This kernel does not have robust lists.
        Unsupported = ENOSYS => "the kernel does not have robust lists",
    }
}

/// Returns the head that is registered for `thread`, or for the caller: `get_robust_list`.
///
/// Null if there is none. It is an address in the memory of that thread's process.
///
/// # Errors
///
/// [`GetError`].
///
/// # References
///
/// [`get_robust_list(2)`](https://man7.org/linux/man-pages/man2/get_robust_list.2.html); Linux
/// 2.6.17.
///
/// # Examples
///
/// ```
/// use pintle_park::linux::{Tid, robust};
///
/// let mine = robust::get(None).unwrap();
/// assert_eq!(robust::get(Some(Tid::current())), Ok(mine));
/// ```
pub fn get(thread: Option<Tid>) -> Result<*const Head, GetError> {
    let mut head: *const Head = ptr::null();
    let mut size = 0_usize;
    let arguments = [
        integer(thread.map_or(0, Tid::get) as usize),
        (&raw mut head).cast_const().cast(),
        (&raw mut size).cast_const().cast(),
        ptr::null(),
        ptr::null(),
        ptr::null(),
    ];
    // SAFETY: the kernel writes the two places, which are of the types it writes.
    let result = unsafe { raw::call(libc::SYS_get_robust_list, arguments) };
    result.map(|_| head).map_err(GetError::new)
}

/// Registers `head` as the calling thread's list, in the place of the one before:
/// `set_robust_list`. Null registers none.
///
/// # Safety
///
/// - From now until the thread ends, or another list is registered, `head` and the entries that
///   are linked to it or announced stay valid, and the word [`Head::new`]'s offset away from each
///   entry is a 32-bit word that only atomic operations access. The kernel reads and writes them
///   after the thread's last instruction, when its stack and its thread-locals may be gone.
/// - Whoever relies on the list before (the C library: see the [module](self)) does so no longer,
///   or gets it back in time.
///
/// # Errors
///
/// [`SetError`].
///
/// # References
///
/// [`set_robust_list(2)`](https://man7.org/linux/man-pages/man2/set_robust_list.2.html); Linux
/// 2.6.17.
///
/// # Examples
///
/// ```
/// use core::mem::offset_of;
/// use pintle_park::linux::Tid;
/// use pintle_park::linux::futex::{Futex, PiWord, Shared};
/// use pintle_park::linux::robust::{self, Entry, Head, Kind};
/// use std::sync::atomic::Ordering::*;
///
/// #[repr(C)]
/// struct Lock {
///     entry: Entry,
///     word: Futex<Shared>,
/// }
///
/// static HEAD: Head = Head::new(offset_of!(Lock, word) as isize);
/// static LOCK: Lock = Lock { entry: Entry::new(), word: Futex::new(0) };
///
/// std::thread::spawn(|| {
///     // SAFETY: the thread's own, and a static. It holds no robust pthread mutex.
///     unsafe { HEAD.register() }.unwrap();
///     // SAFETY: a static.
///     unsafe { HEAD.announce(&LOCK.entry, Kind::Plain) };
///     LOCK.word.compare_exchange(0, Tid::current().get(), Acquire, Relaxed).unwrap();
///     // SAFETY: a static, and in no list.
///     unsafe { HEAD.push(&LOCK.entry, Kind::Plain) };
///     HEAD.settle();
///     // And ends without unlocking.
/// });
///
/// let word = loop {
///     match LOCK.word.load(Acquire) {
///         0 => std::thread::yield_now(),
///         word if PiWord::from_bits(word).owner().is_some() => {
///             let waiters = word | PiWord::WAITERS;
///             if LOCK.word.compare_exchange(word, waiters, Relaxed, Relaxed).is_ok() {
///                 let _ = LOCK.word.wait(waiters);
///             }
///         }
///         word => break PiWord::from_bits(word),
///     }
/// };
/// assert!(word.owner_died() && word.owner().is_none());
/// ```
pub unsafe fn set(head: *const Head) -> Result<(), SetError> {
    let size = integer(size_of::<Head>());
    let null = ptr::null();
    let arguments = [head.cast(), size, null, null, null, null];
    // SAFETY: the call keeps the address only; what the kernel does with it later is the caller's
    // duty.
    let result: Result<usize, Errno> = unsafe { raw::call(libc::SYS_set_robust_list, arguments) };
    result.map(drop).map_err(SetError::new)
}
