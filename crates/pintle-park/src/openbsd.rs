//! What OpenBSD's futexes do that the portable face does not promise.

use crate::sys;
use core::ptr::without_provenance;
use pintle_core::atomic::AtomicU32;

/// Ends the sleep of up to `wake` threads that wait on `from`, and makes up to `requeue` of the others
/// wait on `to` instead; returns how many it has woken, or `None` if the system refuses.
///
/// It goes with [`wait`](crate::wait) and [`wake_one`](crate::wake_one) on words of 32 bits.
///
/// Unlike the portable [`requeue`](crate::requeue) it compares nothing: a thread that begins to wait on
/// `from` while this runs may be moved with the others, and is from then on reached by a wake of `to`
/// alone. So it is for words on which nobody waits for anything newer, or where whoever is woken from
/// `to` passes the wake on, as the waiters for a lock do. Of threads that are moved, the number is not
/// told.
///
/// Not for a `wake` of zero: the kernel of 2025 (`sys_futex.c` 1.26) then wakes everybody, and `Some(0)`
/// is returned.
///
/// Both are addresses and are not followed. A signal handler may call it.
///
/// # References
///
/// [`futex(2)`](https://man.openbsd.org/futex.2), `FUTEX_REQUEUE` (private).
///
/// # Examples
///
/// ```
/// use pintle_park::openbsd;
/// use std::sync::atomic::AtomicU32;
///
/// let (signals, lock) = (AtomicU32::new(7), AtomicU32::new(0));
/// // Nobody waits.
/// assert_eq!(openbsd::requeue(&signals, &lock, 1, usize::MAX), Some(0));
/// ```
pub fn requeue(
    from: *const AtomicU32,
    to: *const AtomicU32,
    wake: usize,
    requeue: usize,
) -> Option<usize> {
    // The second number goes in the place of the timeout.
    let moved = without_provenance(sys::clamp(requeue) as usize);
    // SAFETY: addresses are all that is asked for; neither is followed.
    let result = unsafe {
        libc::futex(
            from.cast_mut().cast(),
            libc::FUTEX_REQUEUE | libc::FUTEX_PRIVATE_FLAG,
            sys::clamp(wake),
            moved,
            to.cast_mut().cast(),
        )
    };
    sys::woken(result, wake)
}
