use core::{marker::PhantomData, ptr::NonNull};

mod owner;
mod pointer;
mod safe;

pub use self::owner::pin_static;

/// What [`linked!`](crate::linked!) expands to.
///
/// The names of `core` in it go through here, as where the macro is called another crate may be
/// called `core`: with another `Unpin`, the real one would not be refused.
#[doc(hidden)]
pub mod __private {
    pub use core::{marker::Unpin, ptr::NonNull};

    pub use super::{
        owner::Owner,
        pointer::Pointer,
        safe::{HasNoDropImpl, NeverUnpin},
    };
}

/// A type that can be linked into an intrusive collection by the links `L` inside it.
///
/// `L` says which kind of collection: [`list::Links`](crate::list::Links) for a
/// [`List`](crate::List) or a [`Ring`](crate::Ring), [`stack::Links`](crate::stack::Links) for a
/// [`Stack`](crate::Stack), a [`TransferStack`](crate::TransferStack) or a
/// [`SortedList`](crate::SortedList), [`mpsc_queue::Links`](crate::mpsc_queue::Links) for an
/// [`MpscQueue`](crate::MpscQueue). A node is in one collection for each `L` at a time, so to be in
/// several of one kind at once it has several links with different *names*: the second parameter,
/// any type, of links and collection, which is `()` if nothing is said.
///
/// ```
/// # use pintle_intrusive::{List, Linked, linked, list};
/// # use core::ptr::NonNull;
/// struct Task {
///     all: list::Links<Task>,             // for a `List<Task>`
///     waiting: list::Links<Task, Waiting>, // for a `List<Task, Waiting>`
/// }
///
/// enum Waiting {}
/// # unsafe impl Linked<list::Links<Self>> for Task {
/// #     linked!(all: list::Links<Self> as NonNull<Self>);
/// # }
/// # unsafe impl Linked<list::Links<Self, Waiting>> for Task {
/// #     linked!(waiting: list::Links<Self, Waiting> as NonNull<Self>);
/// # }
///
/// # let task = NonNull::from(Box::leak(Box::new(Task {
/// #     all: list::Links::new(),
/// #     waiting: list::Links::new(),
/// # })));
/// let mut all = List::<Task>::new();
/// let mut waiting = List::<Task, Waiting>::new();
/// all.push_back(task);
/// waiting.push_back(task);
/// # waiting.pop_back();
/// # unsafe { drop(Box::from_raw(all.pop_back().unwrap().as_ptr())) };
/// ```
///
/// The collections own what is pushed in the form of the associated [`Handle`](Self::Handle) and
/// keep nothing but a pointer of it:
///
/// ```text
///     push(handle) ──► into_ptr ──► NonNull<Self>, linked ──► from_ptr ──► pop() -> handle
/// ```
///
/// # Safety
///
/// The collections have no other way to know any of this; who implements the trait promises all
/// of it:
///
/// 1. **Ownership.** `into_ptr` gives the handle's ownership to the pointer, `from_ptr` takes it
///    back. From the one to the other the node is neither moved nor freed, and whatever access it
///    allowed, the collection has: it lends out `&Self`, and by methods called `_mut` also
///    `Pin<&mut Self>`. A handle is passed on only while its node is in no collection of this kind.
///
///    An owning handle, such as `Pin<Box<Self>>`, guarantees that by its type. `NonNull<Self>`,
///    which links a node on somebody's stack, `Arc<Self>` and `&'static Self` do not: of these
///    there can be two, or one made from nothing. With such a handle the promise is the
///    implementor's, who keeps handles and collections private to code that passes on each node
///    once at a time, and that calls no `_mut` method while others can reach the node.
/// 2. **Pinning.** `Self` is `!Unpin`. Links contain a [`PhantomPinned`](core::marker::PhantomPinned),
///    so it is enough not to implement `Unpin` by hand. That is also what tells the compiler that a
///    `&mut Self` may be aliased by the neighbours' pointers.
/// 3. **Links.** `links` returns a pointer to the same field for the same node each time, does not
///    panic, and makes no reference to the whole node on the way: `&raw mut (*ptr).links`. Neither
///    does any other code make a `&mut` to the links of a node that is linked, nor does the node's
///    own `Drop`, which may be called for a linked one (by [`Pin::set`](core::pin::Pin::set), on
///    what a collection lends). They are dropped when the node is, so not in a `ManuallyDrop`: that
///    is how a node that is overwritten or dropped while it is linked is noticed (and ends the
///    process).
/// 4. **Privacy of the links.** The words in `L` belong to the collection, and change under its
///    lock, not under the node's. The links are therefore not reachable by code that does not also
///    hold the collection (shared is enough): calling [`Links::is_linked`] while another thread
///    pushes or removes is a data race.
/// 5. **Thread-safety of the handle.** A collection is `Send` if the *node* is, since `Send` says of
///    a handle such as `NonNull` too little. So: **if `Self: Send`, a handle given up by
///    `into_ptr` on one thread may be taken back by `from_ptr`, and dropped, on another.** For
///    `Pin<Box<Self>>`, `&'static Self` with `Self: Sync`, `Arc<Self>` with `Self: Sync` and
///    `NonNull<Self>` this holds by itself. A node whose handle must stay on its thread
///    (`Handle = Rc<Self>`) has to be `!Send`, by a `PhantomData<*mut ()>` for instance.
///
/// [`Links::is_linked`]: crate::list::Links::is_linked
///
/// # Examples
///
/// A node that its handle alone owns needs no `unsafe`: see [`linked!`](crate::linked!), which also
/// writes what is in the impls of others.
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// # use core::pin::Pin;
/// use pintle_intrusive::{List, linked, list};
///
/// struct Job {
///     links: list::Links<Job>,
///     number: u32,
/// }
///
/// linked!(Job { links: list::Links<Self> } as Pin<Box<Self>>);
///
/// let mut jobs = List::<Job>::new();
/// jobs.push_back(Box::pin(Job { links: list::Links::new(), number: 1 }));
/// assert_eq!(jobs.pop_front().unwrap().number, 1);
/// ```
///
/// One that stands on the stack of who waits in it does, and its list is private to code that takes
/// it out before it goes:
///
/// ```
/// use core::{pin::pin, ptr::NonNull};
/// use pintle_intrusive::{Linked, List, linked, list};
///
/// struct Waiter {
///     links: list::Links<Waiter>,
///     ticket: u32,
/// }
///
/// // SAFETY: what makes handles is private: it pins a waiter, passes it on once and takes it out
/// // before it is dropped. `Waiter` implements neither `Unpin` nor `Drop`; the field is private to
/// // code that holds the list; a pointer may go where its waiter may.
/// unsafe impl Linked<list::Links<Self>> for Waiter {
///     linked!(links: list::Links<Self> as NonNull<Self>);
/// }
///
/// let mut waiters = List::<Waiter>::new();
/// let waiter = pin!(Waiter { links: list::Links::new(), ticket: 1 });
/// // SAFETY: the waiter is not moved.
/// let waiter = NonNull::from(unsafe { waiter.get_unchecked_mut() });
/// waiters.push_back(waiter);
/// assert_eq!(waiters.front().unwrap().ticket, 1);
/// // SAFETY: the waiter is in this list.
/// assert!(unsafe { waiters.remove(waiter) }.is_some());
/// ```
pub unsafe trait Linked<L> {
    /// What the collection takes and gives back, and owns in between: `Pin<Box<Self>>`, a
    /// reference-counted pointer, `&'static Self`, or `NonNull<Self>`.
    type Handle;

    /// Gives up the handle for a pointer to its node.
    ///
    /// The pointer is the one `from_ptr` gets back, with the same provenance.
    fn into_ptr(r: Self::Handle) -> NonNull<Self>;

    /// Makes the handle again that [`into_ptr`](Self::into_ptr) gave up.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by `into_ptr`, and has not been passed to `from_ptr` since.
    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle;

    /// Points to the links inside the node.
    ///
    /// # Safety
    ///
    /// `ptr` points to a live node.
    unsafe fn links(ptr: NonNull<Self>) -> NonNull<L>;
}

/// What holds a collection's name in its type: a marker type, of which there are no values.
///
/// It is `Send`, `Sync` and `Unpin` whatever `N` is. And it is invariant: two names of which one is a
/// subtype of the other (`for<'a> fn(&'a ())` and `fn(&'static ())`) are names of different links.
pub(crate) type Name<N> = PhantomData<fn(*const N) -> *const N>;
