//! [`MpscQueue`]: a lock-free queue with many producers and one consumer.
//!
//! | operation | cost | progress |
//! |---|---|---|
//! | [`enqueue`](MpscQueue::enqueue) | one swap, one store | wait-free |
//! | [`try_dequeue`](MpscQueue::try_dequeue) | O(1) | never waits |
//! | [`dequeue`](MpscQueue::dequeue), [`consume`](MpscQueue::consume) | O(1) | spins for others |
//! | [`is_empty`](MpscQueue::is_empty) | one load | wait-free, a hint |
//!
//! It is lock-free for its producers, who never wait for anybody. The consumer may have to: a producer
//! that is stopped in the middle of its `enqueue` hides what came after it until it goes on. That is
//! what [`Inconsistent`](TryDequeueError::Inconsistent) says.
//!
//! - [`MpscQueue`] is the queue. Its producers share it by `&`.
//! - [`Consumer`] is the right to dequeue, taken once for many elements; `OwnedConsumer` (feature
//!   `alloc`) has a share in an `Arc` of the queue too.
//! - [`Links`] is the word in each node, [`TryDequeueError`] what `try_dequeue` says otherwise.
//!
//! # The algorithm
//!
//! Dmitry Vyukov's "intrusive MPSC node-based queue" (1024cores.net, 2010). Nodes are chained from
//! the first to the last by one pointer each. Producers swap the `head`, where the last node is;
//! the consumer walks up from the `tail`, where the first is. A *stub*, a node that is nobody's
//! element, stands in where there is no other.
//!
//! ```text
//!     empty                one element                    a producer (P) in the middle
//!
//!     tail   head          tail            head           tail                    head
//!       │     │              │               │              │                       │
//!       ▼     ▼              ▼               ▼              ▼                       ▼
//!      [stub]─∅            [stub]──────────►[A]─∅         [stub]───►[A]─∅          [P]─∅
//! ```
//!
//! `enqueue` of P takes three steps: P's `next` becomes null, `head` is swapped for P, and the node
//! that was there (A) gets P as its `next`. Between the last two the chain is broken: the queue is
//! *inconsistent*, and nothing after A can be reached. `try_dequeue` says so; `dequeue` waits. No
//! other producer does.
//!
//! A node at the `head` is not taken out as it is, since a producer may be about to write to it: the
//! consumer puts the stub in its place first, by a compare-and-swap that fails if a producer has
//! been there. (Vyukov enqueues the stub behind the node instead. That takes two more memory accesses
//! and leaves the stub in the middle of the chain if a producer comes in between.) So the stub is in
//! the chain only as its first node, and `head` is at the stub just when the queue is empty.
//!
//! | `tail` is | its `next` | `head` is | so | and `try_dequeue` |
//! |---|---|---|---|---|
//! | stub | null | stub | empty | says `Empty` |
//! | stub | null | another | inconsistent | says `Inconsistent` |
//! | stub | A | | the stub leaves the chain | looks on from A, below |
//! | A | B | | A may go | sets `tail` to B and returns A |
//! | A | null | A | A is alone | sets `head` and `tail` to the stub and returns A |
//! | A | null | another | inconsistent | says `Inconsistent` |
//!
//! # Who may write what
//!
//! | word | written by | read by |
//! |---|---|---|
//! | `head` | producers; the consumer when it takes the last element | all |
//! | a node's `next` | the producer of the node, then once the next producer | the consumer |
//! | `tail` | the consumer | the consumer |
//! | the consumer flag | who wants to consume | who wants to consume |
//!
//! # Where it may be called
//!
//! `enqueue`, `try_dequeue`, `try_consume` and `is_empty` anywhere: in interrupt handlers, under any
//! lock, in `Drop`. `dequeue` and `consume` spin for a producer or consumer that was interrupted, so
//! not where that one cannot go on meanwhile, such as in an interrupt handler of its own core.

use core::{fmt, marker::PhantomData, ptr::NonNull};

use pintle_core::{
    Backoff, CachePadded,
    atomic::{
        AtomicPtr,
        Ordering::{AcqRel, Relaxed, Release},
    },
    const_fn,
};

use crate::{Linked, linked::Name};

mod consumer;
mod consumer_end;
mod drop;
mod error;
mod links;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod owned;
#[cfg(test)]
mod tests;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::owned::OwnedConsumer;
pub use self::{consumer::Consumer, error::TryDequeueError, links::Links};
use self::{consumer_end::ConsumerEnd, links::links};

