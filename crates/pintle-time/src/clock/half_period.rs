//! [`HalfPeriod`]: a narrow hardware counter as a 64-bit count.

use core::fmt;
use core::time::Duration;

use pintle_core::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use pintle_core::const_fn;

use super::{Clock, Counter, Ticks};

/// Extends a hardware counter of `BITS` bits, which wraps round, to 64 bits.
///
/// Counting overflows is not enough: who reads the hardware just after it has wrapped, and the
/// number of overflows just before its interrupt has been served, is off by a whole period. So
/// this counts *half* periods, and lets the counter's top bit say whether the number it has is
/// behind:
///
/// ```text
///  hardware      0x0000 ───▶ 0x7fff │ 0x8000 ───▶ 0xffff │ 0x0000 ───▶ …
///  top bit              0           │          1         │          0
///  half periods         0           │          1         │          2        parity = top bit
///  our number           0           │ 0, soon 1          │ 1, soon 2         behind by one at most
/// ```
///
/// If the parity of our number and the top bit agree, the number is right; if not, it is one
/// behind. There is no third possibility as long as it is never two behind.
///
/// The scheme is well known: embassy's and rtic's drivers for narrow timers use it.
///
/// # What you must do
///
/// **In each half period, somebody must read the count** and come to an end with it, by
/// [`now_ticks`](Self::now_ticks) or [`update`](Self::update). An interrupt at the overflow and one
/// at half of it, served before the next half begins, are enough; so is a timer that is turned that
/// often. A reading that finds our number behind counts for all.
///
/// Where that is broken, time is lost, in whole periods of the hardware's counter; nothing worse
/// happens.
///
/// `read` must read the device when it is called, as a volatile read of a register does. Where a fence
/// between accesses to memory does not order reads of devices, as on RISC-V cores that reorder those, it
/// brings its own fences: `fence iorw, iorw` before and after the read.
///
/// # Why it is right
///
/// Let *h* be the true number of half periods. By induction our number *n* is *h* or *h* − 1
/// whenever somebody looks: the reading that came to an end in the half period before has left
/// *n* ≥ *h* − 1, since it has found *n* right or has added one; and only a reading that has seen
/// *n* = *h* − 1 adds one, by a compare-exchange from the very number that it has seen. A reading
/// looks at *n* before and after it looks at the hardware, and begins anew if the two differ. As
/// *n* never decreases (and a store reaches all cores within half a period), *n* was that number at the moment when the hardware was read, however long
/// the reading was held up. So its parity and the top bit are of one moment, and tell *h*.
///
/// Readings never go backwards: of two, one after the other, the second sees no older *n* and a
/// later moment of the hardware.
///
/// *n* has 64 bits, in two words, for 64-bit atomics are rare where narrow counters are. The
/// upper word counts the lower one's half periods (of 2³¹) by the same scheme: whoever moves the
/// lower word over one moves the upper. Its next move is 2³¹ half periods away.
///
/// # Contexts
///
/// May be read anywhere, interrupt handlers included: it takes no lock, and waits for nobody.
/// (A reading repeats if another has just counted a half period, which happens once in one.)
///
/// # Examples
///
/// ```
/// # use core::sync::atomic::{AtomicU16, Ordering::Relaxed};
/// use pintle_time::clock::{Clock, HalfPeriod};
/// use pintle_time::{Duration, Timer};
///
/// # static TIM3: AtomicU16 = AtomicU16::new(0);
/// # fn read_tim3() -> u16 { TIM3.load(Relaxed) }
/// static UPTIME: HalfPeriod<16> = HalfPeriod::new(|| read_tim3().into());
/// static TIMER: Timer = Timer::new(UPTIME.clock(Duration::from_micros(1)));
///
/// // The handler of the interrupts at 0x0000 and 0x8000.
/// fn on_half_period() {
///     UPTIME.update();
/// }
///
/// # TIM3.store(0x8000, Relaxed);
/// on_half_period();
/// # TIM3.store(0x0005, Relaxed);
/// // The hardware has wrapped round and shows 5; the interrupt has not been served yet.
/// assert_eq!(UPTIME.now_ticks(), 0x1_0005);
/// assert_eq!(TIMER.now().to_string(), "65.541ms");
/// ```
///
/// A counter that counts down is turned round: `|| !read_counter()`, of which the lower `BITS` bits
/// are taken.
pub struct HalfPeriod<const BITS: u32> {
    read: fn() -> u32,
    /// The lower half of the number of half periods.
    low: AtomicU32,
    /// How many half periods of `low` have begun, or one less.
    high: AtomicU32,
}

