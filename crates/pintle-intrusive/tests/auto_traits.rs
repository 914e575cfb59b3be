//! Which of the crate's types are `Send` and `Sync`, for each kind of node and each kind of handle.
#![cfg(not(loom))]

use std::{
    cell::Cell,
    marker::PhantomData,
    pin::Pin,
    ptr::NonNull,
    rc::Rc,
    sync::{Arc, MutexGuard},
};

use pintle_intrusive::{
    Linked, List, MpscQueue, Ring, SortedList, SortedListIter, Stack, TransferStack, list,
    mpsc_queue, ring, stack,
};

/// What a node may be: the names are what it says of itself.
type SendSync = ();
type SendOnly = Cell<()>;
type SyncOnly = MutexGuard<'static, ()>;
type Neither = *mut ();

/// A handle's kind.
trait Kind {
    type Of<T: 'static>;
}

macro_rules! kinds {
    ($($name:ident = $of:ty;)*) => {$(
        struct $name;

        impl Kind for $name {
            type Of<T: 'static> = $of;
        }
    )*};
}

kinds! {
    InBox = Pin<Box<T>>;
    InArc = Pin<Arc<T>>;
    InRc = Pin<Rc<T>>;
    OnAStack = NonNull<T>;
    InAStatic = &'static T;
    Exclusive = Pin<&'static mut T>;
}

struct Node<M, K> {
    _marker: PhantomData<M>,
    _kind: PhantomData<fn(K)>,
}

/// A name that says nothing of its collection.
type Name = *mut u8;

macro_rules! linked {
    ($($links:ty),*) => {$(
        // SAFETY: nothing is ever linked.
        unsafe impl<M: 'static, K: Kind + 'static> Linked<$links> for Node<M, K> {
            type Handle = K::Of<Self>;

            fn into_ptr(_: Self::Handle) -> NonNull<Self> {
                unreachable!("it is not run")
            }

            unsafe fn from_ptr(_: NonNull<Self>) -> Self::Handle {
                unreachable!("it is not run")
            }

            unsafe fn links(_: NonNull<Self>) -> NonNull<$links> {
                unreachable!("it is not run")
            }
        }
    )*};
}

linked!(
    list::Links<Self, Name>,
    mpsc_queue::Links<Self, Name>,
    stack::Links<Self, Name>
);

/// Asks the compiler: what the type has itself goes before what a trait gives it.
struct Is<T: ?Sized>(PhantomData<T>);

trait Otherwise {
    const SEND: &'static str = "-";
    const SYNC: &'static str = "-";
    const UNPIN: bool = false;
}

impl<T: ?Sized> Otherwise for Is<T> {}

mod is {
    use super::Is;

    impl<T: ?Sized + Send> Is<T> {
        pub(super) const SEND: &'static str = "Send";
    }

    impl<T: ?Sized + Sync> Is<T> {
        pub(super) const SYNC: &'static str = "Sync";
    }

    impl<T: ?Sized + Unpin> Is<T> {
        pub(super) const UNPIN: bool = true;
    }
}

macro_rules! is {
    ($type:ty) => {
        [Is::<$type>::SEND, Is::<$type>::SYNC]
    };
}

/// The answers for a type of each node, in handles of this kind: `T` stands for the node.
macro_rules! each {
    ($kind:ty: $type:ty) => {
        [
            {
                type T = Node<SendSync, $kind>;
                is!($type)
            },
            {
                type T = Node<SendOnly, $kind>;
                is!($type)
            },
            {
                type T = Node<SyncOnly, $kind>;
                is!($type)
            },
            {
                type T = Node<Neither, $kind>;
                is!($type)
            },
        ]
    };
}