/// A lock-free first-in-first-out queue with many producers and one consumer at a time.
///
/// See the [module](self) for the algorithm, costs and where what may be called.
///
/// # Invariants
///
/// - From `tail` to `head` the nodes are chained by `next`, with a gap for each producer in the
///   middle of an `enqueue`. Each of them but the stub is owned by the queue: its handle has been
///   given up to `into_ptr` and not yet made again by `from_ptr`, and the pointer is `into_ptr`'s.
/// - The stub is a live node that only this queue has. It is the first of the chain or not in it; if
///   not, the chain has another node.
/// - `tail` and the chain up from it are changed only by who holds the consumer flag or has called
///   an `unchecked` method, whose contract excludes all others.
///
/// # Examples
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// # use core::pin::Pin;
/// use pintle_intrusive::{MpscQueue, linked, mpsc_queue::{Links, TryDequeueError}};
///
/// #[derive(Default)]
/// struct Event { links: Links<Event>, code: u32 }
///
/// linked!(Event { links: Links<Self> } as Pin<Box<Self>>);
///
/// let queue = MpscQueue::<Event>::new();
/// std::thread::scope(|s| {
///     for thread in 0..2 {
///         let queue = &queue;
///         s.spawn(move || queue.enqueue(Box::pin(Event { code: thread, ..Event::default() })));
///     }
/// });
///
/// let mut codes: Vec<u32> = queue.consume().map(|event| event.code).collect();
/// codes.sort();
/// assert_eq!(codes, [0, 1]);
/// assert_eq!(queue.try_dequeue().err(), Some(TryDequeueError::Empty));
/// ```
pub struct MpscQueue<T: Linked<Links<T, N>>, N: ?Sized = ()> {
    /// Where producers come in. On a line of its own, as they write it and the consumer seldom.
    head: CachePadded<AtomicPtr<T>>,
    /// What the consumer writes, or nobody.
    consumer: CachePadded<ConsumerEnd<T>>,
    _name: Name<N>,
}

// === impl MpscQueue ===

impl<T: Linked<Links<T, N>>, N: ?Sized> MpscQueue<T, N> {
    /// An empty queue, whose stub is a default handle's node.
    #[must_use]
    pub fn new() -> Self
    where
        T::Handle: Default,
    {
        Self::new_with_stub(T::Handle::default())
    }

    /// An empty queue with `stub` as its stub, a node that is never dequeued.
    ///
    /// It is dropped with the queue.
    ///
    /// # Panics
    ///
    /// In a debug build, if the node is in a queue.
    #[must_use]
    #[track_caller]
    pub fn new_with_stub(stub: T::Handle) -> Self {
        let stub = T::into_ptr(stub);
        // SAFETY: the node is live, as it was just handed over.
        unsafe { links(stub) }.set_linked();
        Self::from_stub(stub, false)
    }

    const_fn! {
        /// An empty queue with `stub` as its stub, a node that is never dequeued and not dropped
        /// with the queue either. For queues in statics.
        ///
        /// # Safety
        ///
        /// `stub` has never been and will never be in another queue, or the stub of one.
        ///
        /// # Examples
        ///
        /// ```
        /// # use core::ptr::NonNull;
        /// # use pintle_intrusive::{Linked, MpscQueue, mpsc_queue::Links};
        /// struct Event { links: Links<Event>, code: u32 }
        /// # unsafe impl Linked<Links<Event>> for Event {
        /// #     type Handle = &'static Event;
        /// #     fn into_ptr(h: Self::Handle) -> NonNull<Self> { NonNull::from(h) }
        /// #     unsafe fn from_ptr(p: NonNull<Self>) -> Self::Handle { unsafe { p.as_ref() } }
        /// #     unsafe fn links(p: NonNull<Self>) -> NonNull<Links<Self>> {
        /// #         unsafe { NonNull::new_unchecked(&raw mut (*p.as_ptr()).links) }
        /// #     }
        /// # }
        ///
        /// static QUEUE: MpscQueue<Event> = {
        ///     static STUB: Event = Event { links: Links::new_stub(), code: 0 };
        ///     // SAFETY: nobody else can name the stub.
        ///     unsafe { MpscQueue::new_with_static_stub(&STUB) }
        /// };
        /// static RESET: Event = Event { links: Links::new(), code: 1 };
        ///
        /// QUEUE.enqueue(&RESET);
        /// assert_eq!(QUEUE.dequeue().unwrap().code, 1);
        /// ```
        #[must_use]
        pub const unsafe fn new_with_static_stub(stub: &'static T) -> Self {
            // SAFETY: a reference is not null.
            let stub = unsafe { NonNull::new_unchecked(core::ptr::from_ref(stub).cast_mut()) };
            Self::from_stub(stub, true)
        }
    }

