//! `Stack` and `TransferStack` against std's `Vec`: any sequence of operations gives the same.
#![cfg(not(loom))]

use pintle_intrusive::{Stack, TransferStack};
use proptest::prelude::*;

mod util;
use util::{Entry, alive, entry};

#[derive(Clone, Debug)]
enum Op {
    Push,
    PushWasEmpty,
    Pop,
    TakeAll(u8),
    Transfer,
    TransferWasEmpty,
    TransferTakeAll(u8),
    /// All of the transfer stack goes to the stack, upside down.
    Receive,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Push),
        2 => Just(Op::PushWasEmpty),
        4 => Just(Op::Pop),
        1 => (0..4u8).prop_map(Op::TakeAll),
        4 => Just(Op::Transfer),
        2 => Just(Op::TransferWasEmpty),
        1 => (0..4u8).prop_map(Op::TransferTakeAll),
        1 => Just(Op::Receive),
    ]
}

/// The stacks, their models with the top at the end, and the next number to use.
#[derive(Default)]
struct Pair {
    stack: Stack<Entry>,
    model: Vec<u32>,
    transfer: TransferStack<Entry>,
    transfer_model: Vec<u32>,
    fresh: u32,
}

/// Pops some of what was taken, and drops the rest.
fn check_taken(taken: Stack<Entry>, model: &mut Vec<u32>, looks_at: u8) {
    let some = usize::from(looks_at);
    let seen: Vec<u32> = taken.take(some).map(|e| e.number).collect();
    let expected: Vec<u32> = model.drain(..).rev().take(some).collect();
    assert_eq!(seen, expected);
}

impl Pair {
    fn apply(&mut self, op: Op) {
        self.fresh += 1;
        let n = self.fresh;
        match op {
            Op::Push => {
                self.stack.push(entry(n));
                self.model.push(n);
            }
            Op::PushWasEmpty => {
                let was_empty = self.stack.push_was_empty(entry(n));
                assert_eq!(was_empty, self.model.is_empty());
                self.model.push(n);
            }
            Op::Pop => assert_eq!(self.stack.pop().map(|e| e.number), self.model.pop()),
            Op::TakeAll(looks_at) => {
                check_taken(self.stack.take_all(), &mut self.model, looks_at);
            }
            Op::Transfer => {
                self.transfer.push(entry(n));
                self.transfer_model.push(n);
            }
            Op::TransferWasEmpty => {
                let was_empty = self.transfer.push_was_empty(entry(n));
                assert_eq!(was_empty, self.transfer_model.is_empty());
                self.transfer_model.push(n);
            }
            Op::TransferTakeAll(looks_at) => {
                check_taken(self.transfer.take_all(), &mut self.transfer_model, looks_at);
            }
            Op::Receive => {
                for entry in self.transfer.take_all() {
                    self.stack.push(entry);
                }
                self.model.extend(self.transfer_model.drain(..).rev());
            }
        }
    }

    fn check(&self) {
        assert_eq!(self.stack.is_empty(), self.model.is_empty());
        assert_eq!(self.transfer.is_empty(), self.transfer_model.is_empty());
        assert_eq!(alive(), self.model.len() + self.transfer_model.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if pintle_core::model::full() { 20_000 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_stack_is_a_vec(ops in prop::collection::vec(op(), 0..80)) {
        let mut pair = Pair::default();
        for op in ops {
            pair.apply(op);
            pair.check();
        }
        check_taken(pair.stack.take_all(), &mut pair.model, u8::MAX);
        drop(pair);
        assert_eq!(alive(), 0);
    }
}
