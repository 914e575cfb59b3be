//! Many tasks, joined in the order in which they complete.

use crate::{
    scheduler::Schedule,
    task::{AbortHandle, JoinError, JoinHandle},
};
use alloc::{collections::VecDeque, sync::Arc, task::Wake, vec::Vec};
use core::{
    fmt,
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use pintle_core::atomic::{
    AtomicBool,
    Ordering::{AcqRel, Release},
};
use pintle_sync::{WaitCell, blocking::Mutex};

/// A set of tasks whose outputs are all `T`, to be joined as they complete.
///
/// Dropping it cancels them. Names and behaviour are those of tokio's `JoinSet`, but for one thing: here
/// there is no current runtime, so a set that is to [`spawn`](Self::spawn) is made
/// [on a scheduler](Self::on). A [new](JoinSet::new) one takes tasks of any, by
/// [`spawn_on`](Self::spawn_on) and [`insert`](Self::insert).
///
/// A task is looked at when it has something to say: to wait for a thousand costs as much as to wait for
/// one.
///
/// # Examples
///
/// ```
/// # #[cfg(all(feature = "park", feature = "std"))] {
/// use pintle_park::Parker;
/// use pintle_task::{future::block_on, scheduler::StealingScheduler, task::JoinSet};
///
/// let scheduler = StealingScheduler::new(1);
/// std::thread::scope(|scope| {
///     scope.spawn(|| block_on(&Parker::new(), scheduler.worker().unwrap().run()));
///     let sum = block_on(&Parker::new(), async {
///         let mut set = JoinSet::on(scheduler.clone());
///         for number in 1..=4 {
///             set.spawn(async move { number * number });
///         }
///         let mut sum = 0;
///         while let Some(square) = set.join_next().await {
///             sum += square.expect("nobody cancels it");
///         }
///         sum
///     });
///     assert_eq!(sum, 30);
///     scheduler.close();
/// });
/// # }
/// ```
pub struct JoinSet<T, S = ()> {
    members: Vec<Option<Member<T>>>,
    /// The places in `members` that are empty.
    free: Vec<usize>,
    ready: Arc<Ready>,
    scheduler: S,
}

struct Member<T> {
    handle: JoinHandle<T>,
    /// Puts the member among the ready ones.
    waker: Arc<MemberWaker>,
}

/// The members that want to be looked at, and who waits for them.
struct Ready {
    places: Mutex<VecDeque<usize>>,
    joiner: WaitCell,
}

struct MemberWaker {
    place: usize,
    is_ready: AtomicBool,
    ready: Arc<Ready>,
}

// === impl JoinSet ===

impl<T> JoinSet<T> {
    /// Makes a set without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::on(())
    }
}

impl<T, S> JoinSet<T, S> {
    /// Makes a set without tasks, which spawns on `scheduler`.
    #[must_use]
    pub fn on(scheduler: S) -> Self {
        Self {
            members: Vec::new(),
            free: Vec::new(),
            ready: Arc::new(Ready {
                places: Mutex::new(VecDeque::new()),
                joiner: WaitCell::new(),
            }),
            scheduler,
        }
    }

    /// Returns how many tasks there are that have not been joined.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len() - self.free.len()
    }

    /// Returns whether every task has been joined.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Spawns a task on the set's scheduler.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        S: Schedule + Send + Sync,
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let handle = self.scheduler.build_task().spawn(future);
        self.insert(handle)
    }

    /// Spawns a task on any scheduler.
    #[track_caller]
    pub fn spawn_on<F, O>(&mut self, future: F, scheduler: &O) -> AbortHandle
    where
        O: Schedule + Send + Sync,
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        self.insert(scheduler.build_task().spawn(future))
    }

    /// Takes a task that is spawned already.
    pub fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        let place = self.free.pop().unwrap_or_else(|| {
            self.members.push(None);
            self.members.len() - 1
        });
        let waker = Arc::new(MemberWaker {
            place,
            is_ready: AtomicBool::new(false),
            ready: self.ready.clone(),
        });
        // It is looked at once, so that its waker gets to it.
        waker.wake_by_ref();
        self.members[place] = Some(Member { handle, waker });
        abort
    }

    /// Waits for the next task to complete, and returns its output. `None`: there is no task.
    ///
    /// # Cancellation
    ///
    /// Cancel safe: no output is lost.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError<T>>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// Returns the output of a task that is complete. `None`: there is none of those.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError<T>>> {
        while let Some(place) = self.ready.pop() {
            if let Poll::Ready(output) = self.poll_member(place) {
                return Some(output);
            }
        }
        None
    }

    /// Polls for the next task that completes. `Ready(None)`: there is no task.
    ///
    /// One waits at a time: the last waker that was given is called.
    pub fn poll_join_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<T, JoinError<T>>>> {
        loop {
            if let Some(output) = self.try_join_next() {
                return Poll::Ready(Some(output));
            }
            if self.is_empty() {
                return Poll::Ready(None);
            }
            match self.ready.joiner.poll_wait(cx) {
                Poll::Pending => return Poll::Pending,
                // A task has said something meanwhile, or before.
                Poll::Ready(Ok(())) => {}
                // A task calls the last waker just now: in a moment there is something to be seen.
                Poll::Ready(Err(_)) => {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
    }

    /// Cancels all tasks. They stay in the set, to be joined.
    ///
    /// One that is complete by then gives its output in [`JoinError::output`], where tokio's gives `Ok`.
    pub fn abort_all(&mut self) {
        for member in self.members.iter().flatten() {
            member.handle.cancel();
        }
    }

    /// Lets go of all tasks, which go on.
    pub fn detach_all(&mut self) {
        self.free.clear();
        drop(mem::take(&mut self.members));
    }

    /// Cancels all tasks, and waits until each is complete.
    ///
    /// # Cancellation
    ///
    /// The tasks are cancelled by the first poll. If this is dropped, those that are left are still in
    /// the set.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Looks at a task, if it has not been joined.
    fn poll_member(&mut self, place: usize) -> Poll<Result<T, JoinError<T>>> {
        let Some(Some(member)) = self.members.get_mut(place) else {
            // What is left of one that has gone.
            return Poll::Pending;
        };
        // Before it is looked at. AcqRel: pairs with `wake_by_ref`.
        member.waker.is_ready.swap(false, AcqRel);
        let waker = Waker::from(member.waker.clone());
        let output = Pin::new(&mut member.handle).poll(&mut Context::from_waker(&waker));
        if output.is_ready() {
            self.members[place] = None;
            self.free.push(place);
        }
        output
    }
}

impl<T, S> Drop for JoinSet<T, S> {
    fn drop(&mut self) {
        self.abort_all();
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, S> fmt::Debug for JoinSet<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

// === impl Ready ===

impl Ready {
    fn pop(&self) -> Option<usize> {
        self.places.with_lock(VecDeque::pop_front)
    }
}

// === impl MemberWaker ===

impl Wake for MemberWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Release: pairs with the swap in `poll_member`.
        if self.is_ready.swap(true, Release) {
            return;
        }
        self.ready
            .places
            .with_lock(|places| places.push_back(self.place));
        self.ready.joiner.wake();
    }
}
