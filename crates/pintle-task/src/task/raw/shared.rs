use super::Task;
use crate::{
    scheduler::Schedule,
    task::{Storage, header::Header, run::Runnable, waker},
};
use core::{
    future::Future,
    marker::PhantomData,
    ptr::NonNull,
    task::{Context, Poll, RawWakerVTable},
};

/// How to run a task that is not local.
pub(super) struct Shared<S, F, STO>(PhantomData<(S, F, STO)>);

// SAFETY: these are the wakers of tasks that are not local.
unsafe impl<S, F, STO> Runnable for Shared<S, F, STO>
where
    S: Schedule + 'static,
    F: Future,
    STO: Storage<S, F>,
{
    const IS_LOCAL: bool = false;
    const WAKER: &'static RawWakerVTable = &waker::SHARED;

    #[inline]
    unsafe fn poll(task: NonNull<Header>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: the contract is the same.
        unsafe { Task::<S, F, STO>::poll(task, cx) }
    }

    unsafe fn clear(task: NonNull<Header>) {
        // SAFETY: the contract is the same.
        unsafe { Task::<S, F, STO>::clear(task) };
    }

    unsafe fn release(_: NonNull<Header>) {}
}
