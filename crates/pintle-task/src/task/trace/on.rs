//! Everything is told.

mod about;
mod traced;

pub(crate) use self::about::About;
pub(crate) use self::traced::{Traced, traced};

use super::super::{TaskCounts, header::Header};
use core::ptr::NonNull;
use pintle_core::atomic::{Ordering::Relaxed, unmodelled::AtomicUsize};
use tracing::{Span, span::Id, trace};

/// The part of a header that is about its being watched.
pub(crate) struct Trace {
    /// Written before anybody else knows the task. `None`: nobody is interested in it.
    span: Option<Id>,
    // They order nothing, so a model need not explore who counts when.
    polls: AtomicUsize,
    wakes: AtomicUsize,
}

/// What is called of a waker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WakerOp {
    Clone,
    Wake,
    WakeByRef,
    Drop,
}

/// Tells of what a waker is called for, and has it done afterwards, also if telling panics.
///
/// # Invariants
///
/// The function is one of the waker whose data this is, which is called for it, once.
pub(crate) struct Told(unsafe fn(*const ()), *const ());

/// The functions of a waker, each of which tells of its call first.
macro_rules! waker_vtable {
    ($clone:path, $wake:path, $wake_by_ref:path, $drop:path) => {{
        use $crate::task::trace::on::{Told, WakerOp, tell};

        unsafe fn told_clone(data: *const ()) -> ::core::task::RawWaker {
            // SAFETY: these are a task's wakers, of which this one keeps it.
            unsafe { tell(data, WakerOp::Clone) };
            // SAFETY: the contract is the same.
            unsafe { $clone(data) }
        }

        unsafe fn told_wake(data: *const ()) {
            // SAFETY: this is that call.
            unsafe { Told::then($wake, data, WakerOp::Wake) };
        }

        unsafe fn told_wake_by_ref(data: *const ()) {
            // SAFETY: this is that call.
            unsafe { Told::then($wake_by_ref, data, WakerOp::WakeByRef) };
        }

        unsafe fn told_drop(data: *const ()) {
            // SAFETY: this is that call.
            unsafe { Told::then($drop, data, WakerOp::Drop) };
        }

        ::core::task::RawWakerVTable::new(told_clone, told_wake, told_wake_by_ref, told_drop)
    }};
}

pub(crate) use waker_vtable;

// === impl Trace ===

impl Trace {
    pub(crate) const fn new() -> Self {
        Self {
            span: None,
            polls: AtomicUsize::new(0),
            wakes: AtomicUsize::new(0),
        }
    }

    pub(crate) fn set_span(&mut self, span: &Span) {
        self.span = span.id();
    }

    pub(crate) fn count_poll(&self) {
        self.polls.fetch_add(1, Relaxed);
    }

    pub(crate) fn counts(&self) -> TaskCounts {
        TaskCounts {
            polls: self.polls.load(Relaxed),
            wakes: self.wakes.load(Relaxed),
        }
    }

    fn tell(&self, op: WakerOp) {
        if matches!(op, WakerOp::Wake | WakerOp::WakeByRef) {
            self.wakes.fetch_add(1, Relaxed);
        }
        if let Some(span) = &self.span {
            let id = span.into_u64();
            trace!(target: "tokio::task::waker", op = op.name(), task.id = id);
        }
    }
}

/// Tells of what a waker is called for.
///
/// # Safety
///
/// `data` is that of a task's waker, which keeps the task during the call.
pub(crate) unsafe fn tell(data: *const (), op: WakerOp) {
    // SAFETY: such a waker's data is the address of a header.
    let header = unsafe { NonNull::new_unchecked(data.cast::<Header>().cast_mut()) };
    // SAFETY: the waker keeps it.
    unsafe { header.as_ref() }.trace.tell(op);
}

// === impl WakerOp ===

impl WakerOp {
    fn name(self) -> &'static str {
        match self {
            Self::Clone => "waker.clone",
            Self::Wake => "waker.wake",
            Self::WakeByRef => "waker.wake_by_ref",
            Self::Drop => "waker.drop",
        }
    }
}

// === impl Told ===

impl Told {
    /// Tells of a call, and does what it is for.
    ///
    /// # Safety
    ///
    /// `data` is that of a task's waker, and `f` what it is called for, which this does.
    pub(crate) unsafe fn then(f: unsafe fn(*const ()), data: *const (), op: WakerOp) {
        let _told = Self(f, data);
        // SAFETY: whatever the call does with the waker's reference, it does afterwards.
        unsafe { tell(data, op) };
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        // SAFETY: by the invariant.
        unsafe { (self.0)(self.1) };
    }
}
