//! Unix: the locks of the C library, without their pitfalls.
//!
//! - [`Mutex`]: normal, error-checking or recursive; with priority inheritance, robust, between
//!   processes; with timeouts.
//! - [`RwLock`].
//! - [`Condvar`], with timeouts on the monotonic clock or the wall's.
//!
//! On most systems the kit's own locks are smaller and faster. These are for what only the C
//! library has: a robust mutex between processes, priority inheritance elsewhere than on Linux.
//! Nothing is allocated.
//!
//! # What POSIX leaves undefined
//!
//! | pitfall | here | test |
//! |---|---|---|
//! | an object that is moved while in use | every operation takes `Pin<&Self>`; what is pinned cannot be moved | `ui/posix_move_fails.rs`, `ui/posix_unpinned_fails.rs` |
//! | an object that is used before it is initialised, or initialised twice | the first use does it, once | `posix_mutex.rs`: `threads_that_come_first_together` |
//! | a lock by the owner (default mutex) | the kind is always given: waits for ever, is an error, or counts | `posix_mutex.rs`: `error_check`, `recursion` |
//! | two `&mut` by recursion | a recursive guard gives `&T` | `ui/posix_recursive_mut_fails.rs` |
//! | an unlock by another thread | guards are not `Send` | `ui/posix_guard_send_fails.rs` |
//! | an object that is destroyed while locked, by a leaked guard | `Drop` [unlocks, leaves it, or waits](Mutex#dropping-a-locked-mutex) | `posix_leaked.rs` |
//! | memory of a locked robust mutex that is used again (the owner's list leads through it) | as above | `posix_leaked.rs`: `a_robust_mutex_waits_for_its_owner` |
//! | an owner that dies | [`LockError::OwnerDied`], with what is locked then | `posix_robust.rs` |
//! | a reference that outlives the thread that owned the lock, by a leaked guard | to ask for a [robust](MutexAttr::robust) mutex is `unsafe`; others stay locked | `ui/posix_robust_fails.rs` |
//! | a robust mutex that nobody has repaired | [`LockError::NotRecoverable`] | `posix_robust.rs` |
//! | those who wait for it then (glibc 2.36 leaves the third asleep for ever) | each is told | `posix_robust.rs`: `those_who_wait_are_told` |
//! | a read-write lock that its writer locks again | an error; where the library grants it, too | `posix_rwlock.rs`: `the_writer_again` |
//! | a condition variable with two mutexes at once | [`WaitError::OtherMutex`] | `posix_condvar.rs`: `another_mutex` |
//! | a condition variable with a recursive mutex, which stays locked | does not fit by type | `ui/posix_recursive_fails.rs` |
//! | a wait that does not get its mutex back | [`WaitError::NotLocked`], without a guard | `condvar.rs` |
//! | a condition variable that is destroyed while a killed process waits (glibc waits for it) | `Drop` leaves it | `posix_condvar.rs`: `a_waiter_that_is_killed` |
//! | a later thread with the number of one that ended as the owner | an error, or `&T`: [`Mutex`](Mutex#a-thread-that-ends-with-it-locked) | |
//! | a ring of threads that wait for each other's error-checking mutexes with priority inheritance | glibc ends the process, musl tells: [`LockError::Deadlock`] | |
//! | priority ceilings (`PTHREAD_PRIO_PROTECT`) | are not offered | |
//! | a timeout on a clock that somebody sets | the clock is a type | `posix_condvar.rs`: `no_timeout_is_early` |
//! | a wake-up without a notification | the caller loops, as everywhere | |
//!
//! No errno is a panic. What a system lacks is [`InitError::Unsupported`], or absent:
//! [`Mutex::lock_until`] on macOS.
//!
//! # Between processes
//!
//! 1. One process writes the objects, made by their constructors with `process_shared`, to memory
//!    that both map, pins them there ([`Pin::new_unchecked`](core::pin::Pin::new_unchecked) of a
//!    reference that is valid as long as the mapping), and calls `init` on each.
//! 2. A process that it forks later uses the same references. Another one finds them by `attach`,
//!    which tells whether step 1 is over: fresh memory is all zero.
//! 3. Nobody drops them; or the last process does, by `drop_in_place`, when no other uses them.
//!
//! Of these only a robust mutex outlives a process that is killed with it.
//!
//! The values have to mean the same everywhere: no pointers. If a process may be killed while it
//! changes a value, every half-changed value has to be a valid one: integers and arrays of them
//! are, an `enum` is not.
//!
//! ```
//! # #[cfg(target_os = "linux")] {
//! use core::{pin::Pin, ptr};
//! use pintle_park::posix::{LockError, Mutex, MutexAttr};
//!
//! type Shared = Mutex<[u64; 8]>;
//!
//! // SAFETY: a new mapping, of which nobody else knows.
//! let memory = unsafe {
//!     let (prot, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
//!     libc::mmap(ptr::null_mut(), size_of::<Shared>(), prot, flags, -1, 0)
//! };
//! assert_ne!(memory, libc::MAP_FAILED);
//! let place: *mut Shared = memory.cast();
//! // SAFETY: zeroes.
//! assert!(unsafe { Mutex::attach(place) }.is_none());
//!
//! // SAFETY: no thread leaks a reference to the value.
//! let robust = unsafe { MutexAttr::new().robust() };
//! // SAFETY: large enough, aligned to a page, and nobody else's yet.
//! unsafe { place.write(Mutex::with_attr(robust.process_shared(), [0; 8])) };
//! // SAFETY: it stays mapped, and is never moved.
//! let mutex = unsafe { Pin::new_unchecked(&*place) };
//! mutex.init().unwrap();
//!
//! // SAFETY: the child takes a lock and ends.
//! let child = unsafe { libc::fork() };
//! if child == 0 {
//!     let guard = mutex.lock();
//!     // SAFETY: ends the child, with the mutex locked.
//!     unsafe { libc::_exit(guard.is_err().into()) };
//! }
//! let mut status = 0;
//! // SAFETY: `status` is a valid place.
//! unsafe { libc::waitpid(child, &mut status, 0) };
//! assert_eq!(status, 0);
//!
//! let Err(LockError::OwnerDied(recovery)) = mutex.lock() else {
//!     panic!("the child had it");
//! };
//! drop(recovery.mark_consistent());
//! mutex.lock().unwrap()[0] = 1;
//! # }
//! ```
//!
//! # After a `fork`
//!
//! The child has copies of the parent's private locks, locked as they were, and of guards. What
//! another thread had locked stays locked in the child. Neither use nor drop a guard of a
//! process-shared lock in the child that was taken in the parent: as after every `fork`, a child does little before
//! `exec`.
//!
//! # Source
//!
//! POSIX.1-2024, [`pthread.h`](https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/pthread.h.html)
//! and the pages it leads to; Mara Bos, *Rust Atomics and Locks*, chapter 8.

mod bond;
mod clock;
mod condvar;
mod errno;
mod guard;
mod init_error;
mod kind;
mod lock_error;
#[cfg(not(target_vendor = "apple"))]
mod lock_until;
mod mutex;
mod mutex_attr;
mod place;
mod realtime;
mod recovery;
mod rwlock;
mod rwlock_error;
mod rwlock_guard;
mod sys;
mod time;
mod timeout;
mod unlock_error;
mod wait_error;

pub use self::clock::{Clock, Monotonic, Realtime};
pub use self::condvar::{Condvar, Wakeup};
pub use self::errno::Errno;
pub use self::guard::Guard;
pub use self::init_error::InitError;
pub use self::kind::{ErrorCheck, Exclusive, Kind, Normal, Recursive};
pub use self::lock_error::LockError;
pub use self::mutex::{LockResult, Mutex};
pub use self::mutex_attr::MutexAttr;
pub use self::realtime::RealtimeDeadline;
pub use self::recovery::Recovery;
pub use self::rwlock::RwLock;
pub use self::rwlock_error::RwLockError;
pub use self::rwlock_guard::{ReadGuard, WriteGuard};
pub use self::timeout::Timeout;
pub use self::unlock_error::UnlockError;
pub use self::wait_error::WaitError;
