use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use pintle_park::Park;

/// Runs a future on the calling thread or core, which sleeps by `park` while the future waits.
///
/// It is how a worker is driven, too: `block_on(&parker, worker.run())`.
///
/// # Contexts
///
/// It blocks: not for an interrupt handler, a critical section, or a task.
///
/// # Panics
///
/// When the future does.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "std")] {
/// use pintle_park::Parker;
/// use pintle_task::{future::block_on, scheduler::StealingScheduler};
///
/// let scheduler = StealingScheduler::new(2);
/// std::thread::scope(|scope| {
///     for _ in 0..2 {
///         scope.spawn(|| {
///             let mut worker = scheduler.worker().expect("there are two");
///             block_on(&Parker::new(), worker.run());
///         });
///     }
///     let handle = scheduler.spawn(async { 6 * 7 });
///     assert_eq!(block_on(&Parker::new(), handle), Ok(42));
///     scheduler.close();
/// });
/// # }
/// ```
pub fn block_on<P, F>(park: &P, future: F) -> F::Output
where
    P: Park,
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
