//! The serial line, by the crate uart_16550: bytes out by waiting, bytes in by an interrupt.

use core::num::NonZero;

use pintle::lock::blocking::Mutex;
use uart_16550::{Config, Uart16550, backend::MmioBackend, spec::registers::IER};

/// Its number at the interrupt controller.
pub const DEVICE: u32 = 10;

static UART: Mutex<Uart16550<MmioBackend>> = Mutex::new(at(0x1000_0000));

const fn at(address: usize) -> Uart16550<MmioBackend> {
    let address = NonZero::new(address).expect("no device is at 0");
    // SAFETY: by the machine's memory map, and nobody else uses it.
    match unsafe { Uart16550::new_mmio_from_address(address, 1) } {
        Ok(uart) => uart,
        Err(_) => panic!("a device with registers of one byte"),
    }
}

/// Has it interrupt for each byte.
pub fn start() {
    let config = Config {
        interrupts: IER::DATA_READY,
        ..Config::default()
    };
    let started = UART.with_lock(|uart| uart.init(config));
    assert!(started.is_ok(), "the machine has a UART");
}

/// Sends a byte, when there is room for it.
pub fn send(byte: u8) {
    // Others get at the lock in between.
    while UART.with_lock(|uart| uart.try_send_byte(byte)).is_err() {}
}

/// Takes a byte that has come, if there is one.
pub fn receive() -> Option<u8> {
    UART.with_lock(|uart| uart.try_receive_byte().ok())
}
