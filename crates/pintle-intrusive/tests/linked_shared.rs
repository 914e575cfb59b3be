//! `linked!` in an `unsafe impl`, with each handle that it knows.
#![cfg(all(not(loom), feature = "alloc"))]

use std::{
    pin::Pin,
    ptr::{self, NonNull},
    rc::Rc,
    sync::{Arc, Mutex},
};

use pintle_intrusive::{Linked, List, Stack, linked, list, pin_static, stack};

/// A node for good, which the leak sanitizer is told of.
fn leaked<T>(node: T) -> &'static mut T {
    static KEPT: Mutex<Vec<usize>> = Mutex::new(Vec::new());

    let node = Box::leak(Box::new(node));
    KEPT.lock()
        .unwrap()
        .push(ptr::from_mut(node).expose_provenance());
    node
}

macro_rules! comes_back {
    ($($name:ident: $handle:ty = $make:expr;)*) => {$(
        #[test]
        fn $name() {
            struct Node {
                links: list::Links<Self>,
                below: stack::Links<Self>,
                number: u32,
            }

            // A shared node may have one.
            impl Drop for Node {
                fn drop(&mut self) {
                    assert!(!self.links.is_linked());
                }
            }

            // SAFETY: the test links each node in once and is its only user; it calls no `_mut`
            // method.
            unsafe impl Linked<list::Links<Self>> for Node {
                linked!(links: list::Links<Self> as $handle);
            }

            // SAFETY: as above.
            unsafe impl Linked<stack::Links<Self>> for Node {
                linked!(below: stack::Links<Self> as $handle);
            }

            let mut list = List::<Node>::new();
            let mut stack = Stack::<Node>::new();
            for number in 0..3 {
                let node = Node {
                    links: list::Links::new(),
                    below: stack::Links::new(),
                    number,
                };
                stack.push($make(node));
            }
            list.extend(stack);
            let middle = NonNull::from(list.iter().nth(1).unwrap());
            assert_eq!(list.iter().map(|node| node.number).collect::<Vec<_>>(), [2, 1, 0]);
            // SAFETY: the node is in this list.
            let node = unsafe { list.remove(middle) }.unwrap();
            let node = Node::into_raw(node);
            assert!(ptr::eq(node.as_ptr(), middle.as_ptr()));
            // SAFETY: it is the handle of just now.
            let node = unsafe { <Node as Linked<list::Links<Node>>>::from_ptr(node) };
            list.push_front(node);
            list.assert_valid();
            assert_eq!(list.iter().map(|node| node.number).collect::<Vec<_>>(), [1, 2, 0]);
            while list.pop_back().is_some() {}

            impl Node {
                fn into_raw(handle: $handle) -> NonNull<Self> {
                    <Self as Linked<list::Links<Self>>>::into_ptr(handle)
                }
            }
        }
    )*};
}

comes_back! {
    a_pointer: NonNull<Self> = |node| NonNull::from(leaked(node));
    a_static: &'static Self = leaked;
    a_pinned_static: Pin<&'static Self> = |node| Pin::static_ref(leaked(node));
    an_exclusive_static: Pin<&'static mut Self> = |node| pin_static(leaked(node));
    a_box: Pin<Box<Self>> = Box::pin;
    a_count: Rc<Self> = Rc::new;
    a_pinned_count: Pin<Rc<Self>> = Rc::pin;
    an_atomic_count: Arc<Self> = Arc::new;
    a_pinned_atomic_count: Pin<Arc<Self>> = Arc::pin;
}

/// A share that goes in is a share that comes out, and none is left behind.
#[test]
fn shares_are_counted() {
    struct Node {
        links: list::Links<Self>,
    }

    // SAFETY: the test links it in once and calls no `_mut` method.
    unsafe impl Linked<list::Links<Self>> for Node {
        linked!(links: list::Links<Self> as Pin<Arc<Self>>);
    }

    let node = Arc::new(Node {
        links: list::Links::new(),
    });
    // SAFETY: it stays in its `Arc`, and is not `Unpin`.
    let pinned = |node: &Arc<Node>| unsafe { Pin::new_unchecked(node.clone()) };
    let mut list = List::<Node>::new();
    list.push_back(pinned(&node));
    assert_eq!(Arc::strong_count(&node), 2);
    drop(list.pop_front());
    assert_eq!(Arc::strong_count(&node), 1);
    list.push_back(pinned(&node));
    drop(list);
    assert_eq!(Arc::strong_count(&node), 1);
}

/// Wide pointers keep what they carry.
#[test]
fn a_node_without_a_size() {
    struct Node<V: ?Sized> {
        links: list::Links<Node<dyn Fn() -> u32>>,
        value: V,
    }

    // SAFETY: the box owns its node and pins it; there is no `Drop` and no `Unpin`.
    unsafe impl Linked<list::Links<Self>> for Node<dyn Fn() -> u32> {
        linked!(links: list::Links<Self> as Pin<Box<Self>>);
    }

    let text = String::from("abc");
    let mut list = List::<Node<dyn Fn() -> u32>>::new();
    list.push_back(Box::pin(Node {
        links: list::Links::new(),
        value: move || text.len() as u32,
    }));
    assert_eq!((list.pop_front().unwrap().value)(), 3);
}
