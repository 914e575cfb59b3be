//! An owned value that readers load and writers replace.

use crate::scope::{RcuGuard, global};
use core::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ptr::{self, NonNull},
};
use pintle_core::atomic::{
    AtomicPtr,
    Ordering::{AcqRel, Acquire},
};
use std::boxed::Box;

/// A value on the heap that threads read in sections of the [global domain](global), and replace.
///
/// One pointer in size. A load is the load of that pointer: no count, no lock, and no wait.
///
/// # Invariants
///
/// `pointer` comes from `Box::into_raw`, and the box is the cell's. When it is replaced the box becomes that
/// of a [`Retired`], which frees it no earlier than a grace period later.
///
/// # Examples
///
/// ```
/// use pintle_rcu::{RcuCell, global};
///
/// let cell = RcuCell::new(String::from("old"));
/// {
///     let guard = global().enter();
///     assert_eq!(cell.load(&guard), "old");
/// }
/// let old = cell.replace(String::from("new")).synchronize();
/// assert_eq!(*old, "old");
/// ```
///
/// What is loaded does not outlive the guard:
///
/// ```compile_fail,E0505
/// use pintle_rcu::{RcuCell, global};
///
/// let cell = RcuCell::new(1);
/// let guard = global().enter();
/// let value = cell.load(&guard);
/// drop(guard);
/// println!("{value}");
/// ```
pub struct RcuCell<T> {
    pointer: AtomicPtr<T>,
    _owns: PhantomData<*mut T>,
}

// SAFETY: a cell is a box: to send it is to send the value.
unsafe impl<T: Send> Send for RcuCell<T> {}
// SAFETY: through a shared cell threads get `&T` at the same time (`T: Sync`), and one thread puts a
// value in that another takes out or drops (`T: Send`).
unsafe impl<T: Send + Sync> Sync for RcuCell<T> {}

/// A value that was taken out of an [`RcuCell`] and that readers may still be looking at.
///
/// [`synchronize`](Self::synchronize) waits for them and gives the value. Dropping it does the same and
/// drops the value; in a read section, where waiting is impossible, it leaks the value instead.
#[must_use = "dropping it waits for a grace period; `synchronize` does so openly"]
pub struct Retired<T> {
    /// From `Box::into_raw`, and ours. Not a `Box`, since readers hold references to the value.
    pointer: NonNull<T>,
}

// SAFETY: it hands the value out, or drops it, in the thread it was sent to. That readers may look at the
// value meanwhile was allowed by the cell's `Sync`.
unsafe impl<T: Send> Send for Retired<T> {}
// SAFETY: `&Retired` gives no access to the value.
unsafe impl<T> Sync for Retired<T> {}

// === impl RcuCell ===

impl<T> RcuCell<T> {
    /// Puts `value` on the heap.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self {
            pointer: AtomicPtr::new(Box::into_raw(Box::new(value))),
            _owns: PhantomData,
        }
    }

    /// The current value, for as long as the section lasts.
    ///
    /// It does not change under the reader's hands; the next load may give another one. What was written
    /// before the `replace` that put it there is visible.
    #[inline]
    pub fn load<'g>(&'g self, guard: &'g RcuGuard) -> &'g T {
        let _ = guard;
        // Acquire pairs with the Release in `replace`: the value is seen initialised.
        let pointer = self.pointer.load(Acquire);
        // SAFETY: by the invariant it points to a value that is freed no earlier than a grace period
        // after it has been replaced, or with the cell. The first cannot be before the section ends,
        // which `guard` keeps open for 'g, the second not before 'g ends, as the cell is borrowed.
        unsafe { &*pointer }
    }

    /// Puts `value` in the place of the current one, which readers may be looking at until a grace period
    /// has passed.
    ///
    /// Does not wait, and may be called within a section. Allocates.
    pub fn replace(&self, value: T) -> Retired<T> {
        let new = Box::into_raw(Box::new(value));
        // Release pairs with the Acquire in `load`; Acquire with the Release of the replace that has put
        // the old value there, which we are going to own.
        let old = self.pointer.swap(new, AcqRel);
        Retired {
            // SAFETY: by the invariant it comes from a box, and that is not null.
            pointer: unsafe { NonNull::new_unchecked(old) },
        }
    }

    /// The value, without a section: nobody else has access.
    pub fn get_mut(&mut self) -> &mut T {
        let pointer = self.pointer_mut();
        // SAFETY: by the invariant it points to a value, and `&mut self` says that nobody else does.
        unsafe { &mut *pointer }
    }

    /// Takes the value out of the cell. Does not wait: nobody else has access.
    pub fn into_inner(self) -> T {
        let mut cell = ManuallyDrop::new(self);
        let pointer = cell.pointer_mut();
        // SAFETY: by the invariant it comes from `Box::into_raw`, and the cell is not dropped.
        *unsafe { Box::from_raw(pointer) }
    }

    fn pointer_mut(&mut self) -> *mut T {
        *self.pointer.get_mut()
    }
}

impl<T> Drop for RcuCell<T> {
    fn drop(&mut self) {
        let pointer = self.pointer_mut();
        // SAFETY: by the invariant it comes from `Box::into_raw`. Nobody has access: what was loaded from
        // the cell has borrowed it.
        drop(unsafe { Box::from_raw(pointer) });
    }
}

impl<T> From<T> for RcuCell<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Default> Default for RcuCell<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for RcuCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guard = global().enter();
        f.debug_tuple("RcuCell").field(self.load(&guard)).finish()
    }
}

// === impl Retired ===

impl<T> Retired<T> {
    /// Waits until no reader can be looking at the value, and gives it.
    ///
    /// As [`RcuDomain::synchronize_blocking`](crate::RcuDomain::synchronize_blocking), which says what it
    /// costs.
    ///
    /// # Panics
    ///
    /// If this thread is in a section: it would wait for itself. The value is leaked then.
    #[track_caller]
    pub fn synchronize(self) -> Box<T> {
        global().synchronize_blocking();
        let this = ManuallyDrop::new(self);
        // SAFETY: it is ours and comes from `Box::into_raw`. A grace period has passed since it was taken
        // out of the cell, so no reader has a reference any more.
        unsafe { Box::from_raw(this.pointer.as_ptr()) }
    }
}

impl<T> Drop for Retired<T> {
    fn drop(&mut self) {
        if global().is_inside() {
            return;
        }
        let taken = Self {
            pointer: self.pointer,
        };
        drop(taken.synchronize());
    }
}

impl<T> fmt::Debug for Retired<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Retired")
            .field(&ptr::from_ref(self))
            .finish()
    }
}
