use core::fmt;

use super::{CursorMut, Links, List};
use crate::Linked;

/// Takes out of a [`List`] the nodes a predicate chooses: see [`List::drain_filter`].
pub struct DrainFilter<'list, T, F>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T>> + ?Sized,
{
    cursor: CursorMut<'list, T>,
    pred: F,
}

// === impl DrainFilter ===

impl<'list, T, F> DrainFilter<'list, T, F>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T>> + ?Sized,
{
    pub(super) fn new(list: &'list mut List<T>, pred: F) -> Self {
        Self {
            cursor: list.cursor_front_mut(),
            pred,
        }
    }
}

impl<T, F> Iterator for DrainFilter<'_, T, F>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T>> + ?Sized,
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

impl<T, F> core::iter::FusedIterator for DrainFilter<'_, T, F>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T>> + ?Sized,
{
}

impl<T, F> fmt::Debug for DrainFilter<'_, T, F>
where
    F: FnMut(&T) -> bool,
    T: Linked<Links<T>> + ?Sized,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainFilter")
            .field("cursor", &self.cursor)
            .finish_non_exhaustive()
    }
}
