//! `List` against std's `VecDeque`: any sequence of operations gives the same.
#![cfg(not(loom))]

use std::{collections::VecDeque, ptr::NonNull};

use pintle_intrusive::{List, list::CursorMut};
use proptest::{prelude::*, sample::Index};

mod util;
use util::{Entry, alive, entry};

#[derive(Clone, Debug)]
enum Op {
    PushBack,
    PushFront,
    PopBack,
    PopFront,
    Remove(Index),
    RemoveUnlinked,
    Append(u8),
    SplitOff(Index, Keep),
    DrainMultiplesOf(u32, u8),
    Retain(u32),
    IntoIter(Vec<bool>),
    Cursor { from_back: bool, steps: Vec<Step> },
}

/// What goes on after the list was cut.
#[derive(Clone, Copy, Debug)]
enum Keep {
    Front,
    Rear,
    Swapped,
}

#[derive(Clone, Debug)]
enum Step {
    Next,
    MoveNext,
    MovePrev,
    RemoveCurrent,
    RemoveFirst(u32),
    InsertAfter,
    InsertBefore,
    SplitAfter(Keep),
    SplitBefore(Keep),
    SpliceAfter(u8),
    SpliceBefore(u8),
}

fn keep() -> impl Strategy<Value = Keep> {
    prop_oneof![Just(Keep::Front), Just(Keep::Rear), Just(Keep::Swapped)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Next),
        4 => Just(Step::MoveNext),
        4 => Just(Step::MovePrev),
        2 => Just(Step::RemoveCurrent),
        1 => (1..4u32).prop_map(Step::RemoveFirst),
        2 => Just(Step::InsertAfter),
        2 => Just(Step::InsertBefore),
        1 => keep().prop_map(Step::SplitAfter),
        1 => keep().prop_map(Step::SplitBefore),
        1 => (0..4u8).prop_map(Step::SpliceAfter),
        1 => (0..4u8).prop_map(Step::SpliceBefore),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::PushBack),
        4 => Just(Op::PushFront),
        2 => Just(Op::PopBack),
        2 => Just(Op::PopFront),
        3 => any::<Index>().prop_map(Op::Remove),
        1 => Just(Op::RemoveUnlinked),
        1 => (0..4u8).prop_map(Op::Append),
        1 => (any::<Index>(), keep()).prop_map(|(at, keep)| Op::SplitOff(at, keep)),
        1 => (1..4u32, 0..5u8).prop_map(|(n, limit)| Op::DrainMultiplesOf(n, limit)),
        1 => (1..4u32).prop_map(Op::Retain),
        1 => prop::collection::vec(any::<bool>(), 0..4).prop_map(Op::IntoIter),
        3 => (any::<bool>(), prop::collection::vec(step(), 0..12))
            .prop_map(|(from_back, steps)| Op::Cursor { from_back, steps }),
    ]
}

/// The list, its model, and the next number to use.
#[derive(Default)]
struct Pair {
    list: List<Entry>,
    model: VecDeque<u32>,
    fresh: u32,
}

impl Pair {
    fn fresh(&mut self) -> u32 {
        self.fresh += 1;
        self.fresh
    }

    fn some(&mut self, count: u8) -> (List<Entry>, VecDeque<u32>) {
        let numbers: VecDeque<u32> = (0..count).map(|_| self.fresh()).collect();
        (numbers.iter().copied().map(entry).collect(), numbers)
    }