// === impl HalfPeriod ===

impl<const BITS: u32> HalfPeriod<BITS> {
    const MASK: u32 = u32::MAX >> (32 - Self::checked_bits());

    const_fn! {
        /// A count that goes on as the lower `BITS` bits of what `read` returns do.
        ///
        /// It begins with what the hardware shows at the first reading. `BITS` is 1 to 32; anything
        /// else does not compile.
        #[must_use]
        pub const fn new(read: fn() -> u32) -> Self {
            Self::starting_at(0, read)
        }
    }

    const_fn! {
        const fn starting_at(halves: u64, read: fn() -> u32) -> Self {
            const { assert!(Self::MASK != 0) };
            Self {
                read,
                low: AtomicU32::new(halves as u32),
                high: AtomicU32::new((halves >> 31) as u32),
            }
        }
    }

    /// A clock over this count, whose hardware counts once each `tick_duration`.
    ///
    /// # Panics
    ///
    /// As [`Clock::new`] does.
    #[must_use]
    pub const fn clock(&'static self, tick_duration: Duration) -> Clock {
        Clock::over(tick_duration, self)
    }

    /// The count. O(1).
    #[must_use]
    pub fn now_ticks(&self) -> Ticks {
        let (high, low, fine) = self.read_all();
        let halves = extend::<32>(high.into(), low);
        // Whether `low` is behind: its parity is not the top bit.
        if (low ^ fine >> (BITS - 1)) & 1 == 1 {
            self.step(low);
        }
        extend::<BITS>(halves, fine)
    }

    /// Notes the half period that has begun, for interrupt handlers: a reading whose result nobody
    /// needs. O(1).
    pub fn update(&self) {
        let _ = self.now_ticks();
    }

    /// Both words and the hardware's counter, as they were at one moment.
    fn read_all(&self) -> (u32, u32, u32) {
        loop {
            // Acquire pairs with the Releases in `step`, and keeps the three reads in order.
            let high = self.high.load(Acquire);
            let low = self.low.load(Acquire);
            let fine = (self.read)() & Self::MASK;
            // Keeps the hardware's read before the loads that look once more.
            fence(Acquire);
            let unchanged = self.low.load(Acquire) == low && self.high.load(Relaxed) == high;
            if unchanged {
                return (high, low, fine);
            }
        }
    }

    /// Counts one half period, unless another has been faster.
    fn step(&self, low: u32) {
        let next = low.wrapping_add(1);
        // Release pairs with the Acquires in `read_all`: who sees the new number reads the hardware
        // later than we have.
        if self
            .low
            .compare_exchange(low, next, Release, Relaxed)
            .is_ok()
            && next << 1 == 0
        {
            // `low` has begun a half period of its own. Release as above.
            self.high.fetch_add(1, Release);
        }
    }

    const fn checked_bits() -> u32 {
        assert!(
            0 < BITS && BITS <= 32,
            "a counter of 1 to 32 bits can be extended"
        );
        BITS
    }
}

/// The full count, from how many half periods of `fine` have begun, or one less, and `fine`, which
/// has `BITS` bits.
const fn extend<const BITS: u32>(halves: u64, fine: u32) -> u64 {
    let fine = fine as u64;
    let behind = (halves ^ fine >> (BITS - 1)) & 1;
    (halves.wrapping_add(behind) >> 1 << BITS) | fine
}

impl<const BITS: u32> Counter for HalfPeriod<BITS> {
    fn now_ticks(&self) -> Ticks {
        Self::now_ticks(self)
    }
}

