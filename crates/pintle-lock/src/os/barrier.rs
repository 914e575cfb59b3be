use super::FutexLock;
use crate::blocking::Mutex;
use core::fmt;
use pintle_core::atomic::{AtomicU32, Ordering::*};
use pintle_core::const_fn;

/// Lets a number of threads wait until all of them have come; then they go on, and it can be used
/// again.
///
/// Whatever each thread has done before its [`wait`](Self::wait) is visible to all after theirs. If
/// more threads come than it is for, the others wait for the next ones. Sixteen bytes.
///
/// Waiting blocks: not for an interrupt or signal handler, nor in a critical section.
///
/// ```text
///                        not the last: sleep while the generation is g
///              ┌─────────────────────────────────────────────────────────────┐
///   wait: lock, arrived + 1, read g                                          ├─► go on
///              └─────────────────────────────────────────────────────────────┘
///                        the last: arrived = 0, generation g + 1, wake all
/// ```
///
/// # Invariants
///
/// - `arrived` is less than `threads` while nobody holds its lock, unless that is zero.
/// - The generation changes with that lock held, together with `arrived` becoming zero: so who
///   arrives and reads the generation in one step waits for the end of the one he belongs to.
///
/// A thread that is not run while 2³² generations go by, which needs more threads than the barrier
/// is for, waits for the next one.
///
/// Source: D. Hensgen, R. Finkel and U. Manber, "Two algorithms for barrier synchronization", 1988,
/// the centralised one, with a count of generations instead of the reversed sense.
///
/// # Examples
///
/// ```
/// use pintle_lock::os::Barrier;
///
/// static BARRIER: Barrier = Barrier::new(3);
///
/// let leaders: usize = std::thread::scope(|scope| {
///     let threads = [(); 3].map(|()| scope.spawn(|| usize::from(BARRIER.wait().is_leader())));
///     threads.map(|thread| thread.join().unwrap()).iter().sum()
/// });
/// assert_eq!(leaders, 1);
/// ```
pub struct Barrier {
    threads: u32,
    arrived: Mutex<u32, FutexLock>,
    generation: AtomicU32,
}

// === impl Barrier ===

impl Barrier {
    const_fn! {
        /// A barrier for so many threads. With zero, as with one, nobody waits.
        ///
        /// # Panics
        ///
        /// If there are more threads than 32 bits can count.
        #[must_use]
        pub const fn new(threads: usize) -> Self {
            assert!(
                threads as u64 <= u32::MAX as u64,
                "a barrier counts its threads in 32 bits",
            );
            Self {
                threads: threads as u32,
                arrived: Mutex::new_with_raw_mutex(0, FutexLock::new()),
                generation: AtomicU32::new(0),
            }
        }
    }

    /// Waits until as many threads have called it as the barrier is for.
    ///
    /// One of them, the last to come, is told that it is the leader.
    pub fn wait(&self) -> BarrierWaitResult {
        let mut arrived = self.arrived.lock();
        // Relaxed: it changes with the lock held.
        let generation = self.generation.load(Relaxed);
        if *arrived + 1 < self.threads {
            *arrived += 1;
            drop(arrived);
            // Acquire: pairs with the Release of the last one to arrive.
            while self.generation.load(Acquire) == generation {
                pintle_park::wait(&self.generation, generation);
            }
            return BarrierWaitResult(false);
        }
        *arrived = 0;
        // Release: pairs with the Acquire above. What the others have done before their arrival is
        // ordered before by the lock.
        self.generation.store(generation.wrapping_add(1), Release);
        drop(arrived);
        pintle_park::wake_all(&self.generation);
        BarrierWaitResult(true)
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

/// What a thread is told that has waited at a [`Barrier`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierWaitResult(bool);

// === impl BarrierWaitResult ===

impl BarrierWaitResult {
    /// Whether this thread came last, as one of each generation does.
    #[must_use]
    pub const fn is_leader(self) -> bool {
        self.0
    }
}
