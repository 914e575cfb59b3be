use alloc::{format, rc::Rc, vec::Vec};
use core::{cell::Cell, cmp::Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::SortedList;
use crate::{
    Stack,
    test_util::{Entry, counted, entry, panicking},
};

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.n == other.n
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.n.cmp(&other.n)
    }
}

fn stack(numbers: &[u32]) -> Stack<Entry> {
    let mut stack = Stack::new();
    numbers.iter().rev().for_each(|n| stack.push(entry(*n)));
    stack
}

/// What the list gives, first by `iter` and then by `pop_front`.
#[track_caller]
fn numbers(mut list: SortedList<Entry>) -> Vec<u32> {
    let seen: Vec<u32> = list.iter().map(|e| e.n).collect();
    assert_eq!(list.is_empty(), seen.is_empty());
    let mut popped = Vec::new();
    while let Some(front) = list.front().map(|e| e.n) {
        assert_eq!(list.pop_front().unwrap().n, front);
        popped.push(front);
    }
    assert!(list.is_empty() && list.pop_front().is_none());
    assert_eq!(seen, popped);
    popped
}

#[test]
fn in_order_from_wherever_they_come() {
    for all in [
        [1, 2, 3],
        [1, 3, 2],
        [2, 1, 3],
        [2, 3, 1],
        [3, 1, 2],
        [3, 2, 1],
    ] {
        let mut min = SortedList::<Entry>::new_min();
        let mut max = SortedList::<Entry>::new_max();
        for n in all {
            min.insert(entry(n));
            max.insert(entry(n));
        }
        assert_eq!(numbers(min), [1, 2, 3]);
        assert_eq!(numbers(max), [3, 2, 1]);
        assert_eq!(numbers(SortedList::from_stack_min(stack(&all))), [1, 2, 3]);
        assert_eq!(numbers(SortedList::from_stack_max(stack(&all))), [3, 2, 1]);
    }
    assert_eq!(numbers(SortedList::from_stack_min(Stack::new())), []);
}

fn by_tens(a: &Entry, b: &Entry) -> Ordering {
    (a.n / 10).cmp(&(b.n / 10))
}

fn by_tens_down(a: &Entry, b: &Entry) -> Ordering {
    by_tens(b, a)
}

#[test]
fn equal_elements_stay_in_the_order_in_which_they_came() {
    let all = [20, 11, 1, 12, 21, 2, 10];
    let mut up = SortedList::<Entry>::new_with_cmp(by_tens);
    up.extend(all.map(entry));
    assert_eq!(numbers(up), [1, 2, 11, 12, 10, 20, 21]);
    let down = SortedList::from_stack_with_cmp(stack(&all), by_tens_down);
    assert_eq!(numbers(down), [20, 21, 11, 12, 10, 1, 2]);
}

#[test]
fn an_iterator_can_be_cloned_and_ends_for_good() {
    let mut list = SortedList::<Entry>::new_min();
    list.extend([2, 1].map(entry));
    let mut iter = list.iter();
    assert_eq!(iter.next().unwrap().n, 1);
    assert_eq!(iter.clone().count(), 1);
    assert_eq!(iter.next().unwrap().n, 2);
    assert!(iter.next().is_none() && iter.next().is_none());
    for entry in &list {
        assert!(entry.n > 0);
    }
}

/// A popped element may come back, also with another key, by the pointer with which it was pushed.
#[test]
fn an_element_is_moved_by_popping_and_inserting() {
    let mut list = SortedList::<Entry>::new_min();
    list.extend([1, 2, 3].map(entry));
    let mut first = list.pop_front().unwrap();
    first.as_mut().set(9);
    list.insert(first);
    assert_eq!(numbers(list), [2, 3, 9]);
}

#[test]
fn a_comparison_that_panics_drops_the_new_element_only() {
    fn refuses_five(a: &Entry, b: &Entry) -> Ordering {
        assert!(a.n != 5 && b.n != 5, "told to");
        a.cmp(b)
    }

    let drops = Rc::new(Cell::new(0));
    let mut list = SortedList::<Entry>::new_with_cmp(refuses_five);
    list.extend([1, 7].map(|n| counted(n, &drops)));
    let insert = |list: &mut SortedList<Entry>| {
        catch_unwind(AssertUnwindSafe(|| list.insert(counted(5, &drops)))).is_err()
    };
    assert!(insert(&mut list));
    assert_eq!(drops.get(), 1, "it is neither lost nor in the list");
    list.insert(counted(4, &drops));
    assert!(insert(&mut list));
    assert_eq!(drops.get(), 2);
    assert_eq!(numbers(list), [1, 4, 7]);
    assert_eq!(drops.get(), 5);

    // All of a stack, on the way in.
    drops.set(0);
    let mut stack = Stack::new();
    for n in [1, 5, 2, 3] {
        stack.push(counted(n, &drops));
    }
    let sort = AssertUnwindSafe(|| SortedList::from_stack_with_cmp(stack, refuses_five));
    assert!(catch_unwind(sort).is_err());
    assert_eq!(drops.get(), 4);
}

#[test]
fn a_comparison_that_contradicts_itself_loses_nothing() {
    fn always_less(_: &Entry, _: &Entry) -> Ordering {
        Ordering::Less
    }
    fn always_greater(_: &Entry, _: &Entry) -> Ordering {
        Ordering::Greater
    }

    let mut queue = SortedList::<Entry>::new_with_cmp(always_less);
    queue.extend([1, 3, 2].map(entry));
    assert_eq!(numbers(queue), [1, 3, 2]);
    let mut stack = SortedList::<Entry>::new_with_cmp(always_greater);
    stack.extend([1, 3, 2].map(entry));
    assert_eq!(numbers(stack), [2, 3, 1]);
}

#[test]
fn dropping_drops_the_handles_though_one_panics() {
    let drops = Rc::new(Cell::new(0));
    let mut list = SortedList::<Entry>::new_min();
    list.extend([2, 3].map(|n| counted(n, &drops)));
    list.insert(panicking(1, &drops));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(list))).is_err());
    assert_eq!(drops.get(), 3);
}

#[test]
fn prints() {
    let mut list = SortedList::<Entry>::new_min();
    assert_eq!(format!("{list:?}"), "SortedList { front: None, .. }");
    let one = entry(1);
    let at = format!("{:p}", &*one);
    list.insert(one);
    assert!(format!("{list:?}").contains(&at));
    let printed = format!("{:?}", list.iter());
    assert_eq!(printed, format!("SortedListIter {{ next: Some({at}) }}"));
}

#[test]
fn sizes() {
    assert_eq!(size_of::<SortedList<Entry>>(), 2 * size_of::<usize>());
}

/// Lists of a const constructor, in statics.
#[test]
fn a_list_in_a_static() {
    std::thread_local!(static LIST: core::cell::RefCell<SortedList<Entry>> =
        const { core::cell::RefCell::new(SortedList::new_max()) });
    LIST.with_borrow_mut(|list| list.extend([1, 2].map(entry)));
    assert_eq!(LIST.with_borrow(|list| list.front().unwrap().n), 2);
}
