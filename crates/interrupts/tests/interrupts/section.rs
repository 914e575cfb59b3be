//! A machine with one core and one interrupt: a signal.

use std::cell::Cell;
use std::sync::OnceLock;
use std::{mem, ptr};

/// The interrupt.
pub(crate) const SIGNAL: libc::c_int = libc::SIGUSR1;

/// Where in the section's implementation something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Interrupts have been masked.
    Enter,
    /// They will be unmasked.
    Leave,
}

type Handler = Box<dyn Fn() + Send + Sync>;
type AtEdge = Box<dyn Fn(Edge) + Send + Sync>;

static HANDLER: OnceLock<Handler> = OnceLock::new();
static AT_EDGE: OnceLock<AtEdge> = OnceLock::new();

thread_local! {
    /// Whether interrupts come at the edges: on the program's thread, outside the handler.
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// Has `handler` run for each signal, and no signal come by itself.
pub(crate) fn on_signal(handler: impl Fn() + Send + Sync + 'static) {
    assert!(HANDLER.set(Box::new(handler)).is_ok());
    // SAFETY: all zeros is an action: no flags, nothing else masked.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handle as extern "C" fn(libc::c_int) as usize;
    // SAFETY: the action is whole, and `handle` a handler.
    let done = unsafe { libc::sigaction(SIGNAL, &raw const action, ptr::null_mut()) };
    assert_eq!(done, 0);
}

/// Has `handler` run for each signal, and a signal come at both edges of this thread's sections.
pub(crate) fn on_interrupt(handler: impl Fn() + Send + Sync + 'static) {
    on_signal(handler);
    ARMED.set(true);
}

/// Has this asked within each section: when it has been entered, and before it is left.
pub(crate) fn at_edges(ask: impl Fn(Edge) + Send + Sync + 'static) {
    assert!(AT_EDGE.set(Box::new(ask)).is_ok());
}

/// An interrupt, here and now: or as soon as it is not masked.
pub(crate) fn interrupt() {
    if ARMED.get() {
        // SAFETY: has no precondition.
        let raised = unsafe { libc::raise(SIGNAL) };
        assert_eq!(raised, 0);
    }
}

extern "C" fn handle(_: libc::c_int) {
    // A handler is not interrupted by its own interrupt.
    let armed = ARMED.replace(false);
    let handler = HANDLER
        .get()
        .expect("a handler is installed after it is set");
    handler();
    ARMED.set(armed);
}

struct OneCore;

critical_section::set_impl!(OneCore);

// SAFETY: on the one thread that takes part, nothing runs between the edges that is not called there:
// the signal is masked. Sections nest, since the outermost alone unmasks.
unsafe impl critical_section::Impl for OneCore {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        interrupt();
        let was_masked = change_mask(libc::SIG_BLOCK);
        ask(Edge::Enter);
        !was_masked
    }

    unsafe fn release(outermost: critical_section::RawRestoreState) {
        ask(Edge::Leave);
        if outermost {
            change_mask(libc::SIG_UNBLOCK);
        }
        interrupt();
    }
}

fn ask(edge: Edge) {
    if let Some(ask) = AT_EDGE.get() {
        ask(edge);
    }
}

/// Masks the signal on this thread, or no longer, and tells whether it was.
fn change_mask(how: libc::c_int) -> bool {
    // SAFETY: all zeros is a set, to be filled below.
    let mut signals: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: as above.
    let mut before: libc::sigset_t = unsafe { mem::zeroed() };
    // SAFETY: `signals` is a set.
    let emptied = unsafe { libc::sigemptyset(&raw mut signals) };
    // SAFETY: `signals` is an empty set.
    let added = unsafe { libc::sigaddset(&raw mut signals, SIGNAL) };
    // SAFETY: both are sets.
    let changed = unsafe { libc::pthread_sigmask(how, &raw const signals, &raw mut before) };
    assert_eq!((emptied, added, changed), (0, 0, 0));
    // SAFETY: `before` has been filled.
    unsafe { libc::sigismember(&raw const before, SIGNAL) == 1 }
}
