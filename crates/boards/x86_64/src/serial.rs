//! The serial line: what is printed, and a channel of what comes in.

use core::fmt::{self, Write};

use pintle::lock::{blocking::Mutex, spin::InitOnce};
use pintle::sync::{mpsc, storage::Static};
use uart_16550::backend::PioBackend;
use uart_16550::spec::registers::{FifoTriggerLevel, IER};
use uart_16550::{BaudRate, Config, Uart16550, Uart16550Tty};

use crate::lock::IrqLock;

type Input<T> = mpsc::Channel<T, 256, IrqLock>;
type Sender = mpsc::Sender<u8, Static, IrqLock>;
/// Where the bytes come out.
pub(crate) type Receiver = mpsc::Receiver<u8, Static, IrqLock>;

/// Whoever prints, prints at once, interrupts masked: a byte takes no time in QEMU. At 115,200 baud a line would take
/// milliseconds, and should go through a channel, too.
static PORT: Mutex<Uart16550Tty<PioBackend>, IrqLock> = Mutex::new_with_raw_mutex(
    // SAFETY: the first serial port of a PC, which only this uses.
    match unsafe { Uart16550::new_port(0x3F8) } {
        Ok(port) => Uart16550Tty::from_inner(port),
        Err(_) => panic!("no port"),
    },
    IrqLock::new(),
);

static INPUT: Input<u8> = mpsc::Channel::new_with_raw_mutex(IrqLock::new());
/// The interrupt handler's end.
static SENDER: InitOnce<Sender> = InitOnce::uninitialized();

/// Sets the line up, and returns where its bytes come out.
pub(crate) fn start() -> Receiver {
    let (sender, receiver) = INPUT.split_static().expect("it is split once");
    SENDER.init(sender);
    let config = Config {
        interrupts: IER::DATA_READY,
        // An interrupt for each byte: people type slowly.
        fifo_trigger_level: Some(FifoTriggerLevel::One),
        baud_rate: BaudRate::Baud115200,
        ..Config::DEFAULT
    };
    let is_there = PORT.with_lock(|port| port.inner_mut().init(config).is_ok());
    // There is nowhere to tell about it: nobody will see this.
    assert!(is_there, "no serial port");
    receiver
}

/// The handler of the line's interrupt.
///
/// Bytes that nobody fetches are lost when the channel is full. That is what a serial line does.
pub(crate) fn on_interrupt() {
    // All there are: the line interrupts again only after it was empty.
    while let Ok(byte) = PORT.with_lock(|port| port.inner_mut().try_receive_byte()) {
        let _ = SENDER.get().try_send(byte);
    }
}

/// For [`print!`].
pub(crate) fn print_args(args: fmt::Arguments<'_>) {
    // The port cannot fail; what is printed can, if its `Display` does.
    let _ = PORT.with_lock(|port| port.write_fmt(args));
}

/// As [`print!`], for a panic: it may be one while something is printed here, so this does not wait for ever.
pub(crate) fn print_at_last(args: fmt::Arguments<'_>) {
    let is_printed = || PORT.try_with_lock(|port| port.write_fmt(args)).is_some();
    let _ = (0..1_000_000).any(|_| is_printed());
}

/// Prints to the serial line. Lines of two processors do not mix.
macro_rules! print {
    ($($args:tt)*) => { $crate::serial::print_args(format_args!($($args)*)) };
}

/// As [`print!`], and a new line.
macro_rules! println {
    () => { $crate::serial::print!("\n") };
    ($($args:tt)*) => { $crate::serial::print!("{}\n", format_args!($($args)*)) };
}

pub(crate) use {print, println};
