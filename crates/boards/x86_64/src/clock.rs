//! The clock, by the processors' time-stamp counters; the timer; and its alarm, by the local APIC's timer.
//!
//! Nothing ticks. The timer is turned by the alarm's interrupt, on one processor, and the alarm is set to the timer's
//! next deadline. Whoever starts a sleep that ends before all others pends that interrupt ([`Timer::with_hook`]), and its
//! handler sets the alarm anew.

use core::arch::x86_64::_rdtsc;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use pintle::time::{Clock, Duration, Timer};

use crate::interrupts::Vector;
use crate::lock::IrqLock;
use crate::{apic, pit};

/// Where the alarm is.
const ALARM_CPU: usize = 0;

/// For whoever sleeps.
pub(crate) static TIMER: Timer<IrqLock> = Timer::new_with_raw_mutex(
    Clock::new(Duration::from_micros(1), micros).named("TSC"),
    IrqLock::new(),
)
.with_hook(|| apic::interrupt(ALARM_CPU, Vector::Alarm));

/// The time-stamp counter when the clock began.
static BEGIN: AtomicU64 = AtomicU64::new(0);
/// How many microseconds a count of it lasts, times 2^32.
static MICROS_PER_COUNT: AtomicU64 = AtomicU64::new(0);
/// How far the APIC's timer counts in [`SPAN`].
static COUNTS_PER_SPAN: AtomicU64 = AtomicU64::new(0);

/// So many microseconds are measured, a few times.
const SPAN: u64 = 10_000;

/// Finds out how fast the machine's counters run. Before the second processor does, which sees what is stored here.
pub(crate) fn start() {
    let (mut counts, mut apic_counts) = (u64::MAX, u64::MAX);
    for _ in 0..5 {
        let span = pit::begin(SPAN);
        apic::set_timer(u32::MAX);
        let begin = counter();
        while !span.is_over() {}
        // Interrupted by the world outside (we may be a guest), it looks longer than it was, never shorter.
        counts = counts.min(counter() - begin);
        apic_counts = apic_counts.min(u64::from(u32::MAX - apic::timer()));
    }
    apic::set_timer(0);
    MICROS_PER_COUNT.store((SPAN << 32) / counts, Relaxed);
    COUNTS_PER_SPAN.store(apic_counts, Relaxed);
    BEGIN.store(counter(), Relaxed);
}

/// What the clock counts.
///
/// The processors' counters begin together and run at one rate, as those of all newer PCs do: so it does not go
/// backwards from one processor to the other.
fn micros() -> u64 {
    let counts = counter().wrapping_sub(BEGIN.load(Relaxed));
    ((u128::from(counts) * u128::from(MICROS_PER_COUNT.load(Relaxed))) >> 32) as u64
}

/// The handler of the alarm's interrupt, on the alarm's processor.
pub(crate) fn on_alarm() {
    TIMER.turn();
    // Should an earlier deadline come in after this, its interrupt is pending until we have set the alarm.
    apic::set_timer(match TIMER.next_deadline() {
        None => 0,
        Some(deadline) => counts(deadline - TIMER.now()),
    });
}

/// How far the APIC's timer counts in this time: rounded up, and at least once. If that is more than it can count, the
/// alarm comes too early, and is set again.
fn counts(time: Duration) -> u32 {
    let counts = time.as_micros() * u128::from(COUNTS_PER_SPAN.load(Relaxed)) / u128::from(SPAN);
    u32::try_from(counts + 1).unwrap_or(u32::MAX)
}

/// Keeps this processor busy until something is true, but not longer than `limit`. Returns whether it is.
pub(crate) fn wait_until(limit: Duration, is_true: impl Fn() -> bool) -> bool {
    let start = TIMER.now();
    loop {
        if is_true() {
            return true;
        }
        if TIMER.now() - start >= limit {
            return false;
        }
    }
}

fn counter() -> u64 {
    // SAFETY: every x86_64 has one, and we may read it.
    unsafe { _rdtsc() }
}
