//! The table of interrupts, and what each handler calls.
//!
//! Handlers run with interrupts masked, so they do not nest. None of them does more than wake tasks: what is to be done
//! about an interrupt, a task does.

use pintle::lock::spin::InitOnce;
use x86_64::structures::idt::{InterruptDescriptorTable, InterruptStackFrame, PageFaultErrorCode};

use crate::{apic, clock, cpu, exit, rcu, serial};

/// What an interrupt is for. Of two that are pending, the greater comes first.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Vector {
    /// A byte has come in.
    Serial = 0x40,
    /// The timer's next deadline has come, or another one is the next.
    Alarm = 0x50,
    /// There is a task to poll: nothing to do but to be awake.
    Wake = 0x60,
    /// A writer of RCU wants a barrier here.
    Barrier = 0x70,
    /// The interrupt controller had none after all.
    Spurious = 0xFF,
}

static TABLE: InitOnce<InterruptDescriptorTable> = InitOnce::uninitialized();

/// Lets this processor use the table. Interrupts stay masked.
pub(crate) fn load() {
    TABLE.get_or_else(table).load();
}

fn table() -> InterruptDescriptorTable {
    let mut table = InterruptDescriptorTable::new();
    table.invalid_opcode.set_handler_fn(invalid_opcode);
    table.double_fault.set_handler_fn(double_fault);
    table
        .general_protection_fault
        .set_handler_fn(general_protection);
    table.page_fault.set_handler_fn(page_fault);
    table[Vector::Serial as u8].set_handler_fn(on_serial);
    table[Vector::Alarm as u8].set_handler_fn(on_alarm);
    table[Vector::Wake as u8].set_handler_fn(on_wake);
    table[Vector::Barrier as u8].set_handler_fn(on_barrier);
    table[Vector::Spurious as u8].set_handler_fn(on_spurious);
    table
}

/// An interrupt being handled; when this is dropped, the next may come.
struct Handling;

// === impl Handling ===

impl Handling {
    fn begin() -> Self {
        let cpu = cpu::current();
        cpu.set_in_interrupt(true);
        cpu::count(&cpu.interrupts, 1);
        Self
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        apic::end_of_interrupt();
        cpu::current().set_in_interrupt(false);
    }
}

extern "x86-interrupt" fn on_serial(_: InterruptStackFrame) {
    let _handling = Handling::begin();
    serial::on_interrupt();
}

extern "x86-interrupt" fn on_alarm(_: InterruptStackFrame) {
    let _handling = Handling::begin();
    clock::on_alarm();
}

extern "x86-interrupt" fn on_wake(_: InterruptStackFrame) {
    let _handling = Handling::begin();
}

extern "x86-interrupt" fn on_barrier(_: InterruptStackFrame) {
    let _handling = Handling::begin();
    rcu::on_barrier();
}

/// Which is not acknowledged, as there was none.
extern "x86-interrupt" fn on_spurious(_: InterruptStackFrame) {}

extern "x86-interrupt" fn invalid_opcode(frame: InterruptStackFrame) {
    fault("invalid opcode", &frame, 0);
}

extern "x86-interrupt" fn double_fault(frame: InterruptStackFrame, code: u64) -> ! {
    fault("double fault", &frame, code)
}

extern "x86-interrupt" fn general_protection(frame: InterruptStackFrame, code: u64) {
    fault("general protection fault", &frame, code);
}

extern "x86-interrupt" fn page_fault(frame: InterruptStackFrame, code: PageFaultErrorCode) {
    fault("page fault", &frame, code.bits());
}

/// Nothing here is meant to fault.
fn fault(what: &str, frame: &InterruptStackFrame, code: u64) -> ! {
    let cpu = cpu::id();
    serial::print_at_last(format_args!(
        "processor {cpu}: {what} ({code:#x}): {frame:#?}\n"
    ));
    exit::failure()
}
