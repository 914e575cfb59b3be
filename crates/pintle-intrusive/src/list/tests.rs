use alloc::{boxed::Box, format, rc::Rc, vec, vec::Vec};
use core::{cell::Cell, pin::Pin, ptr::NonNull};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Links, List};
use crate::{
    Linked, Ring,
    test_util::{Entry, counted, entry, list, numbers, panicking, ptr, unpinned},
};

#[test]
fn both_ends() {
    let mut list = List::<Entry>::new();
    assert!(list.pop_front().is_none());
    assert!(list.pop_back().is_none());
    list.push_back(entry(2));
    list.push_back(entry(3));
    list.push_front(entry(1));
    assert_eq!(numbers(&list), [1, 2, 3]);
    assert_eq!(list.front().unwrap().n, 1);
    assert_eq!(list.back().unwrap().n, 3);
    list.front_mut().unwrap().set(10);
    list.back_mut().unwrap().set(30);
    assert_eq!(list.pop_back().unwrap().n, 30);
    assert_eq!(list.pop_front().unwrap().n, 10);
    assert_eq!(list.pop_front().unwrap().n, 2);
    assert!(list.pop_front().is_none());
    assert!(list.is_empty());
}

/// Defect 32 of tests/defects.rs: the reference calls a sole element unlinked.
#[test]
fn a_sole_element_is_linked() {
    let mut list = List::<Entry>::new();
    let one = entry(1);
    let at = ptr(&one);
    assert!(!one.is_linked());
    list.push_back(one);
    assert!(list.front().unwrap().is_linked());
    // SAFETY: the node is in the list.
    let one = unsafe { list.remove(at) }.unwrap();
    assert!(!one.is_linked());
}

#[test]
fn remove_from_each_place() {
    for place in 0..4 {
        let mut list = list(0..4);
        let at = list.iter_raw().nth(place).unwrap();
        // SAFETY: the node is in the list.
        let removed = unsafe { list.remove(at) }.unwrap();
        assert_eq!(removed.n, place as u32);
        assert!(!removed.is_linked());
        let left: Vec<u32> = (0..4).filter(|n| *n != place as u32).collect();
        assert_eq!(numbers(&list), left);
        // SAFETY: the node is in no list.
        assert!(unsafe { list.remove(ptr(&removed)) }.is_none());
        assert_eq!(numbers(&list), left);
        list.push_back(removed);
        assert_eq!(list.len(), 4);
    }
}

#[test]
#[cfg(debug_assertions)]
fn remove_from_the_wrong_list_touches_nothing() {
    let mut right = list(0..3);
    let mut wrong = list(7..9);
    let at = right.iter_raw().nth(1).unwrap();
    for wrong in [&mut wrong, &mut List::new()] {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            // SAFETY: it is not met, as the debug build notices before it matters.
            drop(unsafe { wrong.remove(at) });
        }));
        assert!(caught.is_err());
    }
    assert_eq!(numbers(&right), [0, 1, 2]);
    assert_eq!(numbers(&wrong), [7, 8]);
    // SAFETY: the node is in this list.
    assert_eq!(unsafe { right.remove(at) }.unwrap().n, 1);
}

/// Either list may be too long to be looked through, but not both.
#[test]
#[cfg(debug_assertions)]
fn remove_from_the_wrong_list_is_found_in_long_ones() {
    for (here, there) in [(63, 1000), (1000, 64)] {
        let right = list(0..here);
        let mut wrong = list(0..there);
        for at in right.iter_raw() {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                // SAFETY: it is not met, as the debug build notices before it matters.
                drop(unsafe { wrong.remove(at) });
            }));
            let said = *caught.unwrap_err().downcast::<&str>().unwrap();
            assert_eq!(said, "the node is in another list or ring");
        }
        assert_eq!(numbers(&right).len(), here as usize);
        assert_eq!(numbers(&wrong).len(), there as usize);
    }
    // None is blamed that is right.
    let mut long = list(0..1000);
    let nodes: Vec<_> = long.iter_raw().collect();
    for at in nodes.into_iter().step_by(7) {
        // SAFETY: the node is in this list.
        assert!(unsafe { long.remove(at) }.is_some());
    }
}

type Insert = fn(&mut List<Stacked>, NonNull<Stacked>);

