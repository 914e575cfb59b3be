use core::{convert::Infallible, marker::PhantomData, ops::Deref};

/// The handle of a shared part on a heap that this build has not: there is no value of it.
#[derive(Debug)]
pub struct Nowhere<C: ?Sized> {
    never: Infallible,
    _shared: PhantomData<C>,
}

// === impl Nowhere ===

impl<C: ?Sized> Deref for Nowhere<C> {
    type Target = C;

    fn deref(&self) -> &C {
        match self.never {}
    }
}

impl<C: ?Sized> Clone for Nowhere<C> {
    fn clone(&self) -> Self {
        match self.never {}
    }
}
