//! `SortedList` against a `Vec` and std's stable sort: any sequence of operations gives the same.
#![cfg(not(loom))]

use std::cmp::Ordering;

use pintle_intrusive::{SortedList, Stack};
use proptest::prelude::*;

mod util;
use util::{Entry, alive, entry};

const KEYS: u32 = 8;

/// Entries compare by the number's last octal digit; what is before it tells equal ones apart.
fn key(number: u32) -> u32 {
    number % KEYS
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        key(self.number).cmp(&key(other.number))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

#[derive(Clone, Copy, Debug)]
enum Order {
    Min,
    Max,
    /// Even keys before odd ones.
    ByParity,
}

impl Order {
    fn by_parity(a: &Entry, b: &Entry) -> Ordering {
        (key(a.number) % 2).cmp(&(key(b.number) % 2))
    }

    fn list(self) -> SortedList<Entry> {
        match self {
            Order::Min => SortedList::new_min(),
            Order::Max => SortedList::new_max(),
            Order::ByParity => SortedList::new_with_cmp(Order::by_parity),
        }
    }

    fn list_from(self, stack: Stack<Entry>) -> SortedList<Entry> {
        match self {
            Order::Min => SortedList::from_stack_min(stack),
            Order::Max => SortedList::from_stack_max(stack),
            Order::ByParity => SortedList::from_stack_with_cmp(stack, Order::by_parity),
        }
    }

    fn sort(self, model: &mut [u32]) {
        match self {
            Order::Min => model.sort_by_key(|n| key(*n)),
            Order::Max => model.sort_by_key(|n| KEYS - key(*n)),
            Order::ByParity => model.sort_by_key(|n| key(*n) % 2),
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u32),
    Extend(Vec<u32>),
    PopFront,
    /// The list is dropped for one that is made of a stack.
    FromStack(Order, Vec<u32>),
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Min), Just(Order::Max), Just(Order::ByParity)]
}

fn keys() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..KEYS, 0..6)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0..KEYS).prop_map(Op::Insert),
        2 => keys().prop_map(Op::Extend),
        5 => Just(Op::PopFront),
        1 => (order(), keys()).prop_map(|(order, keys)| Op::FromStack(order, keys)),
    ]
}

struct Pair {
    order: Order,
    list: SortedList<Entry>,
    model: Vec<u32>,
    fresh: u32,
}

impl Pair {
    fn fresh(&mut self, key: u32) -> u32 {
        self.fresh += 1;
        self.fresh * KEYS + key
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Insert(key) => {
                let number = self.fresh(key);
                self.list.insert(entry(number));
                self.model.push(number);
            }
            Op::Extend(keys) => {
                let numbers: Vec<u32> = keys.into_iter().map(|key| self.fresh(key)).collect();
                self.list.extend(numbers.iter().copied().map(entry));
                self.model.extend(numbers);
            }
            Op::PopFront => {
                let expected = (!self.model.is_empty()).then(|| self.model.remove(0));
                assert_eq!(self.list.pop_front().map(|e| e.number), expected);
            }
            Op::FromStack(order, keys) => {
                self.order = order;
                self.model.clear();
                let mut stack = Stack::new();
                for key in keys {
                    let number = self.fresh(key);
                    stack.push(entry(number));
                    // As it is popped.
                    self.model.insert(0, number);
                }
                self.list = order.list_from(stack);
            }
        }
        self.order.sort(&mut self.model);
    }

    fn check(&self) {
        let model = &self.model;
        assert_eq!(self.list.is_empty(), model.is_empty());
        assert_eq!(self.list.front().map(|e| e.number), model.first().copied());
        let listed: Vec<u32> = self.list.iter().map(|e| e.number).collect();
        assert_eq!(&listed, model);
        assert_eq!(alive(), model.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if pintle_core::model::full() { 20_000 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_sorted_list_is_a_stably_sorted_vec(
        order in order(),
        ops in prop::collection::vec(op(), 0..60),
    ) {
        let mut pair = Pair { order, list: order.list(), model: vec![], fresh: 0 };
        for op in ops {
            pair.apply(op);
            pair.check();
        }
        drop(pair);
        assert_eq!(alive(), 0);
    }
}
