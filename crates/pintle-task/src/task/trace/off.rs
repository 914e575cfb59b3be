//! Nothing is told.

use core::{marker::PhantomData, panic::Location};

/// What is known of a task when it is spawned: nothing.
#[derive(Clone, Copy)]
pub(crate) struct About<'a>(PhantomData<&'a ()>);

/// A future is told nothing about.
pub(crate) type Traced<F> = F;

pub(crate) const fn traced<F>(future: F) -> Traced<F> {
    future
}

/// The functions of a waker, as they are.
macro_rules! waker_vtable {
    ($clone:path, $wake:path, $wake_by_ref:path, $drop:path) => {
        ::core::task::RawWakerVTable::new($clone, $wake, $wake_by_ref, $drop)
    };
}

pub(crate) use waker_vtable;

// === impl About ===

impl<'a> About<'a> {
    #[inline(always)]
    pub(crate) fn here() -> Self {
        Self(PhantomData)
    }

    #[inline(always)]
    pub(crate) fn new(
        _: Option<&'a str>,
        _: Option<&'static str>,
        _: Option<Location<'a>>,
    ) -> Self {
        Self::here()
    }

    #[inline(always)]
    pub(crate) fn local(self) -> Self {
        self
    }
}
