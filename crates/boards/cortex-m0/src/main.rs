//! Tasks on a Cortex-M0 with 16 kB of memory and no heap.
//!
//! The core has no compare-and-swap: the atomics are portable-atomic's, which does in a critical section what
//! the core cannot do at once. The kit's feature `critical-section` chooses that, and cortex-m's
//! `critical-section-single-core` is the section.
//!
//! (QEMU gives the chip a SysTick. The real nRF51 has none, and takes a timer of its own for both the clock and
//! the alarm.)
#![no_std]
#![no_main]

mod uart;

use common::{
    Board, Console,
    arm::{self, Handler, systick},
    demo,
    soak::{self, Sleeper},
    spawn, stack,
};
use core::{fmt::Write, panic::PanicInfo};
use cortex_m::asm;
use cortex_m_rt::{entry, exception};
use pintle::{
    base::atomic::{AtomicBool, Ordering::Relaxed},
    lock::blocking::OnceLock,
    scheduler::{StaticScheduler, new_static},
    sync::{Mutex, WaitCell, mpsc, storage::Static},
    task::TaskPool,
    time::{Duration, Timer, clock::HalfPeriod},
};

/// How long a cycle lasts at 16 MHz: 62.5 ns. Rounded down, so that sleeps are a little late and not early.
const CYCLE: Duration = Duration::from_nanos(62);

static SCHEDULER: StaticScheduler = new_static!();
static UPTIME: HalfPeriod<32> = HalfPeriod::new(systick::count);
static TIMER: Timer = Timer::new(UPTIME.clock(CYCLE));

static CONSOLE: Mutex<Console> = Mutex::new(Console::new(uart::send));
static KEYS: mpsc::Channel<u8, 32> = mpsc::Channel::new();
static PRESSED: OnceLock<mpsc::Sender<u8, Static>> = OnceLock::new();
/// A task waits for the next interrupt of SysTick.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: WaitCell = WaitCell::new();
static SLEEPERS: TaskPool<&StaticScheduler, Sleeper, { soak::BATCH }> = TaskPool::new();

static BOARD: Board = Board {
    name: "cortex-m0",
    timer: &TIMER,
    longest: Duration::from_millis(20),
    late: Duration::from_millis(100),
    console: &CONSOLE,
    spawn: |sleeper| SLEEPERS.spawn(&&SCHEDULER, sleeper).ok(),
    interrupt_in: |ticks| {
        IS_AWAITED.store(true, Relaxed);
        systick::alarm_in(ticks);
    },
    interrupted: &INTERRUPTED,
    stack_used: || stack::used(arm::stack()),
    exit: arm::exit,
};

/// The chip's interrupts. cortex-m-rt puts them behind the core's.
#[unsafe(link_section = ".vector_table.interrupts")]
#[unsafe(no_mangle)]
static __INTERRUPTS: [Handler; 32] = arm::handlers(uart::INTERRUPT, on_uart);

#[entry]
fn main() -> ! {
    // SAFETY: it is the stack that this runs on.
    unsafe { stack::paint(arm::stack()) };
    let peripherals = cortex_m::Peripherals::take().expect("this is the first to take them");
    systick::start(peripherals.SYST);
    let (sender, keys) = KEYS.split_static().expect("this is the first to split it");
    let _ = PRESSED.set(sender);
    uart::start();
    arm::unmask(uart::INTERRUPT);

    demo::hello(&BOARD);
    let writers = [
        spawn!(SCHEDULER, demo::writer(&BOARD)),
        spawn!(SCHEDULER, demo::writer(&BOARD)),
    ];
    spawn!(SCHEDULER, demo::main(&BOARD, keys, writers)).detach();
    run();
}

/// Polls what is ready, and sleeps when nothing is.
fn run() -> ! {
    loop {
        SCHEDULER.tick();
        let next = TIMER.turn().ticks_to_next_deadline();
        // Masked: an interrupt that comes after the question is pending, and `wfi` returns at once.
        critical_section::with(|_| {
            if !SCHEDULER.has_remaining() {
                if let Some(ticks) = next {
                    systick::alarm_in(ticks);
                }
                asm::wfi();
            }
        });
    }
}

/// The end of a period: an alarm, or SysTick has run through all of its bits.
#[exception]
fn SysTick() {
    UPTIME.update();
    if IS_AWAITED.swap(false, Relaxed) {
        INTERRUPTED.wake();
    }
}

/// Bytes have come in.
extern "C" fn on_uart() {
    while let Some(byte) = uart::receive() {
        // What there is no room for is lost.
        let _ = PRESSED.get().map(|keys| keys.try_send(byte));
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Console::new(uart::send), "{info}");
    arm::exit(false);
}
