//! What a panic does.
//!
//! A task's panic unwinds to the worker that polls it: the scheduler completes the task on the way, so that who joins it
//! gets a `JoinError`, and the next tick goes on with the others. Locks are let go, as guards are dropped. A panic in an
//! interrupt handler has nowhere to unwind to, since `extern "x86-interrupt"` stops it, and ends the machine.
//!
//! A kernel that is built with `panic = "abort"` halts here instead; it needs nothing of this module but the handler.

use alloc::boxed::Box;
use core::intrinsics;
use core::mem::MaybeUninit;
use core::panic::PanicInfo;

use unwinding::abi::{_Unwind_RaiseException, UnwindException};

use crate::{cpu, exit, serial};

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    serial::print_at_last(format_args!("processor {}: {info}\n", cpu::id()));
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
struct Call<F, R> {
    f: Option<F>,
    result: Option<R>,
}

/// Runs `f`; `None` if it panics, which has been told then.
pub(crate) fn catch<F: FnOnce() -> R, R>(f: F) -> Option<R> {
    let mut call = Call {
        f: Some(f),
        result: None,
    };
    let data = (&raw mut call).cast();
    // SAFETY: `run` is given the call that it was made for, and `caught` the exception of `unwind`.
    let _has_panicked = unsafe { intrinsics::catch_unwind(run::<F, R>, data, caught) };
    call.result
}

fn run<F: FnOnce() -> R, R>(call: *mut u8) {
    let call: *mut Call<F, R> = call.cast();
    // SAFETY: `catch` keeps it for as long as this runs, and does not look at it.
    let call = unsafe { &mut *call };
    call.result = call.f.take().map(|f| f());
}

fn caught(_call: *mut u8, exception: *mut u8) {
    let exception: *mut MaybeUninit<UnwindException> = exception.cast();
    // SAFETY: `unwind` has made it of a box.
    drop(unsafe { Box::from_raw(exception) });
}