#[test]
fn inserting_a_linked_node_panics_and_harms_nothing() {
    let nodes = [const {
        Stacked {
            links: Links::new(),
        }
    }; 3];
    let [first, second, other] = nodes.each_ref().map(NonNull::from);
    let mut here: List<Stacked> = [first, second].into_iter().collect();
    let mut elsewhere = Ring::<Stacked>::from_iter([other]);
    for node in [first, second, other] {
        let insertions: [Insert; 6] = [
            |list, node| list.push_back(node),
            |list, node| list.push_front(node),
            |list, node| list.cursor_back_mut().insert_before(node),
            |list, node| list.cursor_back_mut().insert_after(node),
            |list, node| {
                let mut beside = list.cursor_back_mut();
                beside.move_next();
                beside.insert_after(node);
            },
            |list, node| {
                let mut beside = list.cursor_back_mut();
                beside.move_next();
                beside.insert_before(node);
            },
        ];
        for insert in insertions {
            for list in [&mut here, &mut List::new()] {
                let caught = catch_unwind(AssertUnwindSafe(|| insert(list, node)));
                let said = *caught.unwrap_err().downcast::<&str>().unwrap();
                assert_eq!(said, "the node is linked already");
                list.assert_valid();
            }
        }
        for ring in [&mut elsewhere, &mut Ring::new()] {
            for push in [Ring::push_back, Ring::push_front] {
                assert!(catch_unwind(AssertUnwindSafe(|| push(ring, node))).is_err());
            }
        }
    }
    assert_eq!(here.pop_front(), Some(first));
    assert_eq!(here.pop_front(), Some(second));
    assert_eq!(here.pop_front(), None);
    assert_eq!(elsewhere.pop_front(), Some(other));
    assert!(elsewhere.is_empty());
}

/// The handle is made of the pointer that was pushed: this one may be made from a `&T`.
#[test]
fn remove_by_a_shared_reference() {
    let mut list = list(0..3);
    let at = NonNull::from(list.iter().nth(1).unwrap());
    // SAFETY: the node is in the list.
    let mut removed = unsafe { list.remove(at) }.unwrap();
    removed.as_mut().set(5);
    assert_eq!(removed.n, 5);
}

struct Stacked {
    links: Links<Stacked>,
}

// SAFETY: the tests keep each node where it is and live while it is linked.
unsafe impl Linked<Links<Stacked>> for Stacked {
    type Handle = NonNull<Stacked>;

    fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
        handle
    }

    unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
        ptr
    }

    unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the node is live.
        let links = unsafe { &raw mut (*ptr.as_ptr()).links };
        // SAFETY: a field's address is not null.
        unsafe { NonNull::new_unchecked(links) }
    }
}

#[test]
fn a_list_in_a_static() {
    static LIST: std::sync::Mutex<List<Entry2>> = std::sync::Mutex::new(List::new());
    struct Entry2(Links<Entry2>);
    // SAFETY: the test keeps the node where it is.
    unsafe impl Linked<Links<Entry2>> for Entry2 {
        type Handle = NonNull<Entry2>;
        fn into_ptr(handle: Self::Handle) -> NonNull<Self> {
            handle
        }
        unsafe fn from_ptr(ptr: NonNull<Self>) -> Self::Handle {
            ptr
        }
        unsafe fn links(ptr: NonNull<Self>) -> NonNull<Links<Self>> {
            // SAFETY: the node is live.
            let links = unsafe { &raw mut (*ptr.as_ptr()).0 };
            // SAFETY: a field's address is not null.
            unsafe { NonNull::new_unchecked(links) }
        }
    }
    let node = core::pin::pin!(Entry2(Links::new()));
    let node = NonNull::from(&*node);
    LIST.lock().unwrap().push_back(node);
    // SAFETY: the node is in this list.
    assert_eq!(unsafe { LIST.lock().unwrap().remove(node) }, Some(node));
}

#[test]
fn append_in_every_combination() {
    for (a, b) in [(0, 0), (0, 2), (2, 0), (1, 1), (3, 2)] {
        let mut front = list(0..a);
        let mut rear = list(a..a + b);
        front.append(&mut rear);
        assert_eq!(numbers(&front), (0..a + b).collect::<Vec<_>>());
        assert_eq!(numbers(&rear), []);
        rear.push_back(entry(9));
        front.push_back(entry(8));
        assert_eq!((front.len(), rear.len()), ((a + b + 1) as usize, 1));
    }
}

#[test]
fn split_off_at_each_place() {
    for at in 0..=5 {
        let mut front = list(0..5);
        let rear = front.split_off(at as usize);
        assert_eq!(numbers(&front), (0..at).collect::<Vec<_>>());
        assert_eq!(numbers(&rear), (at..5).collect::<Vec<_>>());
    }
    let mut short = list(0..5);
    assert!(short.try_split_off(6).is_none());
    assert_eq!(numbers(&short), [0, 1, 2, 3, 4]);
}

