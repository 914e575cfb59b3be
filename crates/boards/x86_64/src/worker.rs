//! A worker on each processor: the loop that polls tasks, and sleeps when there are none.

use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, RawWaker, RawWakerVTable, Waker};

use pintle::scheduler::{StaticStealingScheduler, new_static_stealing};
use x86_64::instructions::interrupts;

use crate::interrupts::Vector;
use crate::{apic, cpu, panic, rcu};

/// All tasks. They may be spawned and woken from anywhere, interrupt handlers included, without a lock.
pub(crate) static SCHEDULER: StaticStealingScheduler<{ cpu::COUNT }> =
    // SAFETY: each processor has a number of its own, and a worker, which stays there, shares it with interrupt handlers
    // alone.
    unsafe { new_static_stealing!().with_core_id(cpu::id) };

/// Polls tasks for ever.
pub(crate) fn run() -> ! {
    let mut worker = SCHEDULER.worker().expect("one for each processor");
    let waker = waker(worker.index());
    let mut cx = Context::from_waker(&waker);
    let cpu = cpu::current();
    interrupts::enable();
    loop {
        match panic::catch(|| worker.tick()) {
            // The tasks that panicked are complete, and others may be left.
            None => continue,
            Some(tick) => {
                cpu::count(&cpu.polls, tick.polled);
                if tick.has_remaining {
                    continue;
                }
            }
        }
        // Masked from before the question until the processor sleeps. So a wake-up is either seen here, or its interrupt is
        // pending, and ends the sleep: `sti` lets interrupts in only after the next instruction has begun, which is `hlt`.
        interrupts::disable();
        if worker.poll_ready(&mut cx).is_ready() {
            interrupts::enable();
            continue;
        }
        rcu::PROCESSORS.quiesce();
        cpu::count(&cpu.sleeps, 1);
        interrupts::enable_and_hlt();
    }
}

/// What wakes the worker of a processor, from wherever: an interrupt.
///
/// By itself it needs none. It sleeps, so it is in an interrupt handler, which ends the sleep; or it masks interrupts
/// and has not decided yet.
fn waker(cpu: usize) -> Waker {
    const fn data(cpu: usize) -> *const () {
        core::ptr::without_provenance(cpu)
    }
    fn clone(cpu: *const ()) -> RawWaker {
        RawWaker::new(cpu, &VTABLE)
    }
    fn wake(cpu: *const ()) {
        let cpu = cpu.addr();
        if cpu != cpu::id() {
            apic::interrupt(cpu, Vector::Wake);
        }
    }
    fn drop(_: *const ()) {}
    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, drop);

    // SAFETY: the functions keep nothing but a number, and may be called on any processor.
    unsafe { Waker::from_raw(RawWaker::new(data(cpu), &VTABLE)) }
}

/// What the workers have done so far: tasks polled, and sleeps.
pub(crate) fn counts() -> [(usize, usize); cpu::COUNT] {
    core::array::from_fn(|id| {
        let cpu = &cpu::CPUS[id];
        (cpu.polls.load(Relaxed), cpu.sleeps.load(Relaxed))
    })
}
