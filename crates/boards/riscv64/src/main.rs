//! Tasks on two RISC-V harts that steal each other's, without a heap.
#![no_std]
#![no_main]

mod pend;
mod section;

use common::{
    Board, Console, demo,
    soak::{self, Sleeper},
    spawn, stack,
    virt::{self, clint, plic, uart},
};
use core::{arch::global_asm, fmt::Write, ops::Range, panic::PanicInfo, task::Context};
use pintle::{
    base::atomic::{AtomicBool, Ordering::Relaxed},
    lock::blocking::OnceLock,
    scheduler::{StaticStealingScheduler, Worker, new_static_stealing},
    sync::{Mutex, WaitCell, mpsc, storage::Static},
    task::TaskPool,
    time::{Clock, Duration, Timer},
};
use riscv::{
    asm,
    interrupt::{Interrupt, enable, enable_interrupt, free},
    register::mhartid,
};
use riscv_rt::{core_interrupt, entry};

/// How many there are.
const HARTS: usize = 2;

type Scheduler = StaticStealingScheduler<HARTS>;

// SAFETY: a hart has a number that no other has, and a worker stays on its hart.
static SCHEDULER: Scheduler = unsafe { new_static_stealing!().with_core_id(hart) };
static TIMER: Timer = Timer::new(Clock::new(clint::TICK, clint::count));

static CONSOLE: Mutex<Console> = Mutex::new(Console::new(uart::send));
static KEYS: mpsc::Channel<u8, 32> = mpsc::Channel::new();
static PRESSED: OnceLock<mpsc::Sender<u8, Static>> = OnceLock::new();
/// A task waits for the next alarm.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: WaitCell = WaitCell::new();
static SLEEPERS: TaskPool<&Scheduler, Sleeper, { soak::BATCH }> = TaskPool::new();

static BOARD: Board = Board {
    name: "riscv64",
    timer: &TIMER,
    longest: Duration::from_millis(3),
    late: Duration::from_secs(5),
    console: &CONSOLE,
    spawn: |sleeper| SLEEPERS.spawn(&&SCHEDULER, sleeper).ok(),
    interrupt_in: |ticks| {
        IS_AWAITED.store(true, Relaxed);
        clint::alarm_in(hart(), ticks);
    },
    interrupted: &INTERRUPTED,
    stack_used: || (0..HARTS).map(|hart| stack::used(stack(hart))).sum(),
    exit: virt::exit,
};

global_asm!(include_str!("start.s"));

#[entry]
fn main(hart: usize) -> ! {
    // SAFETY: it is the stack that this runs on.
    unsafe { stack::paint(stack(hart)) };
    clint::silence(hart);
    clint::acknowledge(hart);
    if hart == 0 {
        start();
    }
    for interrupt in [
        Interrupt::MachineTimer,
        Interrupt::MachineExternal,
        Interrupt::MachineSoft,
    ] {
        // SAFETY: the board's critical sections mask all interrupts, and do not care about a single one.
        unsafe { enable_interrupt(interrupt) };
    }
    // SAFETY: in no critical section.
    unsafe { enable() };
    let worker = SCHEDULER.worker().expect("there is one for each hart");
    run(hart, worker);
}

/// What one of the harts does for both.
fn start() {
    let (sender, keys) = KEYS.split_static().expect("this is the first to split it");
    let _ = PRESSED.set(sender);
    uart::start();
    plic::unmask(uart::DEVICE);
    demo::hello(&BOARD);
    for other in 1..HARTS {
        clint::interrupt(other);
    }
    let writers = [
        spawn!(SCHEDULER, demo::writer(&BOARD)),
        spawn!(SCHEDULER, demo::writer(&BOARD)),
    ];
    spawn!(SCHEDULER, demo::main(&BOARD, keys, writers)).detach();
}

// ANCHOR: idle
/// Polls what is ready here or there, and sleeps when nothing is.
fn run(hart: usize, mut worker: Worker<'_>) -> ! {
    let waker = pend::waker(hart);
    let mut cx = Context::from_waker(&waker);
    loop {
        worker.tick();
        let next = TIMER.turn().ticks_to_next_deadline();
        // Masked, on this hart: an interrupt that comes after the question is pending, and `wfi` returns at once. So
        // is the other hart's, which is its answer to the waker.
        free(|| {
            if worker.poll_ready(&mut cx).is_pending() {
                if let Some(ticks) = next {
                    clint::alarm_in(hart, ticks);
                }
                asm::wfi();
            }
        });
    }
}
// ANCHOR_END: idle

/// The number of this hart.
fn hart() -> usize {
    mhartid::read()
}

/// The other hart has queued something.
#[core_interrupt(Interrupt::MachineSoft)]
fn on_pend() {
    clint::acknowledge(hart());
}

/// The alarm.
#[core_interrupt(Interrupt::MachineTimer)]
fn on_alarm() {
    clint::silence(hart());
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

/// A hart's stack, from its lowest word on.
fn stack(hart: usize) -> Range<*mut u32> {
    unsafe extern "C" {
        static mut _stack_start: u32;
        static _hart_stack_size: u8;
    }
    let size = (&raw const _hart_stack_size).addr();
    let end = (&raw mut _stack_start).wrapping_byte_sub(hart * size);
    end.wrapping_byte_sub(size)..end
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Console::new(uart::send), "{info}");
    virt::exit(false);
}
