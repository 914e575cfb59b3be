use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tracing::Span;

/// A future, which is polled within its span. The span is closed after the future is dropped.
///
/// # Invariants
///
/// The future is pinned if this is, and the span is not.
pub(crate) struct Traced<F> {
    future: F,
    span: Span,
}

/// A future without a span as yet.
pub(crate) const fn traced<F>(future: F) -> Traced<F> {
    Traced {
        future,
        span: Span::none(),
    }
}

// === impl Traced ===

impl<F> Traced<F> {
    pub(crate) fn set_span(&mut self, span: Span) {
        self.span = span;
    }
}

impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the future is not moved out of it.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: it is pinned, by the invariant.
        let future = unsafe { Pin::new_unchecked(&mut this.future) };
        let _within = this.span.enter();
        future.poll(cx)
    }
}
