use alloc::{boxed::Box, format, rc::Rc, vec::Vec};
use core::{cell::Cell, pin::Pin, ptr::NonNull};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Links, Stack, TransferStack};
use crate::{
    Linked, SortedList,
    test_util::{Entry, counted, entry, panicking},
};

#[test]
fn last_in_first_out() {
    let mut stack = Stack::<Entry>::new();
    assert!(stack.is_empty());
    assert!(stack.pop().is_none());
    assert!(stack.push_was_empty(entry(0)));
    assert!(!stack.push_was_empty(entry(1)));
    stack.push(entry(2));
    assert_eq!(stack.pop().unwrap().n, 2);
    stack.push(entry(3));
    let mut rest = stack.take_all();
    assert!(stack.is_empty());
    assert!(stack.next().is_none());
    assert_eq!(rest.by_ref().map(|e| e.n).collect::<Vec<_>>(), [3, 1, 0]);
    assert!(rest.push_was_empty(entry(4)));
    assert!(!rest.is_empty());
}

#[test]
fn all_is_transferred() {
    let transfer = TransferStack::<Entry>::new();
    for round in 0..3 {
        assert!(transfer.is_empty());
        assert!(transfer.take_all().is_empty());
        assert!(transfer.push_was_empty(entry(0)));
        for n in 1..=round {
            assert!(!transfer.is_empty());
            assert!(!transfer.push_was_empty(entry(n)));
        }
        let taken = transfer.take_all();
        transfer.push(entry(9));
        let numbers: Vec<u32> = taken.map(|e| e.n).collect();
        assert_eq!(numbers, (0..=round).rev().collect::<Vec<_>>());
        assert_eq!(transfer.take_all().count(), 1);
    }
}

/// The same node comes again and again, by the pointer with which it was pushed: writing by it is
/// what Miri looks at.
#[test]
fn a_node_comes_back_as_it_was_pushed() {
    let transfer = TransferStack::<Entry>::default();
    let mut stack = Stack::<Entry>::default();
    let mut node = entry(0);
    for n in 1..4 {
        transfer.push(node);
        stack.push(transfer.take_all().pop().unwrap());
        node = stack.pop().unwrap();
        node.as_mut().set(n);
        assert_eq!(node.n, n);
    }
}

#[test]
fn dropping_drops_the_handles() {
    let drops = Rc::new(Cell::new(0));
    for elements in 0..3 {
        drops.set(0);
        let mut stack = Stack::<Entry>::new();
        let transfer = TransferStack::<Entry>::new();
        for n in 0..elements {
            stack.push(counted(n, &drops));
            transfer.push(counted(n, &drops));
        }
        drop(stack);
        assert_eq!(drops.get(), elements);
        drop(transfer);
        assert_eq!(drops.get(), 2 * elements);
    }
}

#[test]
fn a_drop_that_panics_stops_no_other() {
    let drops = Rc::new(Cell::new(0));
    let mut stack = Stack::<Entry>::new();
    let transfer = TransferStack::<Entry>::new();
    for n in 0..3 {
        let make = if n == 1 { panicking } else { counted };
        stack.push(make(n, &drops));
        transfer.push(make(n, &drops));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(stack))).is_err());
    assert_eq!(drops.get(), 3);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(transfer))).is_err());
    assert_eq!(drops.get(), 6);
}

#[test]
fn prints() {
    let mut stack = Stack::<Entry>::new();
    assert_eq!(format!("{stack:?}"), "Stack { top: None }");
    let one = entry(1);
    let at = format!("{:p}", &*one);
    stack.push(one);
    assert_eq!(format!("{stack:?}"), format!("Stack {{ top: Some({at}) }}"));
    assert_eq!(
        format!("{:?}", TransferStack::<Entry>::new()),
        "TransferStack { top: 0x0 }"
    );
    assert_eq!(format!("{:?}", Links::<Entry>::default()), "Links { .. }");
}

