use super::StaticQueue;
use crate::task::{TaskRef, header::Header};
use core::{
    cell::Cell,
    iter,
    marker::PhantomData,
    ptr::{self, NonNull},
};
use pintle_core::atomic::Ordering::{Acquire, Relaxed, Release};

/// The right to take tasks out of a [`StaticQueue`], held until it is dropped. It may go to another thread,
/// but not be shared.
///
/// # Invariants
///
/// - The queue's `has_consumer` is set, by this consumer.
/// - `next`, if it is not null, is the first of the chain, and `first` is out of date. If it is null, `first`
///   is the first, or null.
pub(in crate::scheduler) struct Consumer<'q> {
    pub(super) queue: &'q StaticQueue,
    next: Cell<*mut Header>,
    _not_sync: PhantomData<Cell<()>>,
}

// SAFETY: it is the right to take tickets, which are `Send`.
unsafe impl Send for Consumer<'_> {}

// === impl Consumer ===

impl<'q> Consumer<'q> {
    /// # Safety
    ///
    /// The caller has set the queue's `has_consumer`, and hands that over.
    #[inline]
    pub(super) unsafe fn new(queue: &'q StaticQueue) -> Self {
        Self {
            queue,
            next: Cell::new(ptr::null_mut()),
            _not_sync: PhantomData,
        }
    }

    /// The first of the chain. `None`: there is none, or it is behind a producer in the middle of a push.
    #[inline(always)]
    fn peek(&self) -> Option<NonNull<Header>> {
        let next = NonNull::new(self.next.get());
        // Acquire: pairs with the release in `push_first`.
        next.or_else(|| NonNull::new(self.queue.exit.first.load(Acquire)))
    }

    /// Takes out the first task's ticket. `None` as for `peek`: a producer is not waited for, as it may be
    /// what this interrupts.
    #[inline(always)]
    pub(super) fn pop(&self) -> Option<NonNull<Header>> {
        let task = self.peek()?;
        // SAFETY: a task in the chain is kept by its ticket.
        match unsafe { Header::next(task) } {
            Some(next) => self.next.set(next.as_ptr()),
            None => self.leave_none(task)?,
        }
        // SAFETY: as above; the task has just been taken out.
        unsafe { Header::set_unlinked(task) };
        Some(task)
    }

    /// Takes out the last task, if it still is that.
    #[inline]
    fn leave_none(&self, task: NonNull<Header>) -> Option<()> {
        let StaticQueue { entry, exit } = self.queue;
        exit.first.store(ptr::null_mut(), Relaxed);
        self.next.set(ptr::null_mut());
        // Release: pairs with the acquire of the next push, whose store to `first` comes after the one above.
        let emptied = entry
            .head
            .compare_exchange(task.as_ptr(), ptr::null_mut(), Release, Relaxed);
        match emptied {
            Ok(_) => Some(()),
            Err(_) => self.leave_more(task),
        }
    }

    /// Takes out a task behind which a producer has come in, if that is done.
    #[cold]
    fn leave_more(&self, task: NonNull<Header>) -> Option<()> {
        // SAFETY: a task in the chain is kept by its ticket.
        match unsafe { Header::next(task) } {
            Some(next) => {
                self.next.set(next.as_ptr());
                Some(())
            }
            None => {
                self.next.set(task.as_ptr());
                None
            }
        }
    }

    /// How many tasks there are, but for those behind a producer in the middle of a push. O(n).
    pub(in crate::scheduler) fn len(&self) -> usize {
        // SAFETY: a task in the chain is kept by its ticket, and leaves it by this consumer alone.
        iter::successors(self.peek(), |task| unsafe { Header::next(*task) }).count()
    }

    /// Takes out the ticket of the first task that may be run elsewhere. Those in front of it, which are
    /// [residents](crate::task#resident-tasks), are queued again behind the others. O(n).
    pub(in crate::scheduler) fn steal(&self) -> Option<TaskRef> {
        for _ in 0..self.len() {
            let task = self.pop()?;
            // SAFETY: the ticket that was taken out keeps it.
            if unsafe { task.as_ref() }.vtable.is_resident {
                // SAFETY: it was taken out, and is given back.
                unsafe { self.queue.push(task) };
                continue;
            }
            // SAFETY: the queue owned the ticket.
            let ticket = unsafe { TaskRef::from_ticket_ptr(task) };
            // SAFETY: this is the consumer.
            unsafe { self.queue.with_tally(|tally| tally.take_out(1)) };
            return Some(ticket);
        }
        None
    }
}

impl Drop for Consumer<'_> {
    #[inline]
    fn drop(&mut self) {
        let StaticQueue { exit, .. } = self.queue;
        if !self.next.get().is_null() {
            exit.first.store(self.next.get(), Relaxed);
        }
        // Release: pairs with the acquire of the next consumer.
        exit.has_consumer.store(false, Release);
    }
}
