//! `Send`, `Sync` and `Unpin` of each type of `stack` and `sorted_list`, as a table.
#![cfg(not(loom))]

use std::{
    cell::Cell,
    marker::{PhantomData, PhantomPinned},
    pin::Pin,
    ptr::NonNull,
    rc::Rc,
    sync::MutexGuard,
};

use pintle_intrusive::{
    Linked, SortedList, SortedListIter, Stack, TransferStack, sorted_list, stack,
};

struct Node<M: ?Sized, N: ?Sized = ()> {
    _links: stack::Links<Node<M, N>, N>,
    _marker: PhantomData<M>,
}

macro_rules! linked {
    ($($marker:ty, $name:ty: $handle:ty;)*) => {$(
        // SAFETY: nothing here is called.
        unsafe impl Linked<stack::Links<Self, $name>> for Node<$marker, $name> {
            type Handle = $handle;
            fn into_ptr(_: Self::Handle) -> NonNull<Self> { unimplemented!() }
            unsafe fn from_ptr(_: NonNull<Self>) -> Self::Handle { unimplemented!() }
            unsafe fn links(_: NonNull<Self>) -> NonNull<stack::Links<Self, $name>> {
                unimplemented!()
            }
        }
    )*};
}

/// Markers of nodes: what they may do, and what their handles are.
type Free = u32;
type SendOnly = Cell<u32>;
type SyncOnly = MutexGuard<'static, u32>;
type Bound = *mut u32;
/// The node is free, its handle is not: for `Stack` and `SortedList` the contract forbids it.
struct InRc;
/// Borrowed for good, which asks for `Sync` of the node.
struct InStatic<M>(M);
struct ByPointer;
/// The most that a name can forbid.
type Name = (*mut u32, PhantomPinned, dyn Fn(Rc<u32>));

linked! {
    Free, (): Pin<Box<Self>>;
    SendOnly, (): Pin<Box<Self>>;
    SyncOnly, (): Pin<Box<Self>>;
    Bound, (): Pin<Box<Self>>;
    InRc, (): Pin<Rc<Self>>;
    InStatic<Free>, (): &'static Self;
    InStatic<SendOnly>, (): &'static Self;
    ByPointer, (): NonNull<Self>;
    Free, Name: Pin<Box<Self>>;
}

/// Whether a type implements a trait: where it does, the inherent constant hides the trait's.
macro_rules! implements {
    ($type:ty: $auto:ident) => {{
        #[allow(dead_code, reason = "the compiler sees no use of its constant")]
        trait No {
            const ANSWER: bool = false;
        }
        struct Asked<T: ?Sized>(PhantomData<T>);
        impl<T: ?Sized> No for Asked<T> {}
        #[allow(dead_code, reason = "if no type of the row does")]
        impl<T: ?Sized + $auto> Asked<T> {
            const ANSWER: bool = true;
        }
        <Asked<$type>>::ANSWER
    }};
}

macro_rules! table {
    ($($type:ty: $send:literal $sync:literal $unpin:literal;)*) => {$(
        assert_eq!(
            (
                implements!($type: Send),
                implements!($type: Sync),
                implements!($type: Unpin),
            ),
            ($send == 1, $sync == 1, $unpin == 1),
            "(Send, Sync, Unpin) of {}",
            stringify!($type),
        );
    )*};
}

#[test]
#[rustfmt::skip]
fn auto_traits() {
    table! {
        // type                                      Send Sync Unpin
        stack::Links<Free>:                             1 1 0;
        stack::Links<SendOnly>:                         1 0 0;
        stack::Links<SyncOnly>:                         0 1 0;
        stack::Links<Bound>:                            0 0 0;
        stack::Links<dyn Fn() + Send + Sync>:           1 1 0;
        stack::Links<Free, Name>:                       1 1 0;
        sorted_list::Links<Bound>:                      0 0 0;

        Stack<Node<Free>>:                              1 1 1;
        Stack<Node<SendOnly>>:                          1 0 1;
        Stack<Node<SyncOnly>>:                          0 1 1;
        Stack<Node<Bound>>:                             0 0 1;
        Stack<Node<ByPointer>>:                         1 1 1;
        Stack<Node<InRc>>:                              1 1 1; // see `Linked`, point 5
        Stack<Node<Free, Name>, Name>:                  1 1 1;

        TransferStack<Node<Free>>:                      1 1 1;
        TransferStack<Node<SendOnly>>:                  1 1 1;
        TransferStack<Node<SyncOnly>>:                  0 0 1;
        TransferStack<Node<Bound>>:                     0 0 1;
        TransferStack<Node<ByPointer>>:                 0 0 1;
        TransferStack<Node<InRc>>:                      0 0 1;
        TransferStack<Node<InStatic<Free>>>:            1 1 1;
        TransferStack<Node<InStatic<SendOnly>>>:        0 0 1;
        TransferStack<Node<Free, Name>, Name>:          1 1 1;

        SortedList<Node<Free>>:                         1 1 1;
        SortedList<Node<SendOnly>>:                     1 0 1;
        SortedList<Node<SyncOnly>>:                     0 1 1;
        SortedList<Node<Bound>>:                        0 0 1;
        SortedList<Node<ByPointer>>:                    1 1 1;
        SortedList<Node<Free, Name>, Name>:             1 1 1;

        SortedListIter<'static, Node<Free>>:            1 1 1;
        SortedListIter<'static, Node<SendOnly>>:        0 0 1;
        SortedListIter<'static, Node<SyncOnly>>:        1 1 1;
        SortedListIter<'static, Node<Bound>>:           0 0 1;
        SortedListIter<'static, Node<Free, Name>, Name>: 1 1 1;
    }
}
