use core::{pin::Pin, ptr::NonNull};

#[cfg(feature = "alloc")]
use alloc::boxed::Box;

use super::pointer::Pointer;

/// A handle that alone owns a pinned node, by its type: what [`linked!`](crate::linked!) takes.
///
/// # Safety
///
/// Points 1 and 5 of [`Linked`](crate::Linked#safety)'s contract, for every type `T` that is not
/// `Unpin`, whatever safe code does:
///
/// - As long as the handle lives nobody has another handle of its node, or a reference that is not
///   borrowed from it. The node is pinned, and valid for all accesses.
/// - [`Pointer`]'s functions do not panic and keep the node where it is. In between it is not freed.
/// - If `T: Send`, the handle is, too.
#[diagnostic::on_unimplemented(
    message = "`linked!` needs a handle that alone owns its `{T}`, and `{Self}` is none",
    label = "does not own its node alone",
    note = "such handles are `Pin<Box<{T}>>` (feature `alloc`) and `Pin<&'static mut {T}>`",
    note = "for another one, write the `unsafe impl Linked` and `linked!` in it: its contract says \
            what that promises"
)]
pub unsafe trait Owner<T>: Pointer<T> + Sized {
    /// [`Pointer::into_ptr`], of an owner only.
    #[inline]
    fn into_ptr(self) -> NonNull<T> {
        Pointer::into_ptr(self)
    }

    /// [`Pointer::from_ptr`], of an owner only.
    ///
    /// # Safety
    ///
    /// As there.
    #[inline]
    unsafe fn from_ptr(ptr: NonNull<T>) -> Self {
        // SAFETY: the caller's promise is the same.
        unsafe { Pointer::from_ptr(ptr) }
    }
}

// SAFETY: a box is the only owner of its node. Nobody gets it out of the pin, since `T: !Unpin`.
// `Box<T>` is `Send` if `T` is.
#[cfg(feature = "alloc")]
unsafe impl<T> Owner<T> for Pin<Box<T>> {}

// SAFETY: an exclusive reference is the only way to its node, here for good. Nobody gets it out of
// the pin, since `T: !Unpin`. `&mut T` is `Send` if `T` is.
unsafe impl<T> Owner<T> for Pin<&'static mut T> {}

/// Pins a node that is exclusively borrowed for good, for a [`linked!`](crate::linked!) without a
/// heap.
///
/// Crates such as `static_cell` give out `&'static mut` to a static, once.
///
/// # Examples
///
/// ```
/// use std::{pin::Pin, sync::Mutex};
/// use pintle_intrusive::{List, linked, list, pin_static};
///
/// #[derive(Default)]
/// struct Job {
///     links: list::Links<Job>,
///     number: u32,
/// }
///
/// linked!(Job { links: list::Links<Self> } as Pin<&'static mut Self>);
///
/// static JOBS: Mutex<List<Job>> = Mutex::new(List::new());
///
/// # fn allocated_once(job: Job) -> &'static mut Job { Box::leak(Box::new(job)) }
/// let job: &'static mut Job = allocated_once(Job::default());
/// JOBS.lock().unwrap().push_back(pin_static(job));
/// ```
#[inline]
#[must_use]
pub fn pin_static<T: ?Sized>(node: &'static mut T) -> Pin<&'static mut T> {
    // SAFETY: the node is borrowed for good, so nobody will ever move it, or take its place for
    // something else without dropping it.
    unsafe { Pin::new_unchecked(node) }
}
