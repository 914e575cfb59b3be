//! `Ring` against std's `VecDeque`: any sequence of operations gives the same.
#![cfg(not(loom))]

use std::{collections::VecDeque, ptr::NonNull};

use pintle_intrusive::Ring;
use proptest::{prelude::*, sample::Index};

mod util;
use util::{Entry, alive, entry};

/// Operations on the first of two rings, or with both.
#[derive(Clone, Debug)]
enum Op {
    PushBack,
    PushFront,
    PopBack,
    PopFront,
    Remove(Index),
    Unlink(Index),
    Splice,
    TakeAll,
    Swap,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => Just(Op::PushBack),
        3 => Just(Op::PushFront),
        2 => Just(Op::PopBack),
        3 => Just(Op::PopFront),
        4 => any::<Index>().prop_map(Op::Remove),
        2 => any::<Index>().prop_map(Op::Unlink),
        2 => Just(Op::Splice),
        1 => Just(Op::TakeAll),
        3 => Just(Op::Swap),
    ]
}

#[derive(Default)]
struct Pair {
    rings: [Ring<Entry>; 2],
    models: [VecDeque<u32>; 2],
    fresh: u32,
}

impl Pair {
    fn apply(&mut self, op: Op) {
        let [ring, other] = &mut self.rings;
        let [model, other_model] = &mut self.models;
        self.fresh += 1;
        let n = self.fresh;
        match op {
            Op::PushBack => {
                ring.push_back(entry(n));
                model.push_back(n);
            }
            Op::PushFront => {
                ring.push_front(entry(n));
                model.push_front(n);
            }
            Op::PopBack => assert_eq!(ring.pop_back().map(|e| e.number), model.pop_back()),
            Op::PopFront => assert_eq!(ring.pop_front().map(|e| e.number), model.pop_front()),
            Op::Remove(_) if model.is_empty() => {
                let unlinked = entry(n);
                // SAFETY: the node is live and in no ring.
                assert!(unsafe { ring.remove(NonNull::from(&*unlinked)) }.is_none());
            }
            Op::Remove(at) => {
                let at = at.index(model.len());
                let node = NonNull::from(ring.iter().nth(at).unwrap());
                // SAFETY: the node is in the ring.
                let removed = unsafe { ring.remove(node) };
                assert_eq!(removed.map(|e| e.number), model.remove(at));
            }
            Op::Unlink(_) if model.len() < 2 => {}
            Op::Unlink(at) => {
                let at = at.index(model.len() - 1);
                let node = NonNull::from(ring.iter().nth(at).unwrap());
                // SAFETY: the node is in the ring, and not its last.
                let left = unsafe { Ring::unlink(node) };
                assert_eq!(Some(left.number), model.remove(at));
            }
            Op::Splice => {
                ring.splice(other);
                model.append(other_model);
            }
            Op::TakeAll => {
                let taken = ring.take_all();
                assert!(ring.is_empty());
                assert!(taken.iter().map(|e| e.number).eq(model.drain(..)));
            }
            Op::Swap => {
                std::mem::swap(ring, other);
                std::mem::swap(model, other_model);
            }
        }
    }

    fn check(&self) {
        for (ring, model) in self.rings.iter().zip(&self.models) {
            assert_eq!(ring.is_empty(), model.is_empty());
            assert_eq!(ring.front().map(|e| e.number), model.front().copied());
            assert_eq!(ring.back().map(|e| e.number), model.back().copied());
            assert!(ring.iter().map(|e| e.number).eq(model.iter().copied()));
            assert!(
                ring.iter()
                    .rev()
                    .map(|e| e.number)
                    .eq(model.iter().rev().copied())
            );
        }
        assert_eq!(alive(), self.models[0].len() + self.models[1].len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if pintle_core::model::full() { 20_000 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_ring_is_a_deque(ops in prop::collection::vec(op(), 0..80)) {
        let mut pair = Pair::default();
        for op in ops {
            pair.apply(op);
            pair.check();
        }
        drop(pair);
        assert_eq!(alive(), 0);
    }
}
