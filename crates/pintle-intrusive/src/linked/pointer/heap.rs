use alloc::{boxed::Box, rc::Rc};
use core::{pin::Pin, ptr::NonNull};

#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;

use super::Pointer;

impl<T: ?Sized> Pointer<T> for Pin<Box<T>> {
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

macro_rules! counted {
    ($count:ident) => {
        impl<T: ?Sized> Pointer<T> for $count<T> {
            #[inline]
            fn into_ptr(self) -> NonNull<T> {
                let node = $count::into_raw(self).cast_mut();
                // SAFETY: what is counted is not at null.
                unsafe { NonNull::new_unchecked(node) }
            }

            #[inline]
            unsafe fn from_ptr(ptr: NonNull<T>) -> Self {
                // SAFETY: the pointer is from `into_ptr`, says the caller, with the share it had.
                unsafe { $count::from_raw(ptr.as_ptr()) }
            }
        }

        impl<T: ?Sized> Pointer<T> for Pin<$count<T>> {
            #[inline]
            fn into_ptr(self) -> NonNull<T> {
                // SAFETY: the node is not moved.
                Pointer::into_ptr(unsafe { Pin::into_inner_unchecked(self) })
            }

            #[inline]
            unsafe fn from_ptr(ptr: NonNull<T>) -> Self {
                // SAFETY: the caller's promise is the same.
                let node = unsafe { <$count<T> as Pointer<T>>::from_ptr(ptr) };
                // SAFETY: it was pinned before.
                unsafe { Pin::new_unchecked(node) }
            }
        }
    };
}

counted!(Rc);
#[cfg(target_has_atomic = "ptr")]
counted!(Arc);
