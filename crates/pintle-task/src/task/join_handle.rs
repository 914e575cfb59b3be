use super::{
    AbortHandle, JoinError, TaskId, TaskRef, TaskStatus,
    header::Header,
    join,
    stage::{Left, Place},
    state::{Join, StateCell},
};
use core::{
    fmt,
    future::Future,
    marker::PhantomData,
    mem::ManuallyDrop,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

/// Waits for a spawned task, as a future of its output.
///
/// Dropping the handle detaches the task: it goes on, and its output is dropped. [`cancel`] ends it.
///
/// # Output
///
/// `Ok` with what the task's future returned, or a [`JoinError`] if the task was cancelled or
/// panicked. Without `std` a panic is not caught by the scheduler, but unwinds out of its `tick`;
/// the task is completed first, so the handle gets its error all the same.
///
/// # Panics
///
/// Polling it again after it has returned `Ready` panics.
///
/// # Cancellation
///
/// Awaiting `&mut handle` is cancel safe: nothing is lost when that future is dropped.
///
/// # Contexts
///
/// The methods may be called anywhere; [`cancel`] and drop as
/// [`TaskRef` says](TaskRef#contexts). Dropping the handle of a complete task drops its output.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use core::{future::Future, pin::pin};
/// use pintle_task::{scheduler::Scheduler, task::{Context, Poll, Waker}};
///
/// let scheduler = Scheduler::new();
/// let mut task = pin!(scheduler.spawn(async { 6 * 7 }));
/// scheduler.tick();
/// let mut cx = Context::from_waker(Waker::noop());
/// assert_eq!(task.as_mut().poll(&mut cx), Poll::Ready(Ok(42)));
/// # }
/// ```
///
/// An output that must stay on its thread keeps its handle there:
///
/// ```compile_fail,E0277
/// fn send<T: Send>() {}
/// send::<pintle_task::task::JoinHandle<std::rc::Rc<()>>>();
/// ```
///
/// [`cancel`]: Self::cancel
///
/// # Invariants
///
/// The task's output is a `T`. While this exists the state's `JOIN_HANDLE` is set.
pub struct JoinHandle<T> {
    /// Dropped by the vtable's `detach`.
    task: ManuallyDrop<TaskRef>,
    /// Owns the output, from the task's completion on: covariant, and `Send` only with it.
    _output: PhantomData<T>,
}

// SAFETY: the handle is a reference to the task, which is `Send`, and the right to take or drop
// the output on the thread where it is.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: through a shared handle nobody gets at the output, not even to look at it.
unsafe impl<T> Sync for JoinHandle<T> {}
// The output is not in the handle, so nothing depends on where that is.
impl<T> Unpin for JoinHandle<T> {}

// === impl JoinHandle ===

impl<T> JoinHandle<T> {
    /// Makes the handle of a task that has just been spawned.
    ///
    /// # Safety
    ///
    /// The task's output is a `T`, and no other handle was made for it.
    pub(crate) unsafe fn new(task: TaskRef) -> Self {
        Self {
            task: ManuallyDrop::new(task),
            _output: PhantomData,
        }
    }

    /// Returns a reference to the task.
    #[must_use]
    pub fn task_ref(&self) -> TaskRef {
        TaskRef::clone(&self.task)
    }

    /// Returns whether the task is complete, as [`TaskRef::is_complete`] does.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.task.is_complete()
    }

    /// Cancels the task, as [`TaskRef::cancel`] does.
    ///
    /// Returns true if this is the call that cancelled it. If its output is there already, or comes
    /// before the cancellation takes effect, this handle still gives it, in
    /// [`JoinError::output`].
    pub fn cancel(&self) -> bool {
        self.task.cancel()
    }

    /// Cancels the task, as [`cancel`](Self::cancel) does.
    ///
    /// Other than with tokio's, a task that is complete but not joined is cancelled too: this handle then
    /// gives its output in [`JoinError::output`].
    pub fn abort(&self) {
        self.cancel();
    }

    /// Returns a handle that can cancel the task, and no more.
    #[must_use]
    pub fn abort_handle(&self) -> AbortHandle {
        AbortHandle::new(self.task_ref())
    }

    /// Returns whether the task is complete, as [`is_complete`](Self::is_complete) does.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_complete()
    }

    /// Returns what the task is doing, as [`TaskRef::status`] does.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        self.task.status()
    }

    /// Lets the task go on without a handle, as dropping this does.
    pub fn detach(self) {
        drop(self);
    }

    /// Returns the task's id.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.task.id()
    }

    /// The task's header.
    #[inline]
    fn ptr(&self) -> NonNull<Header> {
        // SAFETY: the ticket is another.
        unsafe { self.task.counted_ptr() }
    }

    #[inline]
    fn state(&self) -> &StateCell {
        // SAFETY: the reference keeps it alive.
        &unsafe { self.ptr().as_ref() }.state
    }

    /// Takes what the task left.
    ///
    /// # Safety
    ///
    /// The task is complete.
    unsafe fn take_output(&self) -> Result<T, JoinError<T>> {
        // SAFETY: a completed task's stage is its handle's, and the output is a `T`.
        let take = |stage: Place| unsafe { stage.take_output() };
        // SAFETY: as above.
        match unsafe { Place::with(self.ptr(), take) } {
            Some(output) if !self.state().is_canceled() => Ok(output),
            // SAFETY: as above; if there was an output it has been taken.
            output => Err(unsafe { self.take_error(output) }),
        }
    }

    /// Takes what the task left besides `output`, which is not just that.
    ///
    /// # Safety
    ///
    /// As for `take_output`, which has found `output`.
    #[cold]
    #[inline(never)]
    unsafe fn take_error(&self, output: Option<T>) -> JoinError<T> {
        // SAFETY: the reference keeps it alive.
        let id = unsafe { self.ptr().as_ref() }.id.given();
        if output.is_some() {
            return JoinError::canceled(id, output);
        }
        // SAFETY: a completed task's stage is its handle's, and this one has no output.
        let take = |stage: Place| unsafe { stage.take() };
        // SAFETY: as above.
        match unsafe { Place::with(self.ptr(), take) } {
            Left::Panicked(payload) => JoinError::panicked(id, payload),
            Left::Canceled => JoinError::canceled(id, None),
            Left::Nothing => {
                panic!("a `JoinHandle` must not be polled after it returned `Ready`")
            }
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError<T>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.state().is_completed() {
            // SAFETY: this is the handle.
            let join = unsafe { join::wait(self.ptr(), cx.waker()) };
            if join == Join::Pending {
                return Poll::Pending;
            }
        }
        // SAFETY: the task is complete.
        Poll::Ready(unsafe { self.take_output() })
    }
}