#[test]
#[should_panic = "cannot split off at 1: the list's length is 0"]
fn split_off_behind_the_end() {
    drop(list([]).split_off(1));
}

#[test]
fn iterators_know_their_length_and_meet() {
    let mut list = list(0..4);
    let mut iter = list.iter();
    assert_eq!(iter.len(), 4);
    assert_eq!(iter.next().unwrap().n, 0);
    assert_eq!(iter.next_back().unwrap().n, 3);
    assert_eq!(iter.clone().count(), 2);
    assert_eq!(iter.next_back().unwrap().n, 2);
    assert_eq!(iter.next().unwrap().n, 1);
    assert!(iter.next().is_none());
    assert!(iter.next_back().is_none());
    for (at, node) in (&mut list).into_iter().rev().enumerate() {
        node.set(at as u32);
    }
    assert_eq!(numbers(&list), [3, 2, 1, 0]);
    let mut all: Vec<_> = list.iter_mut().collect();
    all[0].as_mut().set(7);
    all[3].as_mut().set(8);
    let mut owned = list.into_iter();
    assert_eq!(owned.len(), 4);
    assert_eq!(owned.next().unwrap().n, 7);
    assert_eq!(owned.next_back().unwrap().n, 8);
}

#[test]
fn drain_filter_is_lazy() {
    let mut evens = list(0..6);
    assert_eq!(evens.drain_filter(|e| e.n % 2 == 1).next().unwrap().n, 1);
    assert_eq!(numbers(&evens), [0, 2, 3, 4, 5]);
    let odd: Vec<u32> = evens.drain_filter(|e| e.n % 2 == 1).map(|e| e.n).collect();
    assert_eq!(odd, [3, 5]);
    evens.retain(|e| e.n != 2);
    assert_eq!(numbers(&evens), [0, 4]);
    assert_eq!(evens.drain_filter(|_| true).count(), 2);
    assert!(evens.is_empty());
}

#[test]
fn a_cursor_walks_the_circle() {
    let list = list(0..2);
    let mut cursor = list.cursor_front();
    let mut seen = vec![];
    for _ in 0..4 {
        seen.push((cursor.index(), cursor.current().map(|e| e.n)));
        cursor.move_next();
    }
    assert_eq!(
        seen,
        [
            (Some(0), Some(0)),
            (Some(1), Some(1)),
            (None, None),
            (Some(0), Some(0))
        ]
    );
    assert_eq!(list.cursor_front().map(|e| e.n).collect::<Vec<_>>(), [0, 1]);
    let last = list.cursor_back();
    assert_eq!(last.len(), 2);
    assert_eq!(last.size_hint(), (1, Some(1)));
    assert_eq!(last.peek_prev().unwrap().n, 0);
    assert!(last.peek_next().is_none());
}

/// Defect 32 of tests/defects.rs: the reference's index is wrong here, and `split_after` then
/// corrupts lengths.
#[test]
fn a_cursor_steps_back_past_the_head() {
    let mut list = list(0..3);
    let mut cursor = list.cursor_front_mut();
    cursor.move_prev();
    assert_eq!(cursor.index(), None);
    cursor.move_prev();
    assert_eq!(cursor.index(), Some(2));
    assert_eq!(cursor.current().unwrap().n, 2);
    let rear = cursor.split_after();
    assert_eq!(rear.len(), 0);
    cursor.move_prev();
    let rear = cursor.split_after();
    assert_eq!(numbers(&rear), [2]);
    assert_eq!(numbers(&list), [0, 1]);
}

/// Defect 1 of tests/defects.rs: what `next` lends ends before the cursor moves on (tests/ui has
/// the counterpart that must not compile).
#[test]
fn a_cursor_lends_what_it_passes() {
    let mut list = list(0..3);
    let mut cursor = list.cursor_front_mut();
    while let Some(node) = cursor.next() {
        let n = node.n;
        node.set(n + 10);
    }
    assert!(cursor.next().is_none());
    assert_eq!(numbers(&list), [10, 11, 12]);
}

#[test]
fn a_cursor_beside_an_empty_list() {
    let mut list = list([]);
    let mut cursor = list.cursor_back_mut();
    for step in [super::CursorMut::move_next, super::CursorMut::move_prev] {
        step(&mut cursor);
        assert_eq!((cursor.index(), cursor.len()), (None, 0));
        assert!(cursor.remove_current().is_none());
        assert!(cursor.split_after().is_empty());
        assert!(cursor.split_before().is_empty());
    }
    cursor.insert_after(entry(1));
    assert!(cursor.current().is_none());
    cursor.insert_after(entry(0));
    cursor.insert_before(entry(2));
    cursor.move_prev();
    assert_eq!(cursor.index(), Some(2));
    assert_eq!(numbers(&list), [0, 1, 2]);
}

