use core::{fmt, marker::PhantomData};

/// What stands for one locking of an [`IntoLockApi`](super::IntoLockApi): nothing but its marker,
/// which says whether another thread may unlock. It has no size.
pub struct Held<Marker> {
    marker: PhantomData<Marker>,
}

// SAFETY: there is nothing in it and nothing to call on it, so a shared one does no harm; whether it
// may be *sent* is up to the marker.
unsafe impl<Marker> Sync for Held<Marker> {}

// === impl Held ===

impl<Marker> Held<Marker> {
    #[inline]
    pub(super) const fn new() -> Self {
        Self {
            marker: PhantomData,
        }
    }
}

impl<Marker> fmt::Debug for Held<Marker> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}