    fn check(&mut self) {
        self.list.assert_valid();
        assert_eq!(self.list.len(), self.model.len());
        assert_eq!(self.list.is_empty(), self.model.is_empty());
        assert!(
            self.list
                .iter()
                .map(|e| e.number)
                .eq(self.model.iter().copied())
        );
        assert!(
            self.list
                .iter()
                .rev()
                .map(|e| e.number)
                .eq(self.model.iter().rev().copied())
        );
        assert!(
            self.list
                .iter_mut()
                .map(|e| e.number)
                .eq(self.model.iter().copied())
        );
        assert_eq!(
            self.list.front().map(|e| e.number),
            self.model.front().copied()
        );
        assert_eq!(
            self.list.back_mut().map(|e| e.number),
            self.model.back().copied()
        );
        assert_eq!(alive(), self.model.len());
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::PushBack => {
                let n = self.fresh();
                self.list.push_back(entry(n));
                self.model.push_back(n);
            }
            Op::PushFront => {
                let n = self.fresh();
                self.list.push_front(entry(n));
                self.model.push_front(n);
            }
            Op::PopBack => {
                assert_eq!(
                    self.list.pop_back().map(|e| e.number),
                    self.model.pop_back()
                );
            }
            Op::PopFront => {
                assert_eq!(
                    self.list.pop_front().map(|e| e.number),
                    self.model.pop_front()
                );
            }
            Op::Remove(_) if self.model.is_empty() => {}
            Op::Remove(at) => {
                let at = at.index(self.model.len());
                // By a pointer from a shared reference, and by one from the list.
                let node = if at % 2 == 0 {
                    NonNull::from(self.list.iter().nth(at).unwrap())
                } else {
                    self.list.iter_raw().nth(at).unwrap()
                };
                // SAFETY: the node is in the list.
                let removed = unsafe { self.list.remove(node) };
                assert_eq!(removed.map(|e| e.number), self.model.remove(at));
            }
            Op::RemoveUnlinked => {
                let unlinked = entry(0);
                // SAFETY: the node is live and in no list.
                assert!(unsafe { self.list.remove(NonNull::from(&*unlinked)) }.is_none());
            }
            Op::Append(count) => {
                let (mut list, mut model) = self.some(count);
                self.list.append(&mut list);
                self.model.append(&mut model);
                assert!(list.is_empty());
            }
            Op::SplitOff(at, keep) => {
                let at = at.index(self.model.len() + 2);
                let Some(list) = self.list.try_split_off(at) else {
                    assert!(at > self.model.len());
                    return;
                };
                let model = self.model.split_off(at);
                list.assert_valid();
                self.go_on_with(list, model, keep);
            }
            Op::DrainMultiplesOf(n, limit) => {
                let drained: Vec<u32> = self
                    .list
                    .drain_filter(|e| e.number % n == 0)
                    .take(limit.into())
                    .map(|e| e.number)
                    .collect();
                let expected: Vec<u32> = self
                    .model
                    .iter()
                    .copied()
                    .filter(|m| m % n == 0)
                    .take(limit.into())
                    .collect();
                assert_eq!(drained, expected);
                self.model.retain(|m| !expected.contains(m));
            }
            Op::Retain(n) => {
                self.list.retain(|e| e.number % n == 0);
                self.model.retain(|m| m % n == 0);
            }
            Op::IntoIter(from_back) => {
                let mut list = std::mem::take(&mut self.list).into_iter();
                let mut model = std::mem::take(&mut self.model).into_iter();
                for back in from_back {
                    assert_eq!(list.len(), model.len());
                    if back {
                        assert_eq!(list.next_back().map(|e| e.number), model.next_back());
                    } else {
                        assert_eq!(list.next().map(|e| e.number), model.next());
                    }
                }
                self.list.extend(list);
                self.model.extend(model);
            }
            Op::Cursor { from_back, steps } => {
                for (place, step) in steps.into_iter().enumerate() {
                    // On a new cursor each, which walks one place further than the last.
                    self.step(from_back, place, step);
                    self.check();
                }
            }
        }
    }

    /// Two lists came of one.
    fn go_on_with(&mut self, rear: List<Entry>, rear_model: VecDeque<u32>, keep: Keep) {
        let front = std::mem::replace(&mut self.list, rear);
        let front_model = std::mem::replace(&mut self.model, rear_model);
        self.list.assert_valid();
        match keep {
            Keep::Rear => {
                front.assert_valid();
                assert!(front.iter().map(|e| e.number).eq(front_model));
            }
            Keep::Front => {
                assert!(
                    self.list
                        .iter()
                        .map(|e| e.number)
                        .eq(self.model.iter().copied())
                );
                self.list = front;
                self.model = front_model;
            }
            Keep::Swapped => {
                self.list.extend(front);
                self.model.extend(front_model);
            }
        }
    }

    /// Walks a cursor to a place and takes the step there. `at` is the model's cursor: an index,
    /// or the length for beside the list.
    fn step(&mut self, from_back: bool, place: usize, step: Step) {
        let fresh = [(); 4].map(|()| self.fresh());
        let len = self.model.len();
        let beside = len;
        let (mut cursor, mut at) = if from_back {
            (self.list.cursor_back_mut(), len.saturating_sub(1))
        } else {
            (self.list.cursor_front_mut(), 0)
        };
        for _ in 0..place {
            if from_back {
                cursor.move_prev();
                at = at.checked_sub(1).unwrap_or(beside);
            } else {
                cursor.move_next();
                at = if at == beside { 0 } else { at + 1 };
            }
        }
        at = at.min(beside);
        Self::look(&cursor, &self.model, at);
        let model = &mut self.model;
        let on_node = at < len;
        match step {
            Step::Next => {
                assert_eq!(cursor.next().map(|e| e.number), model.get(at).copied());
                at += usize::from(on_node);
            }
            Step::MoveNext => {
                cursor.move_next();
                at = if on_node { at + 1 } else { 0 };
            }
            Step::MovePrev => {
                cursor.move_prev();
                at = at.checked_sub(1).unwrap_or(beside);
            }
            Step::RemoveCurrent => {
                assert_eq!(cursor.remove_current().map(|e| e.number), model.remove(at));
            }
            Step::RemoveFirst(n) => {
                let removed = cursor.remove_first(|e| e.number % n == 0);
                at = (at..len).find(|i| model[*i] % n == 0).unwrap_or(len);
                assert_eq!(removed.map(|e| e.number), model.remove(at));
                at = at.min(model.len());
            }
            Step::InsertAfter => {
                cursor.insert_after(entry(fresh[0]));
                if on_node {
                    model.insert(at + 1, fresh[0]);
                } else {
                    model.push_front(fresh[0]);
                    at += 1;
                }
            }
            Step::InsertBefore => {
                cursor.insert_before(entry(fresh[0]));
                model.insert(at, fresh[0]);
                at += 1;
            }
            Step::SplitAfter(keep) => {
                let rear = cursor.split_after();
                let rear_model = model.split_off(if on_node { at + 1 } else { 0 });
                Self::look(&cursor, model, at.min(model.len()));
                self.go_on_with(rear, rear_model, keep);
                return;
            }
            Step::SplitBefore(keep) => {
                let front = cursor.split_before();
                let mut front_model = model.split_off(at);
                std::mem::swap(model, &mut front_model);
                Self::look(&cursor, model, 0);
                self.go_on_with(front, front_model, keep);
                return;
            }
            Step::SpliceAfter(count) => {
                let numbers = &fresh[..count.into()];
                cursor.splice_after(numbers.iter().copied().map(entry).collect());
                let rear = model.split_off(if on_node { at + 1 } else { 0 });
                model.extend(numbers);
                model.extend(rear);
                if !on_node {
                    at = model.len();
                }
            }
            Step::SpliceBefore(count) => {
                let numbers = &fresh[..count.into()];
                cursor.splice_before(numbers.iter().copied().map(entry).collect());
                let rear = model.split_off(at);
                model.extend(numbers);
                model.extend(rear);
                at += numbers.len();
            }
        }
        Self::look(&cursor, model, at);
    }

    /// All that a cursor tells.
    #[track_caller]
    fn look(cursor: &CursorMut<'_, Entry>, model: &VecDeque<u32>, at: usize) {
        let len = model.len();
        let on_node = at < len;
        assert_eq!(cursor.len(), len);
        assert_eq!(cursor.is_empty(), len == 0);
        let next = if on_node { at + 1 } else { 0 };
        let prev = at.checked_sub(1);
        let model = |at: Option<usize>| at.and_then(|at| model.get(at)).copied();
        assert_eq!(cursor.index(), on_node.then_some(at));
        assert_eq!(cursor.current().map(|e| e.number), model(Some(at)));
        assert_eq!(cursor.peek_next().map(|e| e.number), model(Some(next)));
        assert_eq!(cursor.peek_prev().map(|e| e.number), model(prev));

        let mut twin = cursor.as_cursor();
        assert_eq!(twin.index(), cursor.index());
        assert_eq!(twin.peek_next().map(|e| e.number), model(Some(next)));
        assert_eq!(twin.peek_prev().map(|e| e.number), model(prev));
        assert_eq!(twin.size_hint().0, twin.clone().count());
        assert_eq!(twin.next().map(|e| e.number), model(Some(at)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if pintle_core::model::full() { 20_000 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_list_is_a_deque(ops in prop::collection::vec(op(), 0..60)) {
        let mut pair = Pair::default();
        for op in ops {
            pair.apply(op);
            pair.check();
        }
        drop(pair);
        assert_eq!(alive(), 0);
    }
}
