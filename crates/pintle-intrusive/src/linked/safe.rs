use core::marker::{PhantomData, PhantomPinned};

/// Implements [`Linked`](crate::Linked) for a type: without `unsafe`, or what is in an `unsafe impl`.
///
/// Without, for a node that its handle alone owns: `Pin<Box<Self>>` (feature `alloc`), or
/// `Pin<&'static mut Self>`, of which [`pin_static`](crate::pin_static) makes one.
///
/// ```text
/// linked!(Job { links: list::Links<Self> } as Pin<Box<Self>>);
///          │    │      │                       └ the handle
///          │    │      └ the field's type, as it is declared
///          │    └ the field, or fields: all that the type has, in one go
///          └ the type: a struct with named fields
/// ```
///
/// A type with parameters has them declared in front with their bounds, as in an `impl`:
/// `linked!(impl<'a, T: Send> Node<'a, T> { … } as Pin<Box<Self>>)`.
///
/// # Shared handles
///
/// `NonNull<Self>`, and pinned or not `&'static Self`, `Arc<Self>` and `Rc<Self>` (feature `alloc`),
/// say nothing of who else has the node. So the `impl` is `unsafe`, its promise written by who knows;
/// the macro writes what is in it. (The handles above may be said here, too: for a node with a `Drop`.)
///
/// ```
/// # use core::ptr::NonNull;
/// use pintle_intrusive::{Linked, linked, list};
///
/// struct Waiter { links: list::Links<Self> }
///
/// // SAFETY: here stand points 1 to 5 of the contract.
/// unsafe impl Linked<list::Links<Self>> for Waiter {
///     linked!(links: list::Links<Self> as NonNull<Self>);
/// }
/// ```
///
/// Of the contract the macro then keeps this: the three functions are right for the handle, and the
/// field is one of the struct itself, of just the type that is said, and aligned.
///
/// # What it refuses
///
/// What it accepts without `unsafe` cannot break the [contract](crate::Linked#safety) by safe code, point by point:
///
/// 1. **Ownership**: a handle that can have a copy, such as `Arc<Self>`, `NonNull<Self>` or
///    `&'static Self`, and one that is not pinned. So a node is in one collection at a time even
///    if it has links for several.
/// 2. **Pinning**: a type with an `impl Unpin`, be it for some of its parameters only. The macro
///    writes one that never holds, and no type has two. (Macros that pin fields, such as
///    `pin-project`'s, write one too. What they pin can be a struct inside the node.)
/// 3. **Links**: a field of another type (`ManuallyDrop` of links is one), a field behind a `Deref`,
///    a union, an enum, a packed struct, the same links twice. And a type with a `Drop` of its own:
///    it would get a `&mut` to links that may be linked (see [`list::Links`](crate::list::Links#aborts)),
///    and could put others in their place. A field may have one.
/// 4. **Privacy** needs no check: who has a `&Self` of a linked node has borrowed the collection, so
///    nobody writes links meanwhile. The field may be public.
/// 5. **Thread-safety** is that of the handles above, which may be sent if their node may.
///
/// # Examples
///
/// Two lists and a queue, of which a job is in one at a time:
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// use core::pin::Pin;
/// use pintle_intrusive::{List, MpscQueue, linked, list, mpsc_queue};
///
/// #[derive(Default)]
/// struct Job {
///     links: list::Links<Job>,
///     run: mpsc_queue::Links<Job>,
///     number: u32,
/// }
///
/// linked!(Job { links: list::Links<Self>, run: mpsc_queue::Links<Self> } as Pin<Box<Self>>);
///
/// let mut waiting = List::<Job>::new();
/// let mut done = List::<Job>::new();
/// let run = MpscQueue::<Job>::new_with_stub(Box::pin(Job::default()));
///
/// waiting.extend((1..4).map(|number| Box::pin(Job { number, ..Job::default() })));
/// for job in waiting.drain_filter(|job| job.number != 2) {
///     run.enqueue(job);
/// }
/// done.extend(run.consume());
/// assert_eq!(done.iter().map(|job| job.number).collect::<Vec<_>>(), [1, 3]);
/// assert_eq!(waiting.len(), 1);
/// ```
///
/// A node with parameters:
///
#[cfg_attr(feature = "alloc", doc = "```")]
#[cfg_attr(not(feature = "alloc"), doc = "```ignore")]
/// # use core::pin::Pin;
/// # use pintle_intrusive::{Ring, linked, list};
/// struct Node<'a, T> {
///     links: list::Links<Self>,
///     value: &'a T,
/// }
///
/// linked!(impl<'a, T> Node<'a, T> { links: list::Links<Self> } as Pin<Box<Self>>);
///
/// let value = 5;
/// let mut ring = Ring::new();
/// ring.push_back(Box::pin(Node { links: list::Links::new(), value: &value }));
/// # let _: Ring<Node<u32>> = ring;
/// ```
#[macro_export]
macro_rules! linked {
    (impl < $($rest:tt)*) => {
        $crate::__linked_generics!([] [] $($rest)*);
    };
    ($field:ident: $links:ty as $handle:ty $(,)?) => {
        $crate::__linked_items!($handle, $field: $links, Pointer);
    };
    ($($rest:tt)*) => {
        $crate::__linked_impls!([] $($rest)*);
    };
}