    const_fn! {
        const fn from_stub(stub: NonNull<T>, stub_is_static: bool) -> Self {
            Self {
                head: CachePadded::new(AtomicPtr::new(stub.as_ptr())),
                consumer: CachePadded::new(ConsumerEnd::new(stub, stub_is_static)),
                _name: PhantomData,
            }
        }
    }

    /// Puts `element` in as the last.
    ///
    /// Wait-free: one swap and one store, whatever others do. May be called anywhere, in an
    /// interrupt handler too.
    ///
    /// All that the caller wrote before is seen by who dequeues the element.
    ///
    /// # Panics
    ///
    /// In a debug build, if the node is in a queue already: then nothing is changed.
    #[inline]
    #[track_caller]
    pub fn enqueue(&self, element: T::Handle) {
        let node = T::into_ptr(element);
        // SAFETY: the node was handed over, so it is live, owned, and in no queue.
        unsafe { self.push(node) };
    }

    /// Takes out the first element, without waiting. O(1).
    ///
    /// # Errors
    ///
    /// - [`Empty`](TryDequeueError::Empty): there is none. Elements whose `enqueue` returned before
    ///   this call (on this thread, or on another that this one has synchronised with) are seen.
    /// - [`Inconsistent`](TryDequeueError::Inconsistent): there is one, behind a producer in the
    ///   middle of its `enqueue`.
    /// - [`Busy`](TryDequeueError::Busy): another consumer is at it.
    #[inline]
    pub fn try_dequeue(&self) -> Result<T::Handle, TryDequeueError> {
        self.try_consume()
            .ok_or(TryDequeueError::Busy)?
            .try_dequeue()
    }

    /// Takes out the first element, or says `None` if the queue is empty.
    ///
    /// Spins, with exponential backoff, while another consumer holds the queue or a producer is in
    /// the middle of its `enqueue`. So it must not be called where that one cannot go on meanwhile,
    /// such as in an interrupt handler of its core: there, use [`try_dequeue`](Self::try_dequeue).
    #[inline]
    pub fn dequeue(&self) -> Option<T::Handle> {
        self.consume().dequeue()
    }

