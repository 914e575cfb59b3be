//! Where no handler runs in the middle of a thread.

#[inline]
pub(crate) fn uninterrupted<R>(f: impl FnOnce() -> R) -> R {
    f()
}