impl<T> Drop for JoinHandle<T> {
    #[inline]
    fn drop(&mut self) {
        let task = self.ptr();
        // SAFETY: the reference keeps it alive.
        let detach = unsafe { task.as_ref() }.vtable.detach;
        // SAFETY: the handle ends here.
        unsafe { detach(task) };
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id())
            .field("state", self.state())
            .finish()
    }
}

impl<T> PartialEq for JoinHandle<T> {
    fn eq(&self, other: &Self) -> bool {
        self.task == other.task
    }
}

impl<T> Eq for JoinHandle<T> {}

/// Compares a handle with one of the other names of a task, in both directions, by value and by
/// reference.
macro_rules! compare {
    ($Other:ty, |$handle:ident| $same:expr) => {
        impl<T> PartialEq<$Other> for JoinHandle<T> {
            fn eq(&self, other: &$Other) -> bool {
                let $handle = self;
                $same == *other
            }
        }

        impl<T> PartialEq<&$Other> for JoinHandle<T> {
            fn eq(&self, other: &&$Other) -> bool {
                *self == **other
            }
        }

        impl<T> PartialEq<JoinHandle<T>> for $Other {
            fn eq(&self, other: &JoinHandle<T>) -> bool {
                *other == *self
            }
        }

        impl<T> PartialEq<&JoinHandle<T>> for $Other {
            fn eq(&self, other: &&JoinHandle<T>) -> bool {
                **other == *self
            }
        }
    };
}

compare!(TaskRef, |handle| *handle.task);
compare!(TaskId, |handle| handle.id());
