//! A kernel whose readers are its tasks: each may be switched out in the middle of a read section.
//!
//! ```text
//! cargo run -p pintle-rcu --example kernel_tasks
//! ```
//!
//! [`domain!`](pintle_rcu::domain!) declares domains whose readers are threads or cores. Where else a reader's slot is
//! kept, a [`Scope`] written by hand says so. Here it is in the task's control block:
//!
//! | | a slot per core (`domain!`) | a slot per task (this file) |
//! |---|---|---|
//! | the slot is found by | the core's number | the register that names the running task |
//! | within a section a task | must not be switched out or moved | may be both, and may sleep |
//! | a writer waits for | as many as there are cores | as many as there are tasks that read |
//! | a long section | keeps other tasks from running | keeps nobody but writers |
//!
//! What happens, on one core (each task is switched out once more than is drawn):
//!
//! ```text
//!   early   ─┤enter load├┄┄┄┄┄ switched out ┄┄┄┄┄┄┄┄┄┄┄┄┤use exit├─
//!   writer  ┄┄┄┄┄┄┄┄┄┄┄┄┄┤replace look├┄┄┄┄┄ waits ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤look free├─
//!   late    ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┤enter load├┄┄┄┄┄┄ switched out ┄┄┄┄┄┄┄┄┄┤use exit├─
//! ```
//!
//! The writer waits for the section of `early`, which may have loaded the old value, and not for that of `late`. With
//! one slot for both it could not tell them apart, and as long as each task enters before the other leaves it would
//! wait for ever. Worse: a count of sections is loaded and stored, and a switch between the two would lose one.
//!
//! # From here to a real kernel
//!
//! - **Several cores.** Nothing changes for the slots: a task that moves to another core, in a section, too, takes its
//!   control block along. But [`OneCore`] is not enough then. [`Fences`](pintle_rcu::domain::Fences) always is; or
//!   a barrier whose heavy side interrupts the other cores (`crates/boards/x86_64/src/rcu.rs` has one).
//! - **Interrupt handlers** run in the middle of a task, maybe in the middle of its `enter`. They must not use
//!   its slot: a handler that reads has a [`Reader`](pintle_rcu::domain::Reader) of its own in the same domain.
//! - **The end of a task.** Its slot stays in the domain for ever. Quiescent, it costs writers nothing, so a task that ends says
//!   that it is, and so should one that goes to sleep for long. The next task that gets the control block gets the
//!   slot with it, as no section outlives its task.
//! - **Waiting.** The writer here looks each time that it gets the core. It might sleep instead, until the last reader wakes
//!   it: `RCU.grace_period().await`, by a waker that makes the task ready to run.

use pintle_rcu::domain::{Barrier, Domain, Slot};
use pintle_rcu::{RcuCell, RcuDomain, Retired, Scope};
use std::sync::Mutex;
use std::sync::atomic::{Ordering::SeqCst, compiler_fence, fence};

/// Read-copy-update among the kernel's tasks.
const RCU: RcuDomain<Tasks> = RcuDomain::new();

/// The scope: a type that only stands for the domain.
enum Tasks {}

static DOMAIN: Domain<OneCore> = Domain::with_barrier(OneCore);

// SAFETY: the duties of `Scope`, one by one.
// - `DOMAIN` is the domain each time, and of no other scope.
// - `slot` is that of the running task. The register that names it changes only where the core goes from one
//   task's stack to the other's. So a task that is switched out after it has read the register and before it has
//   used the slot still has its own slot when it goes on, and nobody has touched it. Interrupt handlers do not
//   read: there is one, the timer's, and it does nothing but switch.
// - No `Reader` gets such a slot, as it is made by `of_scope`.
// - `join` is the provided one.
unsafe impl Scope for Tasks {
    type Barrier = OneCore;

    fn domain() -> &'static Domain<OneCore> {
        &DOMAIN
    }

    fn slot() -> &'static Slot {
        &kernel::current().slot
    }
}

/// The barrier of a kernel with one core. A core sees what it has written itself in the order in which it has written it, so
/// the compiler is all that readers have to be protected from.
struct OneCore;

// SAFETY: reader and writer run one after the other. If the reader does first, the writer sees what it has stored before its
// `light`; if the writer does, the reader sees what that has stored before its `heavy`. The fences keep the compiler from
// moving either over the switch.
unsafe impl Barrier for OneCore {
    fn light(&self) {
        compiler_fence(SeqCst);
    }

    fn heavy(&self) {
        fence(SeqCst);
    }
}

/// What is read all the time and replaced now and then.
struct Route {
    via: &'static str,
}

fn reader(route: &RcuCell<Route, Tasks>) {
    let section = RCU.enter();
    let route = route.load(&section);
    say(format!("looks a route up: via {}", route.via));
    // It is not done with it, but its time is up, two times over.
    kernel::timer_interrupt();
    kernel::timer_interrupt();
    say(format!("uses the route via {}", route.via));
    drop(section);
}

