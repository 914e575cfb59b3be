//! Read-copy-update with a reader on each processor, whose sections cost no fence: writers interrupt them instead.

use core::hint::spin_loop;
use core::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    compiler_fence, fence,
};

use pintle::rcu::{RcuDomain, domain::Barrier};
use x86_64::instructions::interrupts;

use crate::interrupts::Vector;
use crate::{apic, cpu};

pintle::rcu::domain! {
    /// The processors, as readers.
    // SAFETY: a section lasts no longer than a poll, for its guard is not `Send`; and a poll ends on the processor on which it
    // began. `reader` lets no interrupt handler in, so nothing on a processor interrupts its sections and reads.
    pub(crate) unsafe struct Processors {
        slots: cpu::COUNT,
        current: reader,
        barrier: Interrupt = Interrupt,
    }
}

/// What tasks read in and wait for. Not for interrupt handlers, for which it panics.
pub(crate) const PROCESSORS: RcuDomain<Processors> = RcuDomain::new();

/// An interrupt on every other processor, and its handler's answer.
pub(crate) struct Interrupt;

/// What a processor has been asked for and has answered, in numbers.
struct Requests {
    asked: AtomicUsize,
    answered: AtomicUsize,
}

static REQUESTS: [Requests; cpu::COUNT] = [const { Requests::new() }; cpu::COUNT];

static BARRIERS: AtomicUsize = AtomicUsize::new(0);

/// How many times a writer has interrupted the other processors.
pub(crate) fn barriers() -> usize {
    BARRIERS.load(Relaxed)
}

/// The handler of the barrier's interrupt.
pub(crate) fn on_barrier() {
    REQUESTS[cpu::id()].answer();
}

/// The number of the caller's slot.
fn reader() -> usize {
    let cpu = cpu::current();
    assert!(!cpu.in_interrupt(), "an interrupt handler is no reader");
    cpu::id()
}

// === impl Interrupt ===

// SAFETY: the interrupt strikes the reader's processor between two instructions, and the handler makes a full fence. If
// that is after `light`, what was written before `light` is out before `heavy` returns; else what is read after
// `light` is read after the fence, to which what was written before `heavy` was sent ahead: the handler has acquired it
// with the request.
unsafe impl Barrier for Interrupt {
    fn light(&self) {
        compiler_fence(SeqCst);
    }

    fn heavy(&self) {
        // Two that waited for each other would wait for ever.
        assert!(
            interrupts::are_enabled(),
            "a writer has to answer the other one"
        );
        BARRIERS.fetch_add(1, Relaxed);
        // Pairs with the fence in `answer`.
        fence(SeqCst);
        let tickets: [_; cpu::COUNT] = core::array::from_fn(|cpu| {
            let is_other = cpu != cpu::id();
            is_other.then(|| REQUESTS[cpu].ask(cpu))
        });
        for (requests, ticket) in REQUESTS.iter().zip(tickets) {
            while ticket.is_some_and(|ticket| !requests.is_answered(ticket)) {
                spin_loop();
            }
        }
        // Pairs with the fence in `answer`, for what is read next.
        fence(SeqCst);
    }
}

// === impl Requests ===

impl Requests {
    const fn new() -> Self {
        Self {
            asked: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
        }
    }

    /// Interrupts that processor, and returns the number of the request.
    fn ask(&self, cpu: usize) -> usize {
        // Release pairs with the Acquire in `answer`.
        let ticket = self.asked.fetch_add(1, Release) + 1;
        apic::interrupt(cpu, Vector::Barrier);
        ticket
    }

    /// Answers all that this processor has been asked for: several requests may be one interrupt. One that comes after
    /// the load is followed by an interrupt of its own.
    fn answer(&self) {
        // Acquire pairs with the Release in `ask`.
        let asked = self.asked.load(Acquire);
        // Pairs with the fences in `heavy`.
        fence(SeqCst);
        // Release pairs with the Acquire in `is_answered`.
        self.answered.store(asked, Release);
    }

    fn is_answered(&self, ticket: usize) -> bool {
        // Acquire pairs with the Release in `answer`.
        self.answered.load(Acquire) >= ticket
    }
}
