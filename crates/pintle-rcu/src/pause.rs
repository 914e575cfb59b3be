//! How a writer waits for a reader.

use core::time::Duration;
use pintle_core::{Backoff, thread};

/// Waits longer and longer: spins, then yields; what comes then is the caller's choice.
///
/// Sections are short, so most waits end while spinning. One that does not may be for a thread that
/// has been preempted, which needs the processor; or for one that is stuck, and then this thread
/// must not burn a core.
pub(crate) struct Pause {
    round: u32,
    backoff: Backoff,
}

pintle_core::not_loom! {
    const SPINS: u32 = 10;
    const YIELDS: u32 = 20;
}
pintle_core::only_loom! {
    // What spinning does is the same as what comes after, and there are more interleavings of it.
    const SPINS: u32 = 0;
    const YIELDS: u32 = 0;
}
const SHORTEST: Duration = Duration::from_micros(50);
const LONGEST: Duration = Duration::from_millis(10);

impl Pause {
    pub(crate) const fn new() -> Self {
        Self {
            round: 0,
            backoff: Backoff::new(),
        }
    }

    /// Spins or yields; false, and does nothing, once the caller had better sleep.
    pub(crate) fn pause(&mut self) -> bool {
        if self.next_nap().is_some() {
            return false;
        }
        self.spin_or_yield();
        true
    }

    /// Spins, yields, or sleeps for the next, longer while: for what nobody wakes the caller for.
    pub(crate) fn block(&mut self) {
        match self.next_nap() {
            Some(time) => sleep(time),
            None => self.spin_or_yield(),
        }
    }

    fn spin_or_yield(&mut self) {
        if self.round <= SPINS {
            self.backoff.spin();
        } else {
            thread::yield_now();
        }
    }

    /// Counts a round, and says for how long to sleep in it, once it has come to that.
    fn next_nap(&mut self) -> Option<Duration> {
        self.round = self.round.saturating_add(1);
        let doublings = self.round.checked_sub(SPINS + YIELDS + 1)?;
        Some(nap(doublings))
    }
}

/// The sleep after `doublings` shorter ones.
pub(crate) fn nap(doublings: u32) -> Duration {
    2u32.checked_pow(doublings)
        .and_then(|factor| SHORTEST.checked_mul(factor))
        .map_or(LONGEST, |time| time.min(LONGEST))
}

#[cfg(any(target_os = "linux", target_os = "android", feature = "std"))]
fn sleep(time: Duration) {
    // Nobody wakes this word: it is a sleep. A spurious wake-up is as good as any end of it.
    let word = pintle_core::atomic::AtomicU32::new(0);
    let _ = pintle_park::wait_timeout(&word, 0, time);
}

/// On bare metal there is nobody to give the processor to but an interrupt.
#[cfg(not(any(target_os = "linux", target_os = "android", feature = "std")))]
fn sleep(_time: Duration) {
    pintle_core::hint::spin_loop();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_grow_and_are_bounded() {
        let mut pause = Pause::new();
        for _ in 0..SPINS + YIELDS {
            assert_eq!(pause.next_nap(), None);
        }
        let mut before = Duration::ZERO;
        for _ in 0..100 {
            let time = pause.next_nap().unwrap();
            assert!(time >= before && time <= LONGEST);
            before = time;
        }
        assert_eq!(before, LONGEST);
        assert_eq!(nap(u32::MAX), LONGEST);
    }
}
