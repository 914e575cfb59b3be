use cortex_m::{interrupt::InterruptNumber, peripheral::NVIC};

/// An interrupt of the chip, by its number.
#[derive(Clone, Copy)]
pub struct Interrupt(pub u16);

/// What an interrupt calls.
pub type Handler = extern "C" fn();

/// The chip's part of the vector table, for its `COUNT` interrupts: one has a handler.
pub const fn handlers<const COUNT: usize>(of: Interrupt, handler: Handler) -> [Handler; COUNT] {
    let mut handlers = [unexpected as Handler; COUNT];
    handlers[of.0 as usize] = handler;
    handlers
}

/// Lets an interrupt come.
pub fn unmask(interrupt: Interrupt) {
    // SAFETY: the boards' critical sections mask all interrupts, and do not care about a single one.
    unsafe { NVIC::unmask(interrupt) };
}

extern "C" fn unexpected() {
    panic!("an interrupt that nobody has unmasked");
}

// SAFETY: a number goes to itself, and to no other later.
unsafe impl InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self.0
    }
}