impl<const BITS: u32> fmt::Debug for HalfPeriod<BITS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HalfPeriod")
            .field("bits", &BITS)
            .field("now", &self.now_ticks())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use proptest::prelude::*;
    use std::thread_local;

    use super::*;

    thread_local! {
        /// What a counter of 64 bits would show.
        static TRUTH: Cell<u64> = const { Cell::new(0) };
    }

    fn truth() -> u32 {
        TRUTH.get() as u32
    }

    /// Goes on by fractions of a half period, with a reading after each.
    fn follow<const BITS: u32>(start: u64, steps: &[f64]) {
        let half = 1_u64 << (BITS - 1);
        TRUTH.set(start);
        let counter = HalfPeriod::<BITS>::starting_at(start >> (BITS - 1), truth);
        for step in steps {
            // Up to a whole half period less one: a reading in each.
            let now = TRUTH.get().wrapping_add((step * half as f64) as u64);
            TRUTH.set(now);
            assert_eq!(counter.now_ticks(), now);
        }
    }

    proptest! {
        #[test]
        fn it_follows_a_counter_of_16_bits(
            start in starts(15),
            steps in proptest::collection::vec(0.0..1.0, 1..200),
        ) {
            follow::<16>(start, &steps);
        }

        #[test]
        fn it_follows_a_counter_of_24_bits(
            start in starts(23),
            steps in proptest::collection::vec(0.0..1.0, 1..200),
        ) {
            follow::<24>(start, &steps);
        }

        #[test]
        fn it_follows_a_counter_of_32_bits(
            start in starts(31),
            steps in proptest::collection::vec(0.0..1.0, 1..200),
        ) {
            follow::<32>(start, &steps);
        }

        #[test]
        fn it_follows_a_counter_of_one_bit(start in starts(0), count in 1..200_usize) {
            TRUTH.set(start);
            let counter = HalfPeriod::<1>::starting_at(start, truth);
            for _ in 0..count {
                TRUTH.set(TRUTH.get() + 1);
                prop_assert_eq!(counter.now_ticks(), TRUTH.get());
            }
        }
    }

    /// Near the edges of the words that the number of half periods is kept in.
    fn starts(bits: u32) -> impl Strategy<Value = u64> {
        let edges = [0_u64, 1 << 31, 1 << 32, 3 << 31, 1 << 33];
        (proptest::sample::select(edges.to_vec()), 0..100_u64).prop_map(move |(edge, before)| {
            let halves = edge.saturating_sub(before);
            // What a count of 64 bits holds.
            (halves << bits) & (u64::MAX >> 1)
        })
    }

    /// The number of half periods may be one behind, in either word, and the reading is right.
    #[test]
    fn behind_in_both_words() {
        TRUTH.set(1 << 46);
        let counter = HalfPeriod::<16> {
            read: truth,
            low: AtomicU32::new((1 << 31) - 1),
            high: AtomicU32::new(0),
        };
        assert_eq!(counter.now_ticks(), 1 << 46);
        assert_eq!(counter.high.load(Relaxed), 1);
        // The upper word is behind, as while another thread is about to move it.
        counter.high.store(0, Relaxed);
        assert_eq!(counter.now_ticks(), 1 << 46);
    }

    #[test]
    fn it_begins_with_what_the_hardware_shows() {
        TRUTH.set(0xfff0);
        let counter = HalfPeriod::<16>::new(truth);
        assert_eq!(counter.now_ticks(), 0xfff0);
        TRUTH.set(0x1_0000);
        assert_eq!(counter.now_ticks(), 0x1_0000);
        assert_eq!(
            std::format!("{counter:?}"),
            "HalfPeriod { bits: 16, now: 65536, .. }"
        );
    }

    /// However long it is held up: that the lower word shows the same number again does not deceive it.
    #[test]
    fn a_reading_that_is_held_up_for_ages() {
        static COUNTER: HalfPeriod<16> = HalfPeriod::new(held_up);
        thread_local! {
            static HELD: Cell<bool> = const { Cell::new(true) };
        }
        fn held_up() -> u32 {
            if HELD.replace(false) {
                // 2³² half periods, in which the lower word has been counted round once.
                COUNTER.high.store(2, Relaxed);
                TRUTH.set(1 << 47);
            }
            TRUTH.get() as u32
        }
        assert_eq!(COUNTER.now_ticks(), 1 << 47);
    }

    /// A reading that is held up between its two looks begins anew.
    #[test]
    fn a_reading_that_is_held_up() {
        static COUNTER: HalfPeriod<16> = HalfPeriod::new(held_up);
        thread_local! {
            static HELD: Cell<bool> = const { Cell::new(true) };
        }
        fn held_up() -> u32 {
            if HELD.replace(false) {
                // Long enough for three half periods, each of which an interrupt counts.
                for half in 1..=3 {
                    TRUTH.set(half << 15);
                    COUNTER.update();
                }
                // What it has read is of an earlier moment.
                return 0x7fff;
            }
            TRUTH.get() as u32
        }
        assert_eq!(COUNTER.now_ticks(), 3 << 15);
    }
}