/// Reads the parameters between `<` and its `>`: those read so far, the `<` that are open inside.
#[doc(hidden)]
#[macro_export]
macro_rules! __linked_generics {
    ([$($read:tt)*] [] > $($rest:tt)*) => {
        $crate::__linked_impls!([$($read)*] $($rest)*);
    };
    ([$($read:tt)*] [<] >> $($rest:tt)*) => {
        $crate::__linked_impls!([$($read)* >] $($rest)*);
    };
    ([$($read:tt)*] [< < $($open:tt)*] >> $($rest:tt)*) => {
        $crate::__linked_generics!([$($read)* >>] [$($open)*] $($rest)*);
    };
    ([$($read:tt)*] [< $($open:tt)*] > $($rest:tt)*) => {
        $crate::__linked_generics!([$($read)* >] [$($open)*] $($rest)*);
    };
    ([$($read:tt)*] [$($open:tt)*] < $($rest:tt)*) => {
        $crate::__linked_generics!([$($read)* <] [< $($open)*] $($rest)*);
    };
    ([$($read:tt)*] [$($open:tt)*] <- $($rest:tt)*) => {
        $crate::__linked_generics!([$($read)* <-] [< $($open)*] $($rest)*);
    };
    ([$($read:tt)*] [$($open:tt)*] << $($rest:tt)*) => {
        $crate::__linked_generics!([$($read)* <<] [< < $($open)*] $($rest)*);
    };
    ([$($read:tt)*] [$($open:tt)*] $next:tt $($rest:tt)*) => {
        $crate::__linked_generics!([$($read)* $next] [$($open)*] $($rest)*);
    };
}

/// The impls, with the parameters in brackets in front.
///
/// (All else is parsed before it gets into an impl, so that nothing in it can end that impl and
/// begin another. What stands between a `<` and its `>` cannot either.)
#[doc(hidden)]
#[macro_export]
macro_rules! __linked_impls {
    ($generics:tt $node:ty { $($field:ident: $links:ty),+ $(,)? } as $handle:ty) => {
        $crate::__linked_promises!($generics $node);
        $($crate::__linked_by!($generics $node, $handle, $field: $links);)+
    };
}

/// What a type promises by the lack of an impl, whatever its links.
#[doc(hidden)]
#[macro_export]
macro_rules! __linked_promises {
    ([$($generics:tt)*] $node:ty) => {
        /// Never holds. It is here so that no other can be.
        impl<'__pinned, $($generics)*> $crate::__private::Unpin for $node
        where
            $crate::__private::NeverUnpin<'__pinned>: $crate::__private::Unpin
        {}

        impl<$($generics)*> $crate::__private::HasNoDropImpl for $node {}
    };
}

/// One impl of `Linked`.
#[doc(hidden)]
#[macro_export]
macro_rules! __linked_by {
    ([$($generics:tt)*] $node:ty, $handle:ty, $field:ident: $links:ty) => {
        // SAFETY: by point of the contract:
        // 1. `Owner` promises it of the handle.
        // 2. `__linked_promises!` wrote the only `impl Unpin`, whose condition never holds.
        // 3. `links` below names a field of `Self`, of just this type. There is no `impl Drop`, so
        //    it is dropped with the node, and nobody gets a `&mut` to it while the node is linked: a
        //    collection lends `Pin<&mut Self>`, of which safe code makes none.
        // 4. `Owner` promises it: a reference to a linked node is borrowed from its collection.
        // 5. `Owner` promises it of the handle.
        unsafe impl<$($generics)*> $crate::Linked<$links> for $node {
            $crate::__linked_items!($handle, $field: $links, Owner);
        }
    };
}

/// What is in one impl of `Linked`, for a handle with this trait of `__private`.
#[doc(hidden)]
#[macro_export]
macro_rules! __linked_items {
    ($handle:ty, $field:ident: $links:ty, $trait:ident) => {
        type Handle = $handle;

        #[inline]
        fn into_ptr(handle: Self::Handle) -> $crate::__private::NonNull<Self> {
            <$handle as $crate::__private::$trait<Self>>::into_ptr(handle)
        }

        #[inline]
        unsafe fn from_ptr(ptr: $crate::__private::NonNull<Self>) -> Self::Handle {
            // SAFETY: the caller's promise is the same.
            unsafe { <$handle as $crate::__private::$trait<Self>>::from_ptr(ptr) }
        }

        #[inline]
        unsafe fn links(
            ptr: $crate::__private::NonNull<Self>,
        ) -> $crate::__private::NonNull<$links> {
            // Checked and never called: `Self` is a struct, the field its own, not that of what
            // it derefs to, and aligned, as a reference to it can be made.
            let _ = |Self { $field: _links, .. }: &Self| {};
            let node = ptr.as_ptr();
            // The field's type is this one, not one that could be coerced to it.
            // SAFETY: the node is live, says the caller.
            let links: *mut $links = unsafe { &raw mut (*node).$field };
            // SAFETY: a field's address is not null.
            unsafe { $crate::__private::NonNull::new_unchecked(links) }
        }
    };
}

/// Never `Unpin`. The lifetime keeps the compiler from calling the condition senseless.
#[derive(Debug)]
pub struct NeverUnpin<'a>(PhantomData<&'a ()>, PhantomPinned);

/// Cannot be implemented for a type with an `impl Drop`, as it then would be twice.
pub trait HasNoDropImpl {}

#[expect(
    drop_bounds,
    reason = "it is about impls of `Drop`, not about what has to be dropped"
)]
impl<T: Drop + ?Sized> HasNoDropImpl for T {}
