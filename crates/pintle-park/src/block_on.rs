use crate::Park;
use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

#[cfg(test)]
mod tests;

/// Runs a future on the calling thread or core, which sleeps by `park` while the future waits.
///
/// It polls once at the beginning and once after each [`Park::park`]: for each token, and for each
/// return without one. It has one waker for all polls, and allocates nothing but what the conversion
/// into it does. (A [`Parker`](crate::Parker)'s waker is another count of its `Arc`, or a pointer to
/// its `static`.) Wake-ups that come while it polls count as one.
///
/// A token that is there at the end, or that a waker kept by somebody else leaves later, costs the next
/// use of `park` one poll too many.
///
/// # Contexts
///
/// It blocks: not for an interrupt handler, a critical section, or a task of an executor.
///
/// A `park` has one token, so a `block_on` within another one, or within a task that the same thread
/// polls, needs a `park` of its own: it would take the token that the outer one waits for.
///
/// # Panics
///
/// When the future does, or `park`. The future is dropped then, before the panic goes on to the
/// caller, and `park` can be used again.
///
/// # Examples
///
/// A thread waits for another one:
///
/// ```
/// # #[cfg(all(not(loom), any(target_os = "linux", feature = "std")))] {
/// use core::sync::atomic::{AtomicBool, Ordering::*};
/// use core::{future::poll_fn, task::Poll};
/// use pintle_park::{Parker, Token, block_on};
///
/// static TOKEN: Token = Token::new();
/// let parker = Parker::claim(&TOKEN).unwrap();
///
/// static DONE: AtomicBool = AtomicBool::new(false);
/// let mut thread = None;
/// let answer = block_on(&parker, poll_fn(|context| {
///     if DONE.load(Acquire) {
///         return Poll::Ready(42);
///     }
///     let waker = context.waker().clone();
///     thread.get_or_insert_with(|| std::thread::spawn(|| {
///         DONE.store(true, Release);
///         waker.wake();
///     }));
///     Poll::Pending
/// }));
/// assert_eq!(answer, 42);
/// thread.unwrap().join().unwrap();
/// # }
/// ```
///
/// On bare metal `park` is `wfi`, `hlt` or the like: see [`Park`].
pub fn block_on<P, F>(park: &P, future: F) -> F::Output
where
    P: Park + ?Sized,
    P::Unparker: Into<Waker>,
    F: Future,
{
    let waker = park.unparker().into();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => park.park(),
        }
    }
}
