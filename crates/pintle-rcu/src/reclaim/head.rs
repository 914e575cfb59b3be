use core::{fmt, ptr::NonNull};
use pintle_core::{cell::UnsafeCell, const_fn};
use pintle_intrusive::{Linked, stack::Links};

/// What an object needs in it to be deferred without an allocation: three words.
///
/// A type that has one implements `Linked<RcuHead>` for it, without `unsafe` by
/// [`linked!`](pintle_intrusive::linked!) where its handle alone owns it. The handle is what is dropped when
/// the grace period is over: [`Reclaimer::defer`](super::Reclaimer::defer) has an example.
///
/// Readers may hold references to the object meanwhile: what changes in the head is in cells.
///
/// # Invariants
///
/// From the time the object is deferred until its callback is called the head is the reclaimer's. Before and
/// after it is nobody's, and its contents mean nothing.
pub struct RcuHead {
    node: Node,
}

/// What the reclaimer's lists are made of. (A type of its own, as [`Deferred`] is not public.)
pub(super) struct Node {
    links: Links<Node>,
    call: UnsafeCell<Option<Call>>,
}

/// What is to be called after the grace period.
#[derive(Clone, Copy)]
pub(super) struct Call {
    /// Called once, with `object`.
    function: unsafe fn(NonNull<()>),
    object: NonNull<()>,
}

/// The head of an object that is the reclaimer's.
pub(super) struct Deferred(NonNull<Node>);

// === impl RcuHead ===

impl RcuHead {
    const_fn! {
        /// A head of an object that has not been deferred.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                node: Node {
                    links: Links::new(),
                    call: UnsafeCell::new(None),
                },
            }
        }
    }
}

impl Default for RcuHead {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RcuHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RcuHead").finish_non_exhaustive()
    }
}

// SAFETY: a head that is not a reclaimer's holds nothing, and one that is does not move.
unsafe impl Send for Node {}
// SAFETY: a shared reference to a head gives access to nothing in it.
unsafe impl Sync for Node {}

// SAFETY: by point of the contract:
// 1. and 5. Heads are passed on by `Deferred::new` alone, whose caller promises it.
// 2. `Links` are not `Unpin`, and so is not what has them.
// 3. The field itself; there is no `Drop`, and nobody makes a `&mut` to a head that is a reclaimer's.
// 4. The field is private.
unsafe impl Linked<Links<Self>> for Node {
    type Handle = Deferred;

    fn into_ptr(deferred: Deferred) -> NonNull<Self> {
        deferred.0
    }

    unsafe fn from_ptr(head: NonNull<Self>) -> Deferred {
        Deferred(head)
    }

    unsafe fn links(head: NonNull<Self>) -> NonNull<Links<Self>> {
        let head = head.as_ptr();
        // SAFETY: the head is live, says the caller.
        let links = unsafe { &raw mut (*head).links };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

// === impl Call ===

impl Call {
    pub(super) const fn new(function: unsafe fn(NonNull<()>), object: NonNull<()>) -> Self {
        Self { function, object }
    }

    /// Calls it.
    ///
    /// # Safety
    ///
    /// A grace period has passed since the object was deferred, and this is the only call of it.
    pub(super) unsafe fn call(self) {
        // SAFETY: it is what `Deferred::new`'s caller has promised may be done now.
        unsafe { (self.function)(self.object) }
    }
}

// === impl Deferred ===

impl Deferred {
    /// Notes in the head what is to be called.
    ///
    /// # Safety
    ///
    /// The head is in a live object, at the same place until the call, which may be made once, on any
    /// thread, after a grace period. Until then nobody else touches the head.
    pub(super) unsafe fn new(head: NonNull<RcuHead>, call: Call) -> Self {
        // SAFETY: it is live, says the caller.
        let head = unsafe { &raw mut (*head.as_ptr()).node };
        // SAFETY: as above.
        let cell = unsafe { &(*head).call };
        // SAFETY: nobody else touches the head, says the caller.
        cell.with_mut(|place| unsafe { *place = Some(call) });
        // SAFETY: a field's address is not null.
        Self(unsafe { NonNull::new_unchecked(head) })
    }

    /// Gives the head up and says what is to be called.
    pub(super) fn into_call(self) -> Call {
        // SAFETY: the object is live until its call, by `new`'s contract.
        let cell = unsafe { &(*self.0.as_ptr()).call };
        // SAFETY: the head is ours, by the same.
        let call = cell.with_mut(|place| unsafe { (*place).take() });
        call.expect("a head that was deferred says what to call")
    }
}

// SAFETY: a head goes to another thread with its object, whose call may be made there: `new`'s contract.
unsafe impl Send for Deferred {}
