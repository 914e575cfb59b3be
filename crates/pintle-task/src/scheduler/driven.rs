//! How every scheduler with one queue is driven.

/// Writes the methods that drive a scheduler: of `$This`, whose `ready()` is its queue.
macro_rules! driven {
    ($self:ident: $This:ty) => {
        /// How many polls a [`tick`](Self::tick) does at most.
        pub const DEFAULT_TICK_SIZE: usize = crate::scheduler::ready::ReadyQueue::TICK_SIZE;

        /// Polls ready tasks, [`DEFAULT_TICK_SIZE`](Self::DEFAULT_TICK_SIZE) times at most.
        ///
        /// If another thread is ticking the same scheduler, or if it is a task of this scheduler that
        /// calls this, it returns at once without polling any.
        ///
        /// # Panics
        ///
        /// Without the feature `std`: when a task panics. The task is complete by then, and the next
        /// tick goes on with the others.
        #[inline]
        pub fn tick($self: $This) -> crate::scheduler::Tick {
            $self.ready().tick(Self::DEFAULT_TICK_SIZE)
        }

        /// As [`tick`](Self::tick), but polls `max` times at most.
        #[inline]
        pub fn tick_n($self: $This, max: usize) -> crate::scheduler::Tick {
            $self.ready().tick(max)
        }

        /// Completes when a task is ready; until then it keeps the waker of `cx`, and calls it when one
        /// is.
        ///
        /// The waker is called once, by whoever queues the first task from then on: it is the place
        /// for what rouses the platform, an interrupt to another core, or a thread's unparking. Others
        /// may tick meanwhile; that does not end the wait. As long as the scheduler is driven
        /// without this method, to queue a task costs no more for it.
        ///
        /// If that waker panics, the panic goes to who wakes a task, or if this scheduler is in a static, is
        /// dropped with the feature `std` and ends the process without it.
        ///
        /// One caller at a time waits: a second displaces the first, which is woken. It may complete
        /// for no reason, and does so when the scheduler is closed.
        pub fn poll_ready($self: $This, cx: &mut core::task::Context<'_>) -> core::task::Poll<()> {
            $self.ready().poll_ready(cx)
        }

        /// Runs tasks until the scheduler is closed, for ever if it never is, and sleeps while there are
        /// none.
        ///
        /// Each poll is a [`tick`](Self::tick). What it sleeps by is up to who polls it: a `block_on`
        /// with a thread's parker, an interrupt, a task of another executor. To drive a timer beside
        /// it, join the two, or write this loop by [`tick`](Self::tick) and
        /// [`poll_ready`](Self::poll_ready).
        ///
        /// # Cancellation
        ///
        /// Cancel safe: the tasks stay queued.
        pub async fn run($self: $This) {
            let ready = $self.ready();
            core::future::poll_fn(|cx| ready.poll_run(Self::DEFAULT_TICK_SIZE, cx)).await
        }
    };
}

pub(super) use driven;
