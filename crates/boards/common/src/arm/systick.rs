//! SysTick as a counter of 32 bits that never stands still, and as an alarm.
//!
//! SysTick counts 24 bits down to zero, interrupts, and begins anew at its reload value. That is an alarm
//! if the reload value is how long there is to sleep, and a counter if it is known how long the periods
//! were:
//!
//! ```text
//!              restart(5000)      zero        zero            alarm_in(900): before zero
//!                   │               │           │                │
//!   period      ────┼──── 5000 ─────┼─── 2^24 ──┼──── 2^24 ──────┼─ 900 ─┼─── 2^24 ───
//!   base            count there  += 5000     += 2^24        count there  += 900
//!
//!   count  =  base + period - (what SysTick shows)
//! ```
//!
//! - Left alone it runs through all of its 24 bits, the longest that a core can sleep: 1.3 s at 12.5 MHz.
//!   An alarm that lies beyond the period's end needs no restart: the end comes first, and who is woken by
//!   it asks again.
//! - At a restart the few cycles are lost in which the old count is read and the new one set off. So this
//!   clock is slow by them, which makes sleeps late and never early. (A chip with a second timer leaves
//!   SysTick running, and takes that one for the alarm.)
//! - Whether zero was passed SysTick notes in a flag, which is cleared by reading it. All readings are in
//!   a critical section and see to it, so it does not matter when the interrupt is served.
//!
//! 32 bits are not enough for a clock: `HalfPeriod<32>` of pintle-time makes them 64.

use core::cell::Cell;

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use critical_section::{CriticalSection, Mutex};

/// The longest period.
pub const LONGEST: u32 = 1 << 24;

/// The shortest period that is set: much longer than it takes to set it.
const SHORTEST: u32 = 256;

/// `COUNTFLAG` of SysTick's control register: zero was passed since the register was last read.
const COUNTFLAG: u32 = 1 << 16;

/// What SysTick does not know.
#[derive(Clone, Copy)]
struct Period {
    /// The count at which it began.
    base: u32,
    /// How many ticks it has.
    length: u32,
}

static PERIOD: Mutex<Cell<Period>> = Mutex::new(Cell::new(Period {
    base: 0,
    length: LONGEST,
}));

/// Sets SysTick going, at the core's frequency, with its interrupt.
///
/// The handler has nothing to do but to read the count, by `HalfPeriod::update`.
pub fn start(mut systick: SYST) {
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(LONGEST - 1);
    systick.clear_current();
    systick.enable_interrupt();
    systick.enable_counter();
}

/// The lower 32 bits of how many ticks have passed. Callable anywhere.
pub fn count() -> u32 {
    critical_section::with(read)
}

/// Sees to it that SysTick interrupts in so many ticks, or earlier.
pub fn alarm_in(ticks: u64) {
    let ticks = u32::try_from(ticks).unwrap_or(LONGEST);
    critical_section::with(|section| {
        let now = read(section);
        let Period { base, length } = PERIOD.borrow(section).get();
        let passed = now.wrapping_sub(base);
        if ticks < length - passed {
            restart(section, now, ticks.max(SHORTEST));
        }
    });
}

fn read(section: CriticalSection<'_>) -> u32 {
    let period = PERIOD.borrow(section);
    loop {
        // First what it shows, then whether that is of a period that has begun meanwhile.
        let left = SYST::get_current();
        let Period { base, length } = period.get();
        if has_passed_zero() {
            period.set(Period {
                base: base.wrapping_add(length),
                length: LONGEST,
            });
        } else if left != 0 {
            return base.wrapping_add(length - left);
        }
        // Zero is shown for one tick, and whether the flag is set by then is up to the chip.
    }
}

/// Begins a period of `length` ticks now, and sets the longest for the one after it.
fn restart(section: CriticalSection<'_>, now: u32, length: u32) {
    // SAFETY: the registers are changed here and in `start` only, and nobody interrupts.
    let systick = unsafe { &*SYST::PTR };
    // SAFETY: a reload value of 24 bits.
    unsafe { systick.rvr.write(length - 1) };
    // SAFETY: each value makes it zero, from which it goes to the reload value in the next tick.
    unsafe { systick.cvr.write(0) };
    PERIOD.borrow(section).set(Period { base: now, length });
    while SYST::get_current() == 0 {}
    // SAFETY: as above. It is used after the next zero.
    unsafe { systick.rvr.write(LONGEST - 1) };
}

fn has_passed_zero() -> bool {
    // SAFETY: nobody else reads the register, whose reading clears the flag.
    let systick = unsafe { &*SYST::PTR };
    systick.csr.read() & COUNTFLAG != 0
}