#[test]
fn sizes() {
    assert_eq!(size_of::<Stack<Entry>>(), size_of::<usize>());
    assert_eq!(size_of::<TransferStack<Entry>>(), size_of::<usize>());
    // Debug builds remember whether the node is linked.
    let links = if cfg!(debug_assertions) { 2 } else { 1 };
    assert_eq!(size_of::<Links<Entry>>(), links * size_of::<usize>());
}

/// On somebody's stack, once by each name.
struct Local {
    links: Links<Local>,
    other: Links<Local, Other>,
    n: u32,
}

enum Other {}

fn local(n: u32) -> Local {
    Local {
        links: Links::new(),
        other: Links::new(),
        n,
    }
}

macro_rules! linked {
    ($links:ty: $field:ident) => {
        // SAFETY: the tests keep each node where it is and live while it is linked.
        unsafe impl Linked<$links> for Local {
            type Handle = NonNull<Local>;

            fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
                handle
            }

            unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
                ptr
            }

            unsafe fn links(ptr: NonNull<Self>) -> NonNull<$links> {
                // SAFETY: the node is live.
                let links = unsafe { &raw mut (*ptr.as_ptr()).$field };
                // SAFETY: a field's address is not null.
                unsafe { NonNull::new_unchecked(links) }
            }
        }
    };
}

linked!(Links<Local>: links);
linked!(Links<Local, Other>: other);

#[test]
fn a_node_in_two_stacks_by_name() {
    let nodes = core::pin::pin!([local(0), local(1)]);
    let nodes = nodes.as_ref().get_ref().each_ref().map(NonNull::from);
    let mut all = Stack::<Local>::new();
    let some = TransferStack::<Local, Other>::new();
    for node in nodes {
        all.push(node);
        some.push(node);
    }
    let mut taken: Stack<Local, Other> = some.take_all();
    assert_eq!(taken.next(), Some(nodes[1]));
    assert_eq!(all.next(), Some(nodes[1]));
    assert_eq!(all.next(), Some(nodes[0]));
    assert_eq!(taken.next(), Some(nodes[0]));
    // SAFETY: the nodes live, and nobody changes them.
    assert_eq!(unsafe { nodes[1].as_ref() }.n, 1);
}

#[test]
#[cfg(debug_assertions)]
fn pushing_twice_panics_and_harms_nothing() {
    let nodes = core::pin::pin!([local(0), local(1)]);
    let [low, high] = nodes.as_ref().get_ref().each_ref().map(NonNull::from);
    let mut stack = Stack::<Local>::new();
    let mut other = Stack::<Local>::new();
    let transfer = TransferStack::<Local>::new();
    let mut sorted = SortedList::<Local>::new_with_cmp(|a, b| a.n.cmp(&b.n));
    let mut refuses = |stack: &mut Stack<Local>, node| {
        let pushes: [&mut dyn FnMut(); 5] = [
            &mut || stack.push(node),
            &mut || other.push(node),
            &mut || transfer.push(node),
            &mut || assert!(transfer.push_was_empty(node)),
            &mut || sorted.insert(node),
        ];
        for push in pushes {
            let caught = catch_unwind(AssertUnwindSafe(push));
            let said = *caught.unwrap_err().downcast::<&str>().unwrap();
            assert!(said.contains("linked into a stack"), "{said}");
        }
        assert!(other.is_empty() && transfer.is_empty() && sorted.is_empty());
    };
    stack.push(low);
    refuses(&mut stack, low);
    stack.push(high);
    refuses(&mut stack, low);
    refuses(&mut stack, high);
    assert_eq!(stack.pop(), Some(high));
    transfer.push(high);
    assert_eq!(stack.pop(), Some(low));
    assert!(stack.is_empty());
    let caught = catch_unwind(AssertUnwindSafe(|| stack.push(high)));
    assert!(caught.is_err());
    assert_eq!(transfer.take_all().pop(), Some(high));
    sorted.extend([high, low]);
    for node in [low, high] {
        let caught = catch_unwind(AssertUnwindSafe(|| sorted.insert(node)));
        assert!(caught.is_err());
    }
    assert_eq!(sorted.pop_front(), Some(low));
    assert_eq!(sorted.pop_front(), Some(high));
    stack.push(high);
    assert_eq!(stack.pop(), Some(high));
}

