use core::{pin::Pin, ptr::NonNull};

#[cfg(feature = "alloc")]
use alloc::boxed::Box;

/// A handle that alone owns a pinned node, by its type: what [`linked!`](crate::linked!) takes.
///
/// # Safety
///
/// Points 1 and 5 of [`Linked`](crate::Linked#safety)'s contract, for every type `T` that is not
/// `Unpin`, whatever safe code does:
///
/// - As long as the handle lives nobody has another handle of its node, or a reference that is not
///   borrowed from it. The node is pinned, and valid for all accesses.
/// - `into_ptr` and `from_ptr` do not panic and keep the node where it is. In between it is not
///   freed.
/// - If `T: Send`, the handle is, too.
#[diagnostic::on_unimplemented(
    message = "`linked!` needs a handle that alone owns its `{T}`, and `{Self}` is none",
    label = "does not own its node alone",
    note = "such handles are `Pin<Box<{T}>>` (feature `alloc`) and `Pin<&'static mut {T}>`",
    note = "for another one, implement `Linked` by hand: its contract says what that promises"
)]
pub unsafe trait Owner<T> {
    /// Gives up the handle for a pointer to its node.
    fn into_ptr(self) -> NonNull<T>;

    /// Makes the handle again.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by `into_ptr`, and has not been passed to `from_ptr` since.
    unsafe fn from_ptr(ptr: NonNull<T>) -> Self;
}

// SAFETY: a box is the only owner of its node. Nobody gets it out of the pin, since `T: !Unpin`.
// `Box<T>` is `Send` if `T` is.
#[cfg(feature = "alloc")]
unsafe impl<T> Owner<T> for Pin<Box<T>> {
    #[inline]
    fn into_ptr(self) -> NonNull<T> {
        // SAFETY: the node is not moved.
        let node = Box::into_raw(unsafe { Pin::into_inner_unchecked(self) });
        // SAFETY: a box is not at null.
        unsafe { NonNull::new_unchecked(node) }
    }

    #[inline]
    unsafe fn from_ptr(ptr: NonNull<T>) -> Self {
        // SAFETY: the pointer is from `into_ptr`, says the caller, so from a box.
        let node = unsafe { Box::from_raw(ptr.as_ptr()) };
        Box::into_pin(node)
    }
}

// SAFETY: an exclusive reference is the only way to its node, here for good. Nobody gets it out of
// the pin, since `T: !Unpin`. `&mut T` is `Send` if `T` is.
unsafe impl<T> Owner<T> for Pin<&'static mut T> {
    #[inline]
    fn into_ptr(self) -> NonNull<T> {
        // SAFETY: the node is not moved.
        NonNull::from(unsafe { Pin::into_inner_unchecked(self) })
    }

    #[inline]
    unsafe fn from_ptr(mut ptr: NonNull<T>) -> Self {
        // SAFETY: the pointer is from `into_ptr`, says the caller, so from such a reference, whose
        // exclusive access the caller gives back.
        let node = unsafe { ptr.as_mut() };
        // SAFETY: it was pinned before.
        unsafe { Pin::new_unchecked(node) }
    }
}

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
