use crate::spin::pause::pause;
use mutex_traits::RawMutex;
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::{const_fn, not_loom, only_loom, thread};

#[cfg(test)]
mod tests;

not_loom! {
    /// How many spin hints a waiter makes for each holder that comes before the one ahead of it: about
    /// as long as a short critical section and the way of a cache line to the next core.
    const HINTS_PER_TURN: u32 = 8;
}

only_loom! {
    /// One gives way to every other thread of a model.
    const HINTS_PER_TURN: u32 = 1;
}

/// Turns further ahead than this are waited for as these: a wait is looked at again some day, however
/// long the line is.
const TURNS_AT_MOST: u32 = 64;

/// How often a waiter looks before it lets other threads run, where there are any.
const LOOKS: u32 = 64;

/// A fair lock of eight bytes that waits by spinning: who comes first is served first.
///
/// Who comes draws a ticket, and waits until it is served; who leaves serves the next.
///
/// ```text
///             draw: fetch_add on `next`                  my ticket is served
///   ┌────────┐ ───────────────────────► ┌─────────────┐ ─────────────────────► ┌────────┐
///   │ absent │                          │ in line     │ ◄─┐ read `serving`     │ holder │
///   └────────┘                          └─────────────┘ ──┘                    └────────┘
///        ▲                                                                         │
///        └─────────────────────────────────────────────────────────────────────────┘
///                             unlock: store `serving` + 1
///
///   serving            next
///      │                 │
///      ▼                 ▼
///     ┌───┬───┬───┬───┬┄┄┄┐
///     │ 7 │ 8 │ 9 │10 │11 ┊    7 holds the lock; 8, 9 and 10 wait; 11 is drawn next
///     └───┴───┴───┴───┴┄┄┄┘    free: `serving` = `next`
/// ```
///
/// Nobody starves: a waiter waits for those who came before it, and for no one else. The price is
/// that the lock goes to a certain waiter, whether that runs or not. On bare metal it does. Where an
/// operating system may have put it aside, all behind it wait for its next time slice: there take
/// a lock whose waiters sleep, unless every thread has a core of its own.
///
/// A waiter with three ahead of it waits longer before it looks again than one with two (proportional
/// backoff), so that few are at the cache line when it moves. With feature `os` it lets other
/// threads run after a while.
///
/// It may be released on another thread or core than the one that took it. An interrupt handler must
/// not take one that the interrupted code may hold; `try_lock` never waits there.
///
/// # Capacity
///
/// Tickets count through 32 bits and wrap, on every target. `u32::MAX` of them may be out at once:
/// each is a thread, core or interrupt that waits in [`lock`](RawMutex::lock), and no system has as many.
///
/// # Invariants
///
/// - The lock is held if and only if `serving` ≠ `next`; then by who drew `serving`.
/// - `serving` is written by the holder alone, `next` by read-modify-writes alone.
///
/// Source: D. P. Reed and R. K. Kanodia, "Synchronization with eventcounts and sequencers", 1979; the
/// backoff is J. M. Mellor-Crummey's and M. L. Scott's, "Algorithms for scalable synchronization on
/// shared-memory multiprocessors", 1991, section 2.2.
///
/// # Examples
///
/// ```
/// use pintle_lock::{blocking::Mutex, spin::TicketLock};
///
/// static QUEUE: Mutex<Vec<u8>, TicketLock> = Mutex::new_with_raw_mutex(Vec::new(), TicketLock::new());
/// QUEUE.lock().push(1);
/// ```
#[derive(Debug)]
pub struct TicketLock {
    /// The ticket that is drawn next.
    next: AtomicU32,
    /// The ticket that holds the lock, or will when it is drawn.
    serving: AtomicU32,
}

// === impl TicketLock ===

impl TicketLock {
    const_fn! {
        /// A lock that is free.
        #[must_use]
        pub const fn new() -> Self {
            Self::at(0)
        }
    }

    const_fn! {
        /// A lock that is free and has handed out tickets up to this one.
        const fn at(ticket: u32) -> Self {
            Self {
                next: AtomicU32::new(ticket),
                serving: AtomicU32::new(ticket),
            }
        }
    }

    /// Draws the ticket `served`, which was served a moment ago, if it is the next one; and then holds
    /// the lock.
    #[inline]
    fn draw_served(&self, served: u32) -> bool {
        // AcqRel: see `lock`.
        let drawn = self
            .next
            .compare_exchange(served, served.wrapping_add(1), AcqRel, Relaxed);
        if drawn.is_err() {
            return false;
        }
        // Between the caller's look at `serving` and this all tickets may have been drawn once round.
        // Then this one is not served yet, and since others may have drawn behind it, it stays in line.
        // Acquire: pairs with the Release of `unlock`, so that what the last holder wrote is seen.
        if self.serving.load(Acquire) != served {
            self.wait_for(served);
        }
        true
    }

    /// Waits until the ticket is served.
    #[cold]
    fn wait_for(&self, ticket: u32) {
        let mut looks = 0;
        loop {
            // Acquire: pairs with the Release of `unlock`, so that what the last holder wrote is seen.
            let ahead = ticket.wrapping_sub(self.serving.load(Acquire));
            if ahead == 0 {
                return;
            }
            let turns = (ahead - 1).min(TURNS_AT_MOST);
            pause(1 + turns * HINTS_PER_TURN);
            if looks < LOOKS {
                looks += 1;
            } else {
                thread::yield_now();
            }
        }
    }
}

// SAFETY: a ticket is drawn once until all others have been, which are more than can be in line; the
// lock is held by who drew `serving`, and that changes when its holder unlocks.
unsafe impl RawMutex for TicketLock {
    type GuardMarker = ();

    #[inline]
    fn lock(&self) {
        // AcqRel: pairs with itself in those who drew before and come after. It hands on what they have
        // seen of `serving`. Of the last 2^32 tickets one thread drew two, and had moved `serving` on
        // before the second; so nobody reads a `serving` from a whole round ago, which would look like
        // this ticket.
        let ticket = self.next.fetch_add(1, AcqRel);
        // Acquire: pairs with the Release of `unlock`, so that what the last holder wrote is seen.
        if self.serving.load(Acquire) != ticket {
            self.wait_for(ticket);
        }
    }

    /// Takes the lock if nobody holds it and nobody is in line, without waiting.
    ///
    /// (If others have taken the lock 2^32 times between two instructions of this, it gets into the
    /// line, and waits as [`lock`](RawMutex::lock) does.)
    #[inline]
    fn try_lock(&self) -> bool {
        let served = self.serving.load(Relaxed);
        self.draw_served(served)
    }

    #[inline]
    unsafe fn unlock(&self) {
        // Nobody else writes it while the caller holds the lock: no read-modify-write is needed.
        let next = self.serving.load(Relaxed).wrapping_add(1);
        // Release: pairs with the Acquire of the next holder.
        self.serving.store(next, Release);
    }

    #[inline]
    fn is_locked(&self) -> bool {
        // Acquire: `next` is read after it, so it is not behind: unequal, the lock was held when the one
        // was read or taken before the other was.
        let serving = self.serving.load(Acquire);
        self.next.load(Relaxed) != serving
    }
}

impl Default for TicketLock {
    fn default() -> Self {
        Self::new()
    }
}

not_loom! {
    impl mutex_traits::ConstInit for TicketLock {
        #[allow(
            clippy::declare_interior_mutable_const,
            reason = "ConstInit asks for a const: each use of it is a new lock"
        )]
        const INIT: Self = Self::new();
    }
}