#[test]
fn a_cursor_removes() {
    let mut list = list(0..4);
    let mut cursor = list.cursor_front_mut();
    assert_eq!(cursor.remove_first(|e| e.n == 1).unwrap().n, 1);
    assert_eq!(cursor.index(), Some(1));
    assert_eq!(cursor.remove_current().unwrap().n, 2);
    assert_eq!(cursor.remove_current().unwrap().n, 3);
    assert_eq!(cursor.index(), None);
    cursor.move_prev();
    assert_eq!(cursor.index(), Some(0));
    assert!(cursor.remove_first(|e| e.n == 9).is_none());
    assert_eq!(cursor.index(), None);
    assert_eq!(numbers(&list), [0]);
}

#[test]
fn cursors_print_where_they_are() {
    let mut list = list(0..1);
    let front = format!("{:?}", list.front().map(|e| ptr_of(&e)).unwrap());
    let printed = format!("{:?}", list.cursor_front_mut());
    assert!(printed.contains("index: Some(0)"), "{printed}");
    assert!(printed.contains(&front), "{printed}");
    assert_eq!(
        format!("{:?}", List::<Entry>::new()),
        "List { front: None, back: None, len: 0 }"
    );
    assert_eq!(
        format!("{:?}", list.front().unwrap().links()),
        "Links { .. }"
    );
}

fn ptr_of(entry: &Entry) -> NonNull<Entry> {
    NonNull::from(entry)
}

#[test]
fn links_compare_by_neighbours() {
    let mut list = List::<Entry>::new();
    let unlinked = entry(0);
    assert!(unlinked.links() == entry(1).links());
    list.push_back(entry(2));
    assert!(unlinked.links() != list.front().unwrap().links());
}

/// `Pin::set` is safe, and overwrites the links that the node's neighbours count on: so the process
/// must end, in a process of its own.
#[test]
#[cfg(not(loom))]
#[cfg_attr(miri, ignore = "it starts a process")]
fn overwriting_a_linked_node_ends_the_process() {
    const CHILD: &str = "PINTLE_INTRUSIVE_OVERWRITES";
    if std::env::var_os(CHILD).is_some() {
        let mut list = list(0..3);
        // Nothing may come after it, not even what catches a panic.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let mut lent = list.front_mut().unwrap();
            Pin::set(&mut lent, unpinned(7, &Rc::default()));
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

#[test]
fn dropping_drops_the_handles() {
    let drops = Rc::new(Cell::new(0));
    drop((0..3).map(|n| counted(n, &drops)).collect::<List<Entry>>());
    assert_eq!(drops.get(), 3);
    let mut iter = (0..3)
        .map(|n| counted(n, &drops))
        .collect::<List<Entry>>()
        .into_iter();
    drop(iter.next());
    assert_eq!(drops.get(), 4);
    drop(iter);
    assert_eq!(drops.get(), 6);
}

#[test]
fn a_drop_that_panics_stops_no_other() {
    let drops = Rc::new(Cell::new(0));
    let mut list: List<Entry> = (0..2).map(|n| counted(n, &drops)).collect();
    list.push_front(panicking(9, &drops));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(list))).is_err());
    assert_eq!(drops.get(), 3);
}

/// Wide pointers: the vtable goes with the link.
#[test]
fn a_list_of_trait_objects() {
    struct Node<V: ?Sized> {
        links: Links<Node<dyn Fn() -> u32>>,
        value: V,
    }

    // SAFETY: as for `Entry`.
    unsafe impl Linked<Links<Self>> for Node<dyn Fn() -> u32> {
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

    fn node(value: impl Fn() -> u32 + 'static) -> Pin<Box<Node<dyn Fn() -> u32>>> {
        Box::pin(Node {
            links: Links::new(),
            value,
        })
    }

    let text = alloc::string::String::from("abc");
    let mut list = List::<Node<dyn Fn() -> u32>>::new();
    list.push_back(node(|| 7));
    list.push_back(node(move || text.len() as u32));
    let last = NonNull::from(&*list.back().unwrap());
    // SAFETY: the node is in the list.
    let last = unsafe { list.remove(last) }.unwrap();
    assert_eq!((last.value)(), 3);
    assert_eq!((list.front().unwrap().value)(), 7);
}

#[test]
fn sizes() {
    assert_eq!(size_of::<List<Entry>>(), 2 * size_of::<usize>());
    assert_eq!(size_of::<Ring<Entry>>(), size_of::<usize>());
    assert_eq!(size_of::<Links<Entry>>(), 2 * size_of::<usize>());
}
