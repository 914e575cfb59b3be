//! Which task is being polled, in a form that any thread may ask for.

use crate::task::{TaskRef, header::Header};
use core::{fmt, mem, ptr};
use pintle_core::{
    atomic::{
        AtomicPtr,
        Ordering::{AcqRel, Acquire, Relaxed, Release},
    },
    const_fn, hint,
};

/// The slot in which a ticking scheduler shows the task that it polls.
///
/// The ticking thread holds a reference to the task, and gives it up as soon as the poll is over.
/// Another thread that merely loaded the pointer would be too late to count a reference of its own:
/// by then the task may be freed. So references can be borrowed from the slot itself. It is a
/// split reference count:
///
/// ```text
///     ┌──────────────────────────────────────────┬───────────────┐
///     │ address of the task's header             │ borrowed (3)  │
///     └──────────────────────────────────────────┴───────────────┘
/// ```
///
/// 1. The ticking thread stores the address, with nothing borrowed.
/// 2. A reader adds one to `borrowed`. From then on the task cannot go: the ticking thread can empty the
///    slot only when it has added what is borrowed to the task's own count. (Before, not after: a
///    reader that finds the slot empty may drop its reference at once, and it must not be the last.)
/// 3. The reader counts its reference, and returns the borrowed one: to the slot if the same task is
///    (still, or again) in it with something borrowed, else to the task's count, where by then it must
///    be. Borrowed references of one task are all alike, so it does not matter whose it is.
///
/// The ticking thread never waits, though each reader may cost it a turn. Readers wait if 7 others are
/// in steps 2 and 3 at once.
///
/// Source: the split reference counts of A. Williams, *C++ Concurrency in Action*, section 7.2.4.
pub(crate) struct CurrentTask(AtomicPtr<Header>);

/// The low bits of the address, which `Header`'s alignment leaves free.
const BORROWED: usize = mem::align_of::<Header>() - 1;

/// Empties the slot, also if the poll panics.
///
/// # Invariants
///
/// The task is being run, which keeps it.
struct Leave<'a> {
    slot: &'a CurrentTask,
    task: ptr::NonNull<Header>,
}

// === impl CurrentTask ===

impl CurrentTask {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self(AtomicPtr::new(ptr::null_mut()))
        }
    }

    /// Calls `f` with `task` in the slot. One thread at a time may do so: the consumer of the run
    /// queue.
    ///
    /// # Safety
    ///
    /// The header is that of a spawned task, which the caller runs, and goes on to run until this has
    /// returned or unwound.
    #[inline]
    pub(crate) unsafe fn with<R>(&self, task: ptr::NonNull<Header>, f: impl FnOnce() -> R) -> R {
        debug_assert!(
            self.0.load(Relaxed).is_null(),
            "one task at a time is current"
        );
        // Release: pairs with the acquire in `get`, which goes on to use the task.
        self.0.store(task.as_ptr(), Release);
        let _leave = Leave { slot: self, task };
        f()
    }

    /// Puts a task in the slot that is never freed, whatever was there of that kind.
    #[inline(always)]
    pub(crate) fn show(&self, task: ptr::NonNull<Header>) {
        // Release: pairs with the acquire in `get`, which goes on to use the task. What is borrowed of a
        // resident nobody has to count.
        self.0.store(task.as_ptr(), Release);
    }

    /// Empties the slot of a task that is never freed.
    #[inline(always)]
    pub(crate) fn hide(&self) {
        self.0.store(ptr::null_mut(), Relaxed);
    }

    /// Whether the task is in the slot. A glance.
    pub(crate) fn is(&self, task: ptr::NonNull<Header>) -> bool {
        address(self.0.load(Relaxed)) == task.as_ptr()
    }

    /// Returns a reference to the task in the slot.
    pub(crate) fn get(&self) -> Option<TaskRef> {
        let task = self.borrow()?;
        // SAFETY: the borrowed reference keeps the task alive: the ticking thread does not give up
        // its own before it has counted what is borrowed. Here it becomes an ordinary one, ...
        let task = unsafe { TaskRef::from_ptr(task) };
        let counted = task.clone();
        // ... and this takes it back.
        if self.give_back(&task) {
            mem::forget(task);
        }
        Some(counted)
    }

    /// Borrows a reference from the slot.
    fn borrow(&self) -> Option<ptr::NonNull<Header>> {
        let mut current = self.0.load(Relaxed);
        loop {
            let task = ptr::NonNull::new(address(current))?;
            if borrowed(current) == BORROWED {
                hint::spin_loop();
                current = self.0.load(Relaxed);
                continue;
            }
            // Acquire: pairs with the store in `with`.
            match self.0.compare_exchange_weak(
                current,
                current.wrapping_byte_add(1),
                Acquire,
                Relaxed,
            ) {
                Ok(_) => return Some(task),
                Err(actual) => current = actual,
            }
        }
    }

    /// Returns a borrowed reference to the slot. False if it is not there any more, and the
    /// ticking thread has counted it.
    fn give_back(&self, task: &TaskRef) -> bool {
        // Acquire, here and on failure: pairs with the exchange in `Leave`. If that came first, its
        // counting comes before what the caller drops.
        let mut current = self.0.load(Acquire);
        loop {
            if address(current) != task.ptr().as_ptr() || borrowed(current) == 0 {
                return false;
            }
            // Release: pairs with the exchange in `Leave`, so that the reference counted before is in
            // the task's count when the ticking thread drops its own.
            match self.0.compare_exchange_weak(
                current,
                current.wrapping_byte_sub(1),
                Release,
                Acquire,
            ) {
                Ok(_) => return true,
                Err(actual) => current = actual,
            }
        }
    }
}

impl fmt::Debug for CurrentTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

// === impl Leave ===

impl Drop for Leave<'_> {
    #[inline]
    fn drop(&mut self) {
        let task = self.task.as_ptr();
        if let Err(current) = self.try_empty(task) {
            self.count_borrowed(current);
        }
    }
}

impl Leave<'_> {
    /// Empties the slot if it is `current`, or says what it is.
    #[inline]
    fn try_empty(&self, current: *mut Header) -> Result<*mut Header, *mut Header> {
        let slot = &self.slot.0;
        // Acquire: pairs with the release of `give_back`. Release: pairs with its acquire.
        slot.compare_exchange(current, ptr::null_mut(), AcqRel, Acquire)
    }

    /// Empties the slot, from which readers have borrowed.
    #[cold]
    fn count_borrowed(&self, mut current: *mut Header) {
        let mut counted = 0;
        loop {
            if let Some(more) = borrowed(current).checked_sub(counted) {
                // SAFETY: by the invariant.
                unsafe { self.task.as_ref() }.state.add_refs(more);
                counted += more;
            }
            match self.try_empty(current) {
                Ok(_) => break,
                Err(actual) => current = actual,
            }
        }
        // Some were given back to the slot after all. The reference of this thread is still there.
        for _ in borrowed(current)..counted {
            // SAFETY: it was counted above, and nobody else accounts for it.
            drop(unsafe { TaskRef::from_ptr(self.task) });
        }
    }
}

fn address(slot: *mut Header) -> *mut Header {
    slot.map_addr(|address| address & !BORROWED)
}

fn borrowed(slot: *mut Header) -> usize {
    slot.addr() & BORROWED
}
