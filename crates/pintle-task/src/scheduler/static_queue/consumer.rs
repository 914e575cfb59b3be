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
/// - The queue's `consumers` is set, by this consumer.
/// - The queue's `first` is the first of the chain, or null, but while a tick walks along the chain.
pub(in crate::scheduler) struct Consumer<'q> {
    pub(super) queue: &'q StaticQueue,
    _not_sync: PhantomData<Cell<()>>,
}

/// What became of a task that had nobody behind it.
pub(super) enum Last {
    TakenOut,
    /// Somebody has come in behind it.
    IsNot,
    /// A producer is in the middle of a push behind it. It is not waited for, as it may be what this interrupts.
    Incomplete,
}

// SAFETY: it is the right to take tickets, which are `Send`.
unsafe impl Send for Consumer<'_> {}

// === impl Consumer ===

impl<'q> Consumer<'q> {
    /// # Safety
    ///
    /// The caller has set the queue's `consumers`, and hands that over.
    #[inline]
    pub(super) unsafe fn new(queue: &'q StaticQueue) -> Self {
        Self {
            queue,
            _not_sync: PhantomData,
        }
    }

    /// The first of the chain. `None`: there is none, or it is behind a producer in the middle of a push.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<NonNull<Header>> {
        // Acquire: pairs with the release in `push_first`.
        NonNull::new(self.queue.exit.first.load(Acquire))
    }

    /// Takes out the first task, if it is the last, too. `first` is null then.
    ///
    /// # Safety
    ///
    /// The task is the first of the chain.
    #[inline(always)]
    pub(super) unsafe fn take_last(&self, task: NonNull<Header>) -> Last {
        let StaticQueue { entry, exit } = self.queue;
        exit.first.store(ptr::null_mut(), Relaxed);
        // Release: pairs with the acquire of the next push, whose store to `first` comes after the one above.
        let emptied = entry
            .head
            .compare_exchange(task.as_ptr(), ptr::null_mut(), Release, Relaxed);
        match emptied {
            Ok(_) => Last::TakenOut,
            // SAFETY: the contract is the same.
            Err(_) => unsafe { self.leave_last(task) },
        }
    }

    /// Leaves a task where it is, behind which a producer has come in, or is coming.
    ///
    /// # Safety
    ///
    /// As for `take_last`.
    #[cold]
    unsafe fn leave_last(&self, task: NonNull<Header>) -> Last {
        // SAFETY: it was not taken out.
        unsafe { self.queue.set_first(task) };
        // SAFETY: a task in the chain is kept by its ticket.
        match unsafe { Header::next(task) } {
            Some(_) => Last::IsNot,
            None => Last::Incomplete,
        }
    }

    /// Takes out the first task's ticket. `None` as for `first`, or because a producer behind it is in the middle
    /// of a push.
    fn pop(&self) -> Option<NonNull<Header>> {
        let task = self.first()?;
        loop {
            // SAFETY: a task in the chain is kept by its ticket.
            if let Some(next) = unsafe { Header::next(task) } {
                // SAFETY: it comes after the first, which is taken out.
                unsafe { self.queue.set_first(next) };
                break;
            }
            // SAFETY: it is the first.
            match unsafe { self.take_last(task) } {
                Last::TakenOut => break,
                Last::IsNot => {}
                Last::Incomplete => return None,
            }
        }
        // SAFETY: it has just been taken out.
        unsafe { Header::set_unlinked(task) };
        Some(task)
    }

    /// How many tasks there are, but for those behind a producer in the middle of a push. O(n).
    pub(in crate::scheduler) fn len(&self) -> usize {
        // SAFETY: a task in the chain is kept by its ticket, and leaves it by this consumer alone.
        iter::successors(self.first(), |task| unsafe { Header::next(*task) }).count()
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
        self.queue.stop_consuming();
    }
}
