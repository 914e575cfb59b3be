//! An interrupt handler between any two instructions of a worker: each is gone through, one by one.
//!
//! The processor's trap flag stops the thread after each instruction. There a child is forked, in which the
//! handler comes at this point and no other, and which goes on by itself to the end and says by its exit whether
//! all is well. The parent goes on to the next instruction.
#![cfg(all(
    feature = "std",
    target_os = "linux",
    target_arch = "x86_64",
    not(miri)
))]

mod support;

use pintle_task::{
    scheduler::{StealingScheduler, Worker},
    task::{Context, Poll, Waker},
};
use std::{
    arch::asm,
    cell::Cell,
    future::poll_fn,
    io::{self, Write},
    mem,
    process::abort,
    ptr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use support::CountWaker;

/// What a handler does.
type Handler<'a> = &'a mut dyn FnMut();

/// The flag in the processor's flags.
const TRAP: i64 = 0x100;

thread_local! {
    /// What is to come between the instructions of this thread.
    static HANDLER: Cell<Option<*mut Handler<'static>>> = const { Cell::new(None) };
    /// Whether this is a child, in which it has come.
    static IS_CHILD: Cell<bool> = const { Cell::new(false) };
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Steps through `f`. Returns how many steps there were, and whether this is a child, in which `handler` has come
/// between two of them.
fn step<R>(mut handler: Handler<'_>, f: impl FnOnce() -> R) -> (R, usize, bool) {
    // SAFETY: zero is a disposition.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    let function: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = on_trap;
    action.sa_sigaction = function as usize;
    action.sa_flags = libc::SA_SIGINFO;
    // SAFETY: the handler is a function of that type.
    let result = unsafe { libc::sigaction(libc::SIGTRAP, &action, ptr::null_mut()) };
    assert_eq!(result, 0);
    let handler: *mut Handler<'_> = &raw mut handler;
    HANDLER.set(Some(handler.cast()));
    STEPS.set(0);
    // SAFETY: it sets a flag for which there is a handler now.
    unsafe { asm!("pushfq", "or qword ptr [rsp], 0x100", "popfq") };
    let result = f();
    // SAFETY: it clears the flag.
    unsafe { asm!("pushfq", "and qword ptr [rsp], ~0x100", "popfq") };
    HANDLER.set(None);
    (result, STEPS.get(), IS_CHILD.get())
}

extern "C" fn on_trap(_: libc::c_int, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let Some(handler) = HANDLER.get() else {
        return;
    };
    STEPS.set(STEPS.get() + 1);
    // SAFETY: the child is this thread alone, which asks for no memory here.
    match unsafe { libc::fork() } {
        -1 => abort(),
        0 => {
            IS_CHILD.set(true);
            // SAFETY: it is what the kernel passes to such a handler.
            let context = unsafe { &mut *context.cast::<libc::ucontext_t>() };
            context.uc_mcontext.gregs[libc::REG_EFL as usize] &= !TRAP;
            // SAFETY: it is there until the steps are over.
            unsafe { (*handler)() };
        }
        child => {
            let mut status = 0;
            // SAFETY: the status is there.
            let ended = unsafe { libc::waitpid(child, &mut status, 0) };
            if ended != child || status != 0 {
                // Not by a macro, whose output the harness keeps, and which asks for memory.
                let steps = STEPS.get();
                let _ = writeln!(
                    io::stderr(),
                    "a child ends with {status:#x} after {steps} steps"
                );
                abort();
            }
        }
    }
}

/// Ends a child.
fn exit(is_well: bool) -> ! {
    // SAFETY: it ends the process, without its destructors.
    unsafe { libc::_exit(i32::from(!is_well)) }
}

/// A task that counts how often it is polled, and leaves its waker.
struct Idle {
    polls: Arc<AtomicUsize>,
    waker: Waker,
}

fn idle(scheduler: &StealingScheduler, worker: &mut Worker<'_>) -> Idle {
    let polls = Arc::new(AtomicUsize::new(0));
    let left = Arc::new(Mutex::new(None));
    scheduler
        .spawn({
            let (polls, left) = (polls.clone(), left.clone());
            poll_fn(move |cx| {
                if polls.fetch_add(1, SeqCst) == 0 {
                    *left.lock().unwrap() = Some(cx.waker().clone());
                }
                Poll::<()>::Pending
            })
        })
        .detach();
    worker.tick();
    let waker = left.lock().unwrap().take().unwrap();
    Idle { polls, waker }
}

/// A wake-up that comes while a worker falls asleep rouses it, or is seen by it.
#[test]
fn a_wake_up_on_top_of_a_worker_that_falls_asleep() {
    let scheduler = StealingScheduler::new(1);
    let mut worker = scheduler.worker().unwrap();
    let task = idle(&scheduler, &mut worker);
    let sleeper = CountWaker::new();
    let waker = sleeper.clone().into();
    let mut handler = || task.waker.wake_by_ref();
    let (sleep, steps, is_child) = step(&mut handler, || {
        worker.poll_ready(&mut Context::from_waker(&waker))
    });
    if is_child {
        exit(sleep.is_ready() || sleeper.woken() == 1);
    }
    assert!(sleep.is_pending());
    assert!(steps > 100, "{steps}");
}

/// Of two wake-ups that come while a worker looks for a task one goes to a thief at once.
#[test]
fn wake_ups_and_a_thief_on_top_of_a_worker_that_pops() {
    let scheduler = StealingScheduler::new(2);
    let mut worker = scheduler.worker().unwrap();
    let mut thief = scheduler.worker().unwrap();
    let tasks = [(); 3].map(|()| idle(&scheduler, &mut worker));
    let polls = || tasks.each_ref().map(|task| task.polls.load(SeqCst));
    let mut handler = || {
        tasks.iter().for_each(|task| task.waker.wake_by_ref());
        thief.tick();
    };
    let (_, steps, is_child) = step(&mut handler, || worker.tick());
    if is_child {
        // What is left to whom the thief has left it.
        while worker.tick().has_remaining || thief.tick().has_remaining {}
        exit(polls() == [2; 3]);
    }
    assert_eq!(polls(), [1; 3]);
    assert!(steps > 100, "{steps}");
}