/// An answer for nodes that are both, `Send` only, `Sync` only, neither.
type Answer = [[&'static str; 2]; 4];

const AS_THE_NODE: Answer = [["Send", "Sync"], ["Send", "-"], ["-", "Sync"], ["-", "-"]];
const AS_A_REFERENCE: Answer = [["Send", "Sync"], ["-", "-"], ["Send", "Sync"], ["-", "-"]];
const BOTH_IF_SEND: Answer = [["Send", "Sync"], ["Send", "Sync"], ["-", "-"], ["-", "-"]];
const BOTH_IF_BOTH: Answer = [["Send", "Sync"], ["-", "-"], ["-", "-"], ["-", "-"]];
const ALWAYS: Answer = [["Send", "Sync"]; 4];
const NEVER: Answer = [["-", "-"]; 4];

#[test]
fn the_table_reads_nodes_and_handles_as_they_are() {
    assert_eq!(each!(InBox: T), AS_THE_NODE);
    assert_eq!(each!(OnAStack: T), AS_THE_NODE);
    assert_eq!(each!(InBox: &T), AS_A_REFERENCE);
    assert_eq!(each!(InBox: <InBox as Kind>::Of<T>), AS_THE_NODE);
    assert_eq!(each!(InBox: <Exclusive as Kind>::Of<T>), AS_THE_NODE);
    assert_eq!(each!(InBox: <InArc as Kind>::Of<T>), BOTH_IF_BOTH);
    assert_eq!(each!(InBox: <InAStatic as Kind>::Of<T>), AS_A_REFERENCE);
    assert_eq!(each!(InBox: <InRc as Kind>::Of<T>), NEVER);
    assert_eq!(each!(InBox: <OnAStack as Kind>::Of<T>), NEVER);
}

/// A node may be sent and shared with its links in it as without.
#[test]
fn links() {
    assert_eq!(each!(InBox: list::Links<T, Name>), AS_THE_NODE);
    assert_eq!(each!(InBox: stack::Links<T, Name>), AS_THE_NODE);
    assert_eq!(each!(InBox: mpsc_queue::Links<T, Name>), ALWAYS);
    trait Object: Send + Sync {}
    trait Local {}
    assert_eq!(is!(list::Links<dyn Object, Name>), ["Send", "Sync"]);
    assert_eq!(is!(list::Links<dyn Local + Send>), ["Send", "-"]);
    assert_eq!(is!(list::Links<dyn Local>), ["-", "-"]);
    assert_eq!(is!(stack::Links<[u8], str>), ["Send", "Sync"]);
}

macro_rules! collections_of {
    ($($kind:ident)*) => {$(
        // Whatever the handle is, by point 5 of the contract.
        assert_eq!(each!($kind: List<T, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: list::IntoIter<T, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: Ring<T, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: Stack<T, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: SortedList<T, Name>), AS_THE_NODE);

        // As references to their collections.
        assert_eq!(each!($kind: &List<T, Name>), AS_A_REFERENCE);
        assert_eq!(each!($kind: list::Iter<'static, T, Name>), AS_A_REFERENCE);
        assert_eq!(each!($kind: list::IterRaw<'static, T, Name>), AS_A_REFERENCE);
        assert_eq!(each!($kind: list::Cursor<'static, T, Name>), AS_A_REFERENCE);
        assert_eq!(each!($kind: ring::Iter<'static, T, Name>), AS_A_REFERENCE);
        assert_eq!(each!($kind: SortedListIter<'static, T, Name>), AS_A_REFERENCE);
        assert_eq!(each!($kind: &mut List<T, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: list::IterMut<'static, T, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: list::CursorMut<'static, T, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: list::DrainFilter<'static, T, fn(&T) -> bool, Name>), AS_THE_NODE);
        assert_eq!(each!($kind: list::DrainFilter<'static, T, Closure<T>, Name>), NEVER);
    )*};
}

/// What a `DrainFilter` owns, too.
type Closure<T> = Box<dyn FnMut(&T) -> bool>;

#[test]
fn exclusive_collections() {
    collections_of!(InBox InArc InRc OnAStack InAStatic Exclusive);
}

macro_rules! queues_of {
    ($kind:ident: $answer:expr) => {
        assert_eq!(each!($kind: MpscQueue<T, Name>), $answer);
        assert_eq!(each!($kind: TransferStack<T, Name>), $answer);
        // Two threads must not dequeue at a time.
        let consumers = $answer.map(|[send, _]| [send, "-"]);
        assert_eq!(each!($kind: mpsc_queue::Consumer<'static, T, Name>), consumers);
        #[cfg(feature = "alloc")]
        assert_eq!(each!($kind: mpsc_queue::OwnedConsumer<T, Name>), consumers);
    };
}

/// By them a handle goes to another thread at any time, so it has to be `Send` itself.
#[test]
fn shared_collections() {
    queues_of!(InBox: BOTH_IF_SEND);
    queues_of!(Exclusive: BOTH_IF_SEND);
    queues_of!(InArc: BOTH_IF_BOTH);
    queues_of!(InAStatic: BOTH_IF_BOTH);
    queues_of!(InRc: NEVER);
    queues_of!(OnAStack: NEVER);
    assert_eq!(is!(mpsc_queue::TryDequeueError), ["Send", "Sync"]);
}

/// A collection may be moved while its nodes may not.
#[test]
fn pinning() {
    type T = Node<SendSync, InBox>;
    let unpin = [
        Is::<List<T, Name>>::UNPIN,
        Is::<Ring<T, Name>>::UNPIN,
        Is::<Stack<T, Name>>::UNPIN,
        Is::<SortedList<T, Name>>::UNPIN,
        Is::<MpscQueue<T, Name>>::UNPIN,
        Is::<TransferStack<T, Name>>::UNPIN,
        Is::<list::CursorMut<'static, T, Name>>::UNPIN,
    ];
    assert_eq!(unpin, [true; 7]);
    let links = [
        Is::<list::Links<T, Name>>::UNPIN,
        Is::<stack::Links<T, Name>>::UNPIN,
        Is::<mpsc_queue::Links<T, Name>>::UNPIN,
    ];
    assert_eq!(links, [false; 3]);
}