    /// Takes the right to dequeue, for many elements at once.
    ///
    /// Spins, with exponential backoff, while another consumer holds it; see
    /// [`dequeue`](Self::dequeue) for where it therefore must not be called.
    #[inline]
    #[must_use = "the right is given back when the consumer is dropped"]
    pub fn consume(&self) -> Consumer<'_, T, N> {
        let mut backoff = Backoff::new();
        loop {
            if let Some(consumer) = self.try_consume() {
                return consumer;
            }
            backoff.spin();
        }
    }

    /// Takes the right to dequeue, or says `None` if another consumer has it.
    #[inline]
    #[must_use = "the right is given back when the consumer is dropped"]
    pub fn try_consume(&self) -> Option<Consumer<'_, T, N>> {
        if !self.consumer.try_claim() {
            return None;
        }
        // SAFETY: the flag has just been set, by this call.
        Some(unsafe { Consumer::new(self) })
    }

    /// Takes out the first element, without waiting and without looking whether others dequeue.
    ///
    /// # Safety
    ///
    /// Nobody else dequeues or holds a consumer during the call, and what the last consumer did
    /// happened before it.
    ///
    /// # Errors
    ///
    /// As [`try_dequeue`](Self::try_dequeue), but never [`Busy`](TryDequeueError::Busy).
    #[inline]
    pub unsafe fn try_dequeue_unchecked(&self) -> Result<T::Handle, TryDequeueError> {
        let stub = self.consumer.stub;
        // SAFETY: the caller is the only consumer.
        let mut first = unsafe { self.consumer.tail() };
        let is_behind_stub = first == stub;
        if is_behind_stub {
            if self.is_empty() {
                return Err(TryDequeueError::Empty);
            }
            // SAFETY: a node of the chain is live.
            let Some(after_stub) = unsafe { links(stub) }.next() else {
                return Err(TryDequeueError::Inconsistent);
            };
            first = after_stub;
        }
        // SAFETY: a node of the chain is live.
        let mut next = unsafe { links(first) }.next();
        if next.is_none() {
            // SAFETY: the stub is live. In the chain it is the first at most, which the consumer has passed.
            unsafe { links(stub) }.reset();
            // Release: pairs with the Acquire of the next producer's swap, whose store to the
            // stub's `next` must come after the reset.
            let swapped =
                self.head
                    .compare_exchange(first.as_ptr(), stub.as_ptr(), Release, Relaxed);
            if swapped.is_ok() {
                // `first` was alone, and no producer has seen it in `head`, or will.
                if !is_behind_stub {
                    // SAFETY: the caller is the only consumer.
                    unsafe { self.consumer.set_tail(stub) };
                }
                // SAFETY: the node has left the chain.
                return Ok(unsafe { Self::take(first) });
            }
            // A producer has. It may have taken its last step by now.
            // SAFETY: the caller is the only consumer. The stub was reset: it is not in the chain.
            unsafe { self.consumer.set_tail(first) };
            // SAFETY: a node of the chain is live.
            next = unsafe { links(first) }.next();
        }
        let Some(next) = next else {
            return Err(TryDequeueError::Inconsistent);
        };
        // SAFETY: the caller is the only consumer.
        unsafe { self.consumer.set_tail(next) };
        // SAFETY: the node has left the chain.
        Ok(unsafe { Self::take(first) })
    }

    /// Makes the handle of a node that has left the chain.
    ///
    /// # Safety
    ///
    /// The node is not the stub. Its successor has been stored, or it will have none: no producer will
    /// write to it any more.
    #[inline(always)]
    unsafe fn take(node: NonNull<T>) -> T::Handle {
        // SAFETY: the node is live, and the caller's from here on.
        unsafe { links(node) }.set_unlinked();
        // SAFETY: a node of the chain that is not the stub is owned by the queue, and this one has
        // left it.
        unsafe { T::from_ptr(node) }
    }

    /// Takes out the first element, or says `None` if the queue is empty, without looking whether
    /// others dequeue.
    ///
    /// Spins while a producer is in the middle of its `enqueue`, as [`dequeue`](Self::dequeue).
    ///
    /// # Safety
    ///
    /// As for [`try_dequeue_unchecked`](Self::try_dequeue_unchecked).
    #[inline]
    pub unsafe fn dequeue_unchecked(&self) -> Option<T::Handle> {
        let mut backoff = Backoff::new();
        loop {
            // SAFETY: the caller's promise is the same.
            match unsafe { self.try_dequeue_unchecked() } {
                Ok(element) => return Some(element),
                Err(TryDequeueError::Empty) => return None,
                Err(_) => backoff.spin(),
            }
        }
    }

    /// Whether the queue is empty: a hint, by one load.
    ///
    /// It writes nothing, so an idle consumer may ask again and again without taking the line from
    /// the producers. `true` is not said while there is an element whose `enqueue` returned before
    /// this call (on this thread, or on another that this one has synchronised with). To go to
    /// sleep on `true` takes a `SeqCst` fence between announcing it and asking, and one in the
    /// producer between `enqueue` and looking for sleepers.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // Relaxed: this word alone tells, and a load never goes back behind a store to it that
        // happened before.
        self.head.load(Relaxed) == self.consumer.stub.as_ptr()
    }

    /// Chains `node` in as the last.
    ///
    /// # Safety
    ///
    /// The node is live, in no queue, and the queue's from now on.
    #[inline]
    #[track_caller]
    unsafe fn push(&self, node: NonNull<T>) {
        // SAFETY: the node is live, says the caller.
        unsafe { links(node) }.set_linked();
        // Release: pairs with the Acquire of the next producer's swap, whose store to the node's
        // `next` must come after the reset. Acquire: for the same, as to `last`.
        let last = self.head.swap(node.as_ptr(), AcqRel);
        // SAFETY: `head` is never null.
        let last = unsafe { NonNull::new_unchecked(last) };
        // SAFETY: a node without a successor stays in the queue, so it is live, and only the one
        // that swapped it out of `head` gives it a successor.
        unsafe { links(last) }.set_next(node);
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> Default for MpscQueue<T, N>
where
    T::Handle: Default,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Linked<Links<T, N>>, N: ?Sized> fmt::Debug for MpscQueue<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MpscQueue")
            .field("head", &self.head.load(Relaxed))
            .field("has_consumer", &self.consumer.has_consumer())
            .field("stub", &self.consumer.stub)
            .finish()
    }
}

// SAFETY: a queue is its nodes, which it owns through their handles, and atomics. Moving it moves
// handles and nodes to another thread.
unsafe impl<T: Linked<Links<T, N>> + Send, N: ?Sized> Send for MpscQueue<T, N> where T::Handle: Send {}

// SAFETY: by a shared queue a handle goes from the thread that enqueues to the one that dequeues,
// and its node with it. Nobody gets a reference to a node, so `T: Sync` is not needed. `tail` is for
// one consumer at a time; the other words that change are atomics.
unsafe impl<T: Linked<Links<T, N>> + Send, N: ?Sized> Sync for MpscQueue<T, N> where T::Handle: Send {}
