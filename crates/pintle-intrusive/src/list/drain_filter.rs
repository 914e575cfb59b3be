use core::fmt;

use super::{CursorMut, Links, List};
use crate::Linked;

/// Takes out of a [`List`] the nodes a predicate chooses: see [`List::drain_filter`].
pub struct DrainFilter<'list, T, F, N = ()>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T, N>> + ?Sized,
    N: ?Sized,
{
    cursor: CursorMut<'list, T, N>,
    pred: F,
}

// === impl DrainFilter ===

impl<'list, T, F, N: ?Sized> DrainFilter<'list, T, F, N>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T, N>> + ?Sized,
{
    pub(super) fn new(list: &'list mut List<T, N>, pred: F) -> Self {
        Self {
            cursor: list.cursor_front_mut(),
            pred,
        }
    }
}

impl<T, F, N: ?Sized> Iterator for DrainFilter<'_, T, F, N>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T, N>> + ?Sized,
{
    type Item = T::Handle;

    fn next(&mut self) -> Option<Self::Item> {
        self.cursor.remove_first(&mut self.pred)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.cursor.len() - self.cursor.index().unwrap_or(self.cursor.len());
        (0, Some(left))
    }
}

impl<T, F, N: ?Sized> core::iter::FusedIterator for DrainFilter<'_, T, F, N>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T, N>> + ?Sized,
{
}

impl<T, F, N: ?Sized> fmt::Debug for DrainFilter<'_, T, F, N>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T, N>> + ?Sized,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainFilter")
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}
