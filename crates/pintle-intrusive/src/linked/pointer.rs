use core::{pin::Pin, ptr::NonNull};

#[cfg(feature = "alloc")]
mod heap;

/// A handle of which [`linked!`](crate::linked!) knows how it becomes a pointer, and what it was again.
///
/// That is all it says: of whose node it is, see [`Owner`](super::owner::Owner).
#[diagnostic::on_unimplemented(
    message = "`linked!` does not know how to make a pointer of a `{Self}`",
    label = "is no pointer to `{T}` that `linked!` knows",
    note = "it knows `NonNull`, and pinned or not `&'static` and `Arc` and `Rc` (feature `alloc`); pinned \
            only, `Box` (feature `alloc`) and `&'static mut`",
    note = "for another one, write the functions of `Linked` by hand"
)]
pub trait Pointer<T: ?Sized> {
    /// Gives up the handle for a pointer to its node.
    fn into_ptr(self) -> NonNull<T>;

    /// Makes the handle again.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by `into_ptr`, and has not been passed to `from_ptr` since.
    unsafe fn from_ptr(ptr: NonNull<T>) -> Self;
}

impl<T: ?Sized> Pointer<T> for NonNull<T> {
    #[inline]
    fn into_ptr(self) -> NonNull<T> {
        self
    }

    #[inline]
    unsafe fn from_ptr(ptr: NonNull<T>) -> Self {
        ptr
    }
}

impl<T: ?Sized> Pointer<T> for &'static T {
    #[inline]
    fn into_ptr(self) -> NonNull<T> {
        NonNull::from(self)
    }

    #[inline]
    unsafe fn from_ptr(ptr: NonNull<T>) -> Self {
        // SAFETY: the pointer is from `into_ptr`, says the caller, so from such a reference.
        unsafe { ptr.as_ref() }
    }
}

impl<T: ?Sized> Pointer<T> for Pin<&'static T> {
    #[inline]
    fn into_ptr(self) -> NonNull<T> {
        NonNull::from(self.get_ref())
    }

    #[inline]
    unsafe fn from_ptr(ptr: NonNull<T>) -> Self {
        // SAFETY: the pointer is from `into_ptr`, says the caller, so from such a reference.
        let node = unsafe { ptr.as_ref() };
        Pin::static_ref(node)
    }
}

impl<T: ?Sized> Pointer<T> for Pin<&'static mut T> {
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