fn writer(route: &RcuCell<Route, Tasks>) {
    let old = route.replace(Route { via: "eth1" });
    say("replaces it by one via eth1");
    let old = synchronize(old);
    say(format!("frees the one via {}", old.via));
}

/// Waits for readers as a task does that has the only core: it lets them have it.
///
/// ([`Retired::synchronize`] spins and yields to whoever is the operating system. It would do on a kernel that takes the
/// core away by a timer. Where nobody does, it would spin for ever.)
fn synchronize(mut old: Retired<Route, Tasks>) -> Route {
    loop {
        match old.poll() {
            Ok(route) => return route,
            Err(not_yet) => old = not_yet,
        }
        let reader = DOMAIN.awaited().expect("it waits for somebody");
        say(format!("waits for {}", kernel::name_of(reader.label())));
        kernel::switch();
    }
}

/// What the tasks have said, and who they were.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn say(what: impl AsRef<str>) {
    let line = format!("{:6} {}", kernel::current().name, what.as_ref());
    LOG.lock().unwrap().push(line);
}

/// Boots, runs all tasks to their ends, and returns what they have said.
fn run() -> Vec<String> {
    let route = RcuCell::new_in(Route { via: "eth0" }, RCU);
    kernel::boot([&|| reader(&route), &|| writer(&route), &|| reader(&route)]);
    std::mem::take(&mut *LOG.lock().unwrap())
}

fn main() {
    for line in run() {
        println!("{line}");
    }
}

#[test]
fn a_writer_waits_for_a_task_that_was_switched_out_in_a_section() {
    let expected = [
        "early  looks a route up: via eth0",
        "writer replaces it by one via eth1",
        "writer waits for early",
        "late   looks a route up: via eth1",
        "writer waits for early",
        "early  uses the route via eth0",
        "writer frees the one via eth0",
        "late   uses the route via eth1",
    ];
    assert_eq!(run(), expected);
}

/// The toy: one core, three tasks that take turns.
///
/// A task is a thread of the host here, for that brings a stack. It runs only while the register names it: there is one
/// core, though the host may have many.
mod kernel {
    use super::RCU;
    use pintle_rcu::domain::Slot;
    use std::sync::atomic::{
        AtomicBool, AtomicUsize,
        Ordering::{Acquire, Relaxed, Release},
    };
    use std::thread;

    /// A task's control block. A real one has room for its registers besides.
    pub(crate) struct Task {
        pub(crate) name: &'static str,
        /// Where writers look whether this task is in a section.
        pub(crate) slot: Slot,
        has_ended: AtomicBool,
    }

    static TASKS: [Task; 3] = [Task::new("early"), Task::new("writer"), Task::new("late")];

    /// The register that names the running task: `tpidr_el1`, `gs`, `tp`, a variable where there is one core.
    static CURRENT: AtomicUsize = AtomicUsize::new(0);

    impl Task {
        const fn new(name: &'static str) -> Self {
            Self {
                name,
                slot: Slot::of_scope(),
                has_ended: AtomicBool::new(false),
            }
        }
    }

    /// The running task.
    pub(crate) fn current() -> &'static Task {
        // Relaxed: whoever runs has synchronised with the switch to it, in `wait_for_core`.
        &TASKS[CURRENT.load(Relaxed)]
    }

    pub(crate) fn name_of(number: usize) -> &'static str {
        TASKS[number].name
    }

    /// What the timer's interrupt does, wherever in the task it strikes. (It is called where it matters here.)
    pub(crate) fn timer_interrupt() {
        switch();
    }

    /// Leaves the core to the next task, and returns when it is this one's turn again.
    pub(crate) fn switch() {
        let this = CURRENT.load(Relaxed);
        go_on_with_next(this);
        wait_for_core(this);
    }

    fn go_on_with_next(this: usize) {
        let others = (1..=TASKS.len()).map(|n| (this + n) % TASKS.len());
        let mut ready = others.filter(|&task| !TASKS[task].has_ended.load(Relaxed));
        if let Some(next) = ready.next() {
            // Release pairs with the Acquire in `wait_for_core`: the next sees all that this one has done, as
            // on one core.
            CURRENT.store(next, Release);
        }
    }

    fn wait_for_core(this: usize) {
        while CURRENT.load(Acquire) != this {
            thread::yield_now();
        }
    }

    /// The end of a task.
    struct End(usize);

    impl Drop for End {
        fn drop(&mut self) {
            let sections_are_over = !RCU.is_inside();
            RCU.quiesce();
            TASKS[self.0].has_ended.store(true, Relaxed);
            go_on_with_next(self.0);
            assert!(sections_are_over, "a section would outlive its task");
        }
    }

    /// Runs each task once, to its end.
    pub(crate) fn boot(tasks: [&(dyn Fn() + Sync); TASKS.len()]) {
        thread::scope(|scope| {
            for (number, task) in tasks.into_iter().enumerate() {
                TASKS[number].slot.set_label(number);
                scope.spawn(move || {
                    wait_for_core(number);
                    // Also if it panics.
                    let _end = End(number);
                    task();
                });
            }
        });
    }
}
