//! Read-copy-update with a reader on each processor, whose sections cost no fence: writers interrupt them instead.

use core::cell::UnsafeCell;
use core::hint::spin_loop;
use core::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    compiler_fence, fence,
};

use pintle::rcu::domain::{Barrier, Domain, Reader, Slot};
use x86_64::instructions::interrupts;

use crate::interrupts::Vector;
use crate::{apic, cpu};

/// An interrupt on every other processor, and its handler's answer.
pub(crate) struct Interrupt;

/// What a processor has been asked for and has answered, in numbers.
struct Requests {
    asked: AtomicUsize,
    answered: AtomicUsize,
}

static REQUESTS: [Requests; cpu::COUNT] = [const { Requests::new() }; cpu::COUNT];

static DOMAIN: Domain<Interrupt> = Domain::with_barrier(Interrupt);

static SLOTS: [Slot; cpu::COUNT] = [const { Slot::new() }; cpu::COUNT];

/// The reader of a processor, which that processor alone uses, and no interrupt handler there.
struct Own(UnsafeCell<Option<Reader<Interrupt>>>);

// SAFETY: `get` lets nobody else at it.
unsafe impl Sync for Own {}

static READERS: [Own; cpu::COUNT] = [const { Own(UnsafeCell::new(None)) }; cpu::COUNT];

/// How many barriers there were.
static BARRIERS: AtomicUsize = AtomicUsize::new(0);

/// Gives this processor a reader. Once on each, before it polls tasks.
pub(crate) fn start() {
    let reader = DOMAIN.reader(&SLOTS[cpu::id()]);
    let own = READERS[cpu::id()].0.get();
    // SAFETY: this processor's own, and interrupts are masked still, so nobody reads it.
    unsafe { *own = Some(reader.expect("each processor has a slot of its own")) };
}

/// Runs `f` in a section: what it reads by pointers that a writer may replace stays until it ends.
///
/// # Panics
///
/// In an interrupt handler: it may have interrupted a section of the same reader.
pub(crate) fn read<R>(f: impl FnOnce() -> R) -> R {
    reader().run(f)
}

/// Waits until every section of now has ended.
///
/// # Panics
///
/// In an interrupt handler or a section, or with interrupts masked: both processors might wait for each other.
pub(crate) fn synchronize() {
    assert!(
        interrupts::are_enabled(),
        "waits for the other processor, and has to answer it"
    );
    reader().synchronize();
}

/// This processor is going to sleep, and will not read meanwhile.
pub(crate) fn quiesce() {
    reader().quiesce();
}

/// How many barriers there were.
pub(crate) fn barriers() -> usize {
    BARRIERS.load(Relaxed)
}

/// The handler of the barrier's interrupt.
pub(crate) fn on_barrier() {
    REQUESTS[cpu::id()].answer();
}

fn reader() -> &'static Reader<Interrupt> {
    assert!(
        !cpu::current().in_interrupt(),
        "an interrupt handler has no reader"
    );
    let own = READERS[cpu::id()].0.get();
    // SAFETY: only `start` writes to it, before any task is polled. Nobody but this processor comes here, and it does so outside
    // of interrupts; as tasks stay on their processor for as long as a poll lasts and a `Reader` is not `Send`, no future
    // takes it along.
    unsafe { (*own).as_ref() }.expect("started before the first task")
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