/// In a process of its own, as it must end.
#[test]
#[cfg(all(debug_assertions, not(loom)))]
#[cfg_attr(miri, ignore = "it starts a process")]
fn dropping_a_linked_node_ends_the_process() {
    const CHILD: &str = "PINTLE_INTRUSIVE_DROPS";
    if std::env::var_os(CHILD).is_some() {
        let mut stack = Stack::<Local>::new();
        // Nothing may come after it, not even what catches a panic.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let node = core::pin::pin!(local(0));
            stack.push(NonNull::from(&*node));
        }));
        std::process::exit(0);
    }
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--nocapture",
            "--exact",
            std::thread::current().name().unwrap(),
        ])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = std::string::String::from_utf8_lossy(&child.stderr);
    assert_ne!(child.status.code(), Some(0), "{said}");
    assert!(said.contains("dropped while it is linked"), "{said}");
}

/// Wide pointers: the vtable goes with the link.
#[test]
fn trait_objects() {
    type Job = Node<dyn Fn() -> u32>;

    struct Node<V: ?Sized> {
        links: Links<Job>,
        value: V,
    }

    // SAFETY: as for `Sendable`.
    unsafe impl Linked<Links<Self>> for Job {
        type Handle = Pin<Box<Self>>;
        fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
            // SAFETY: the node is not moved.
            NonNull::from(Box::leak(unsafe { Pin::into_inner_unchecked(handle) }))
        }
        unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
            // SAFETY: the pointer is from `into_ptr`.
            Box::into_pin(unsafe { Box::from_raw(ptr.as_ptr()) })
        }
        unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
            // SAFETY: the node is live.
            let links = unsafe { &raw mut (*ptr.as_ptr()).links };
            // SAFETY: a field's address is not null.
            unsafe { NonNull::new_unchecked(links) }
        }
    }

    fn node(value: impl Fn() -> u32 + 'static) -> Pin<Box<Job>> {
        Box::pin(Node {
            links: Links::new(),
            value,
        })
    }

    let text = alloc::string::String::from("abc");
    let mut stack = Stack::<Job>::new();
    stack.push(node(|| 7));
    stack.push(node(move || text.len() as u32));
    stack.push(node(|| 5));
    let mut sorted = SortedList::from_stack_with_cmp(stack, |a, b| (a.value)().cmp(&(b.value)()));
    assert_eq!((sorted.pop_front().unwrap().value)(), 3);
    assert_eq!(
        sorted.iter().map(|n| (n.value)()).collect::<Vec<_>>(),
        [5, 7]
    );
}

pintle_core::not_loom! {
    #[test]
    fn a_stack_in_a_static() {
        static STACK: TransferStack<Sendable> = TransferStack::new();
        let pushing = std::thread::spawn(|| STACK.push(Box::pin(Sendable(Links::new()))));
        pushing.join().unwrap();
        assert_eq!(STACK.take_all().count(), 1);
    }
}

struct Sendable(Links<Sendable>);

// SAFETY: the box owns its node and pins it; `links` goes by raw pointers.
unsafe impl Linked<Links<Sendable>> for Sendable {
    type Handle = Pin<Box<Sendable>>;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        // SAFETY: the node is not moved.
        let boxed = unsafe { Pin::into_inner_unchecked(handle) };
        NonNull::from(Box::leak(boxed))
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        // SAFETY: the pointer is from `into_ptr`.
        Box::into_pin(unsafe { Box::from_raw(ptr.as_ptr()) })
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).0 };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}
