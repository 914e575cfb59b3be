use super::{Links, MpscQueue, links};
use crate::Linked;

// === impl MpscQueue ===

impl<T: Linked<Links<T, N>>, N: ?Sized> Drop for MpscQueue<T, N> {
    /// Drops the elements' handles, from the first to the last, and the stub's unless it is
    /// static; if one panics, the others all the same.
    fn drop(&mut self) {
        struct Rest<'a, T: Linked<Links<T, N>>, N: ?Sized>(&'a mut MpscQueue<T, N>);

        impl<T: Linked<Links<T, N>>, N: ?Sized> Rest<'_, T, N> {
            fn drop_elements(&mut self) {
                // Never inconsistent: no producer is left that could be in the middle.
                // SAFETY: the queue is exclusively borrowed.
                while let Ok(element) = unsafe { self.0.try_dequeue_unchecked() } {
                    drop(element);
                }
            }
        }

        impl<T: Linked<Links<T, N>>, N: ?Sized> Drop for Rest<'_, T, N> {
            fn drop(&mut self) {
                self.drop_elements();
                if !self.0.consumer.stub_is_static {
                    let stub = self.0.consumer.stub;
                    // SAFETY: the stub is live.
                    unsafe { links(stub) }.set_unlinked();
                    // SAFETY: the stub came from a handle, and the queue is not used any more.
                    drop(unsafe { T::from_ptr(stub) });
                }
            }
        }

        Rest(self).drop_elements();
    }
}
