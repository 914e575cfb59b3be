use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::{PollWaitError, WaitCell};
use crate::Closed;

/// The future of [`WaitCell::wait`].
///
/// It refers to the cell and holds nothing of its own, so it is [`Unpin`], and several of them on
/// one cell compete for its one slot.
///
/// # Cancellation
///
/// Dropping it loses no wake-up. Polled again after it has completed it waits for the next wake-up,
/// so `(&mut wait).await` may be repeated; once it has given [`Closed`] it always will.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Wait<'a> {
    cell: &'a WaitCell,
}

// === impl Wait ===

impl<'a> Wait<'a> {
    pub(super) fn new(cell: &'a WaitCell) -> Self {
        Self { cell }
    }
}

impl Future for Wait<'_> {
    type Output = Result<(), Closed>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.cell.poll_wait(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Ready(Err(PollWaitError::Closed)) => Poll::Ready(Err(Closed)),
            Poll::Ready(Err(PollWaitError::Busy)) => {
                WaitCell::poll_again(cx);
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }
}
