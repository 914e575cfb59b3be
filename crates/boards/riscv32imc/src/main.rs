//! Tasks on a RISC-V core that has no atomic instructions, and no heap.
//!
//! The atomics are portable-atomic's, which does in a critical section what the core cannot do at once. The
//! kit's feature `critical-section` chooses that, and riscv's `critical-section-single-hart` is the section.
#![no_std]
#![no_main]

use common::{
    Board, Console, demo,
    soak::{self, Sleeper},
    spawn, stack,
    virt::{self, clint, plic, uart},
};
use core::{fmt::Write, ops::Range, panic::PanicInfo};
use pintle::{
    base::atomic::{AtomicBool, Ordering::Relaxed},
    lock::blocking::OnceLock,
    scheduler::{StaticScheduler, new_static},
    sync::{Mutex, WaitCell, mpsc, storage::Static},
    task::TaskPool,
    time::{Clock, Duration, Timer},
};
use riscv::{
    asm,
    interrupt::{Interrupt, enable, enable_interrupt},
};
use riscv_rt::{core_interrupt, entry};

/// The one hart that there is.
const HART: usize = 0;

static SCHEDULER: StaticScheduler = new_static!();
static TIMER: Timer = Timer::new(Clock::new(clint::TICK, clint::count));

static CONSOLE: Mutex<Console> = Mutex::new(Console::new(uart::send));
static KEYS: mpsc::Channel<u8, 32> = mpsc::Channel::new();
static PRESSED: OnceLock<mpsc::Sender<u8, Static>> = OnceLock::new();
/// A task waits for the next alarm.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: WaitCell = WaitCell::new();
static SLEEPERS: TaskPool<&StaticScheduler, Sleeper, { soak::BATCH }> = TaskPool::new();

static BOARD: Board = Board {
    name: "riscv32imc",
    timer: &TIMER,
    longest: Duration::from_millis(20),
    late: Duration::from_millis(100),
    console: &CONSOLE,
    spawn: |sleeper| SLEEPERS.spawn(&&SCHEDULER, sleeper).ok(),
    interrupt_in: |ticks| {
        IS_AWAITED.store(true, Relaxed);
        clint::alarm_in(HART, ticks);
    },
    interrupted: &INTERRUPTED,
    stack_used: || stack::used(stack()),
    exit: virt::exit,
};

#[entry]
fn main() -> ! {
    // SAFETY: it is the stack that this runs on.
    unsafe { stack::paint(stack()) };
    clint::silence(HART);
    let (sender, keys) = KEYS.split_static().expect("this is the first to split it");
    let _ = PRESSED.set(sender);
    uart::start();
    plic::unmask(uart::DEVICE);
    for interrupt in [Interrupt::MachineTimer, Interrupt::MachineExternal] {
        // SAFETY: the board's critical sections mask all interrupts, and do not care about a single one.
        unsafe { enable_interrupt(interrupt) };
    }
    // SAFETY: in no critical section.
    unsafe { enable() };

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
                    clint::alarm_in(HART, ticks);
                }
                asm::wfi();
            }
        });
    }
}

/// The alarm.
#[core_interrupt(Interrupt::MachineTimer)]
fn on_alarm() {
    clint::silence(HART);
    if IS_AWAITED.swap(false, Relaxed) {
        INTERRUPTED.wake();
    }
}

/// Bytes have come in.
#[core_interrupt(Interrupt::MachineExternal)]
fn on_device() {
    plic::serve(|| {
        while let Some(byte) = uart::receive() {
            // What there is no room for is lost.
            let _ = PRESSED.get().map(|keys| keys.try_send(byte));
        }
    });
}

/// The stack, from its lowest word on.
fn stack() -> Range<*mut u32> {
    unsafe extern "C" {
        static mut __estack: u32;
        static mut _stack_start: u32;
    }
    &raw mut __estack..&raw mut _stack_start
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Console::new(uart::send), "{info}");
    virt::exit(false);
}
