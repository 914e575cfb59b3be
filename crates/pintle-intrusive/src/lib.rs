//! Collections of nodes that carry their own links: nothing here allocates.
//!
//! An *intrusive* collection chains up values that stay where they are, on the heap, in a static or
//! on the stack of a waiting task, by words inside them. Linking takes no memory, cannot fail, and a
//! node can be taken out by its address in constant time. It is what wait queues, timer wheels and
//! run queues are made of.
//!
//! # Contents
//!
//! | | what | shared | linking in | taking out | by pointer | words |
//! |---|---|---|---|---|---|---|
//! | [`List`] | doubly linked list that counts | `&mut` | O(1), both ends | O(1), both ends | O(1) | 2, node 2 |
//! | [`Ring`] | doubly linked, the head is one word | `&mut` | O(1), both ends | O(1), both ends | O(1) | 1, node 2 |
//! | [`Stack`] | singly linked, last in, first out | `&mut` | O(1), on top | O(1), from the top | – | 1, node 1 |
//! | [`SortedList`] | singly linked, in order, stable | `&mut` | O(n) | O(1), the first | – | 2, node 1 |
//! | [`TransferStack`] | many push, all is taken at once | `&`, **lock-free** | lock-free | wait-free, as a `Stack` | – | 1, node 1 |
//! | [`MpscQueue`] | many producers, one consumer | `&`, **lock-free** | wait-free | O(1), waits for producers or says so | – | padded, node 1 |
//!
//! What is *wait-free* takes one swap. Where a core makes a swap by load-linked and store-conditional
//! (ARM before v8.1) it is lock-free; where it has neither, it is as the application chose.
//!
//! - [`Linked`] is the one trait: how a collection gets from a handle to a node, to its links, and
//!   back. It is unsafe to implement, and its contract is what all the rest stands on. [`linked!`]
//!   implements it safely, for a node that its handle alone owns; for shared handles it writes what is
//!   in the `unsafe impl`.
//! - All links and collections have a *name*, their last parameter, for nodes that are in several of
//!   one kind at once: by its `list::Links<T, N>` a node is in a `List<T, N>`.
//! - [`list`]: [`List`] with its cursors and iterators, and [`list::Links`] for `List` and [`Ring`].
//! - [`ring`]: [`Ring`], for where a word counts: one per wait queue, hundreds per timer wheel.
//! - [`stack`]: [`Stack`] and [`TransferStack`] with the algorithm explained, and [`stack::Links`] for
//!   them and [`SortedList`].
//! - [`sorted_list`]: [`SortedList`] with its iterator.
//! - [`mpsc_queue`]: [`MpscQueue`] with the algorithm explained, and [`mpsc_queue::Links`].
//!
//! # Example
//!
//! Jobs in boxes, which are handed on from one collection to the other:
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! # use std::pin::Pin;
//! use pintle_intrusive::{List, MpscQueue, linked, list, mpsc_queue};
//!
//! #[derive(Default)]
//! struct Job {
//!     links: list::Links<Job>,
//!     run: mpsc_queue::Links<Job>,
//!     name: &'static str,
//! }
//!
//! linked!(Job { links: list::Links<Self>, run: mpsc_queue::Links<Self> } as Pin<Box<Self>>);
//!
//! let run = MpscQueue::<Job>::new_with_stub(Box::pin(Job::default()));
//! let mut done = List::<Job>::new();
//! for name in ["read", "write"] {
//!     run.enqueue(Box::pin(Job { name, ..Job::default() }));
//! }
//! while let Some(job) = run.dequeue() {
//!     println!("running {}", job.name);
//!     done.push_back(job);
//! }
//! assert_eq!(done.len(), 2);
//! ```
//!
//! Tasks that are in both at once: in a list of all, and in a queue of those to run. Their handles
//! are shared, so what a box promises by its type is now promised by hand, in an `unsafe impl`.
//!
#![cfg_attr(all(feature = "alloc", target_has_atomic = "ptr"), doc = "```")]
#![cfg_attr(
    not(all(feature = "alloc", target_has_atomic = "ptr")),
    doc = "```ignore"
)]
//! use pintle_intrusive::{Linked, List, MpscQueue, linked, list, mpsc_queue};
//! use std::{pin::Pin, ptr::NonNull, sync::Arc};
//!
//! #[derive(Default)]
//! struct Task {
//!     all: list::Links<Task>,
//!     run: mpsc_queue::Links<Task>,
//!     name: &'static str,
//! }
//!
//! // SAFETY: tasks live in `Arc`s, pinned; `Task` has links and neither an `Unpin` nor a `Drop`; the
//! // fields are private; `Arc<Task>` is as `Send` as `Task`, which is `Sync`. One task can have
//! // several handles: `main`, which has them all, links each in once and calls no `_mut` method.
//! unsafe impl Linked<list::Links<Self>> for Task {
//!     linked!(all: list::Links<Self> as Pin<Arc<Self>>);
//! }
//!
//! // SAFETY: as above, by other links.
//! unsafe impl Linked<mpsc_queue::Links<Self>> for Task {
//!     linked!(run: mpsc_queue::Links<Self> as Pin<Arc<Self>>);
//! }
//!
//! let mut all = List::<Task>::new();
//! let queue = MpscQueue::<Task>::new(); // a default task is its stub
//! for name in ["read", "write"] {
//!     let task = Arc::pin(Task { name, ..Task::default() });
//!     all.push_back(task.clone());
//!     queue.enqueue(task);
//! }
//!
//! while let Some(task) = queue.dequeue() {
//!     println!("running {}, one of {}", task.name, all.len());
//!     // SAFETY: every task of the queue is in the list of all.
//!     assert!(unsafe { all.remove(NonNull::from(&*task)) }.is_some());
//! }
//! assert!(all.is_empty());
//! ```
//!
//! # Aliasing
//!
//! A linked node is reached from several sides at once: from its neighbours, from the collection's
//! ends, by who waits in it. These are the rules that keep this defined, and all code of the crate
//! follows them:
//!
//! 1. Pointers to nodes are [`NonNull`] or atomic, from `into_ptr` to `from_ptr`. They keep the
//!    provenance of the handle: `remove` gives back the pointer that was pushed, whatever the
//!    pointer it was told.
//! 2. The collections make no reference to a node for their own use, only `&Links`, by
//!    [`Linked::links`], which makes none either. All that changes in links is in an `UnsafeCell`
//!    or an atomic.
//! 3. `&T` and `Pin<&mut T>` are made only to be lent to a caller, never longer than the borrow of
//!    the collection from which they come. No link of a node is touched while it is lent as `&mut`.
//!    A node that is overwritten there, by the safe [`Pin::set`](core::pin::Pin::set), ends the
//!    process, as does any that is dropped while linked. (Only a [`List`] lends `&mut`. Nodes that
//!    are dropped with linked [`stack::Links`] only debug builds notice, [`mpsc_queue::Links`] none.)
//! 4. Links hold a [`PhantomPinned`], so no node is `Unpin`: a `&mut` to it may be aliased, and it
//!    cannot be moved from under its neighbours.
//! 5. A push onto a [`TransferStack`] writes to its own node only, and before that is in; the nodes
//!    that are in, nobody accesses before they are taken.
//! 6. The consumer of an [`MpscQueue`] takes a node only after the producer behind it has made its
//!    last access to it.
//! 7. A collection touches the links of its own name only. So of a node that is in several, by shared
//!    handles, each may change its links under a lock of its own, while another lends `&T`.
//!
//! # Panics and drops
//!
//! A handle whose `Drop` panics does not stop the others of its collection from being dropped. Other
//! foreign code is called only when the collection is whole: a panic in it leaves nothing broken,
//! and in a queue gives the consumer's right back. An element during whose insertion into a
//! [`SortedList`] the comparison panics is dropped.
//!
//! # Features
//!
//! - `alloc`: boxes as handles for [`linked!`]; `OwnedConsumer`, the queue's consumer with a share in
//!   its queue, where the target has pointer atomics and so `Arc`.
//! - `std`: nothing more; it turns on `alloc`.
//! - `no-cache-pad`: no padding between the ends of an [`MpscQueue`], for cores without a cache.
//!
//! On targets without compare-and-swap the application chooses how atomics are made, see
//! [`pintle_core`].
//!
//! # Compared with cordyceps
//!
//! The names, paths and signatures are cordyceps', so that a program changes only its dependency
//! line. Where a signature was unsound it differs: [`CursorMut`](list::CursorMut) lends what its
//! `next` gives and is no `Iterator`; [`Consumer`](mpsc_queue::Consumer) is not `Sync`;
//! [`MpscQueue`] and [`TransferStack`] ask for `T: Send` and `T::Handle: Send`. And a sole element is
//! linked, an index is right on both sides of the head, `remove` touches nobody before it knows the
//! node is a member, and a node of a [`List`] that is dropped or overwritten while linked ends the
//! process. A node that is linked already is refused: by a panic, of stacks, sorted lists and queues
//! in debug builds only, where the wrong list to remove from is noticed, too.
//!
//! [`NonNull`]: core::ptr::NonNull
//! [`PhantomPinned`]: core::marker::PhantomPinned
#![no_std]

#[cfg(any(test, feature = "alloc"))]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod list;
pub mod mpsc_queue;
pub mod ring;
pub mod sorted_list;
pub mod stack;

mod circle;
mod linked;
#[cfg(test)]
mod test_util;

#[doc(hidden)]
pub use self::linked::__private;
pub use self::{
    linked::{Linked, pin_static},
    list::List,
    mpsc_queue::MpscQueue,
    ring::Ring,
    sorted_list::{SortedList, SortedListIter},
    stack::{Stack, TransferStack},
};
