use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{Wait, WaitCell, register::Registered};

/// The future of [`WaitCell::subscribe`]: registers the task that polls it and gives the [`Wait`].
///
/// It completes on the first poll, unless another thread is using the cell's slot at that moment.
/// On a woken or closed cell it completes too: the [`Wait`] will say so.
///
/// # Cancellation
///
/// Dropping it loses nothing. Polled again after it has completed it registers again.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Subscribe<'a> {
    cell: &'a WaitCell,
}

// === impl Subscribe ===

impl<'a> Subscribe<'a> {
    pub(super) fn new(cell: &'a WaitCell) -> Self {
        Self { cell }
    }
}

impl<'a> Future for Subscribe<'a> {
    type Output = Wait<'a>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.cell.register(cx.waker()) {
            Registered::Waiting | Registered::Woken | Registered::Closed => {
                Poll::Ready(Wait::new(self.cell))
            }
            Registered::Busy => {
                WaitCell::poll_again(cx);
                Poll::Pending
            }
        }
    }
}
