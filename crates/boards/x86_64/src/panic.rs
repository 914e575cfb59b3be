//! What a panic does.
//!
//! A task's panic unwinds to the worker that polls it: the scheduler completes the task on the way, so that who joins it
//! gets a `JoinError`, and the next tick goes on with the others. Locks are let go, as guards are dropped. A panic in an
//! interrupt handler has nowhere to unwind to, since `extern "x86-interrupt"` stops it, and ends the machine.
//!
//! A kernel that is built with `panic = "abort"` halts here instead; it needs nothing of this module but the handler.

use alloc::boxed::Box;
use core::intrinsics;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::panic::PanicInfo;

use unwinding::abi::{_Unwind_RaiseException, UnwindException};

use crate::{cpu, exit, serial::println};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    println!("processor {}: {info}", cpu::id());
    if info.can_unwind() && !cpu::current().in_interrupt() {
        unwind();
    }
    exit::failure()
}

/// Unwinds the stack as far as a [`catch`]; returns if there is none.
fn unwind() {
    // No class and no clean-up: nobody but `catch` finds it.
    let exception: Box<MaybeUninit<UnwindException>> = Box::new(MaybeUninit::zeroed());
    let exception = Box::into_raw(exception).cast();
    // SAFETY: an exception that lives until it is caught.
    unsafe { _Unwind_RaiseException(exception) };
}

/// What is to be run, and then what it returned.
union Slot<F, R> {
    f: ManuallyDrop<F>,
    result: ManuallyDrop<R>,
}

/// Runs `f`; `None` if it panics, which has been told then.
pub(crate) fn catch<F: FnOnce() -> R, R>(f: F) -> Option<R> {
    let mut slot = Slot::<F, R> {
        f: ManuallyDrop::new(f),
    };
    let data = (&raw mut slot).cast();
    // SAFETY: `call` finds the slot that it was made for; `caught` is given the exception of `unwind`.
    let has_panicked = unsafe { intrinsics::catch_unwind(call::<F, R>, data, caught) };
    if has_panicked.is_true() {
        return None;
    }
    // SAFETY: `call` has come to its end and put the result there.
    let result = unsafe { slot.result };
    Some(ManuallyDrop::into_inner(result))
}

fn call<F: FnOnce() -> R, R>(slot: *mut u8) {
    let slot: *mut Slot<F, R> = slot.cast();
    // SAFETY: `catch` has put it there, and nobody takes it again.
    let f = unsafe { ManuallyDrop::take(&mut (*slot).f) };
    let result = ManuallyDrop::new(f());
    // SAFETY: as above.
    unsafe { (*slot).result = result };
}

fn caught(_slot: *mut u8, exception: *mut u8) {
    let exception: *mut MaybeUninit<UnwindException> = exception.cast();
    // SAFETY: `unwind` has made it of a box.
    drop(unsafe { Box::from_raw(exception) });
}

/// What the intrinsic returns: a number until Rust 1.97, and then a `bool`.
trait Truth {
    fn is_true(self) -> bool;
}

impl Truth for i32 {
    fn is_true(self) -> bool {
        self != 0
    }
}

impl Truth for bool {
    fn is_true(self) -> bool {
        self
    }
}
