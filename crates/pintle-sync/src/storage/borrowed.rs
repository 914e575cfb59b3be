use core::{marker::PhantomData, ops::Deref, ptr::NonNull};

/// A `&'a C` whose type may be named without `C: 'a`, as a generic associated type has to.
///
/// # Invariants
///
/// `shared` was made of a `&'a C`.
#[derive(Debug)]
pub struct Borrowed<'a, C: ?Sized> {
    shared: NonNull<C>,
    _lifetime: PhantomData<&'a ()>,
}

// === impl Borrowed ===

impl<'a, C: ?Sized> Borrowed<'a, C> {
    #[inline(always)]
    pub(crate) fn new(shared: &'a C) -> Self {
        Self {
            shared: NonNull::from(shared),
            _lifetime: PhantomData,
        }
    }
}

impl<C: ?Sized> Deref for Borrowed<'_, C> {
    type Target = C;

    #[inline(always)]
    fn deref(&self) -> &C {
        // SAFETY: it was a reference for the lifetime that this type carries (the invariant), and
        // the result is borrowed from `self`, which does not outlive that.
        unsafe { self.shared.as_ref() }
    }
}

impl<C: ?Sized> Clone for Borrowed<'_, C> {
    #[inline(always)]
    fn clone(&self) -> Self {
        Self {
            shared: self.shared,
            _lifetime: PhantomData,
        }
    }
}

// SAFETY: it is a shared reference (the invariant), and a `&C` is `Send` if `C` is `Sync`.
unsafe impl<C: Sync + ?Sized> Send for Borrowed<'_, C> {}

// SAFETY: as for `Send`: a `&C` is `Sync` if `C` is.
unsafe impl<C: Sync + ?Sized> Sync for Borrowed<'_, C> {}
