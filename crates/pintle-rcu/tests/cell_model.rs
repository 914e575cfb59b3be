//! `RcuCell`, `Retired` and deferral against plain values that are counted: any sequence of operations of one thread gives
//! each value back exactly once, and none while a section may look at it.
#![cfg(all(not(loom), feature = "alloc"))]

use pintle_rcu::domain::Fences;
use pintle_rcu::reclaim::{Full, Reclaimer};
use pintle_rcu::{Changed, RcuCell, RcuDomain, RcuGuard, Retired};
use proptest::prelude::*;
use std::mem::take;
use std::sync::{Arc, Mutex};

pintle_rcu::domain! {
    // SAFETY: this binary has one test, and that one thread.
    unsafe struct Own { slots: 1, current: one, barrier: Fences = Fences }
}

const RCU: RcuDomain<Own> = RcuDomain::new();

fn one() -> usize {
    0
}

/// How many objects wait for the reclaimer at most.
const BACKLOG: usize = 3;

/// Of values by number: how often each was dropped.
type Drops = Arc<Mutex<Vec<usize>>>;

/// A value that counts its drops.
#[derive(Debug)]
struct Value {
    number: usize,
    drops: Drops,
}

impl Drop for Value {
    fn drop(&mut self) {
        self.drops.lock().unwrap()[self.number] += 1;
    }
}

#[derive(Clone, Debug)]
enum Op {
    Enter,
    /// Drops one of the guards: sections end in any order.
    Leave(usize),
    Load,
    Replace,
    /// By the value that is there.
    TryReplace,
    /// By another.
    TryReplaceInVain,
    Update,
    GetMut,
    /// And goes on with a new cell.
    IntoInner,
    DropCell,
    Poll(usize),
    Cookie(usize),
    Synchronize(usize),
    DropRetired(usize),
    Defer(usize),
    Turn,
    Drain,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => Just(Op::Enter),
        6 => any::<usize>().prop_map(Op::Leave),
        4 => Just(Op::Load),
        6 => Just(Op::Replace),
        3 => Just(Op::TryReplace),
        2 => Just(Op::TryReplaceInVain),
        3 => Just(Op::Update),
        1 => Just(Op::GetMut),
        1 => Just(Op::IntoInner),
        1 => Just(Op::DropCell),
        4 => any::<usize>().prop_map(Op::Poll),
        2 => any::<usize>().prop_map(Op::Cookie),
        3 => any::<usize>().prop_map(Op::Synchronize),
        2 => any::<usize>().prop_map(Op::DropRetired),
        4 => any::<usize>().prop_map(Op::Defer),
        3 => Just(Op::Turn),
        1 => Just(Op::Drain),
    ]
}

/// A value that was taken out of the cell, and the section in which that was.
type Taken = (usize, Option<usize>);

/// The cell, what has come out of it, and what a plain program would know about both.
struct Pair {
    guards: Vec<RcuGuard<Own>>,
    cell: RcuCell<Value, Own>,
    retired: Vec<(Retired<Value, Own>, Taken)>,
    reclaimer: Reclaimer<RcuDomain<Own>>,
    drops: Drops,
    /// What is in the cell.
    current: usize,
    /// The number of the section, or of the one before.
    section: usize,
    /// What was deferred, in order, and is not known to be gone.
    deferred: Vec<Taken>,
    /// What has been dropped, each once.
    gone: Vec<usize>,
    /// What was leaked, as it was retired and dropped in a section.
    leaked: Vec<usize>,
}

impl Pair {
    fn new() -> Self {
        let drops = Drops::default();
        let first = value(&drops);
        Self {
            guards: Vec::new(),
            current: first.number,
            cell: RcuCell::new_in(first, RCU),
            retired: Vec::new(),
            reclaimer: Reclaimer::bounded(RCU, BACKLOG),
            drops,
            section: 0,
            deferred: Vec::new(),
            gone: Vec::new(),
            leaked: Vec::new(),
        }
    }

    fn inside(&self) -> Option<usize> {
        (!self.guards.is_empty()).then_some(self.section)
    }

    /// A new value takes the place of the current one, which is `old` now.
    fn put(&mut self, number: usize, old: Retired<Value, Own>) {
        let taken = (self.current, self.inside());
        self.retired.push((old, taken));
        self.current = number;
    }

    /// One of the retired, if there is one.
    fn pick(&mut self, which: usize) -> Option<(Retired<Value, Own>, Taken)> {
        let all = self.retired.len();
        (all > 0).then(|| self.retired.swap_remove(which % all))
    }

    /// A value has come back, which it must not do in the section in which it was taken out.
    fn comes_back(&mut self, value: Value, (number, section): Taken) {
        assert_eq!(value.number, number);
        assert!(section.is_none() || section != self.inside(), "too early");
        drop(value);
        self.gone.push(number);
    }

    fn replace_cell(&mut self) -> RcuCell<Value, Own> {
        let new = value(&self.drops);
        self.gone.push(self.current);
        self.current = new.number;
        std::mem::replace(&mut self.cell, RcuCell::new_in(new, RCU))
    }

    /// Whatever was reclaimed was at its turn: in order, and not in the section in which it was deferred.
    fn after_a_turn(&mut self) {
        let gone = self.deferred.len() - self.reclaimer.backlog();
        for (number, section) in self.deferred.drain(..gone).collect::<Vec<_>>() {
            assert!(section.is_none() || section != self.inside(), "too early");
            self.gone.push(number);
        }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Enter => {
                if self.guards.is_empty() {
                    self.section += 1;
                }
                self.guards.push(RCU.enter());
            }
            Op::Leave(which) => {
                let all = self.guards.len();
                if all > 0 {
                    drop(self.guards.swap_remove(which % all));
                }
            }
            Op::Load => {
                let section = RCU.enter();
                assert_eq!(self.cell.load(&section).number, self.current);
            }
            Op::Replace => {
                let new = value(&self.drops);
                let number = new.number;
                let old = self.cell.replace(new);
                self.put(number, old);
            }
            Op::TryReplace => {
                let new = value(&self.drops);
                let number = new.number;
                let section = RCU.enter();
                let old = self.cell.try_replace(self.cell.load(&section), new);
                drop(section);
                self.put(number, old.expect("it is the current one"));
            }
            Op::TryReplaceInVain => {
                let (other, new) = (value(&self.drops), value(&self.drops));
                let (number, unused) = (other.number, new.number);
                let Err(Changed(back)) = self.cell.try_replace(&other, new) else {
                    panic!("it is not the current one");
                };
                self.comes_back(back, (unused, None));
                self.comes_back(other, (number, None));
            }
            Op::Update => {
                let (drops, current) = (self.drops.clone(), self.current);
                let mut number = 0;
                let old = self.cell.update(|old| {
                    assert_eq!(old.number, current);
                    let new = value(&drops);
                    number = new.number;
                    new
                });
                self.put(number, old);
            }
            Op::GetMut => {
                let new = value(&self.drops);
                let (number, taken) = (new.number, (self.current, None));
                let old = std::mem::replace(self.cell.get_mut(), new);
                self.comes_back(old, taken);
                self.current = number;
            }
            Op::IntoInner => {
                let number = self.current;
                let old = self.replace_cell().into_inner();
                assert_eq!(old.number, number);
            }
            Op::DropCell => drop(self.replace_cell()),
            Op::Poll(which) => {
                if let Some((retired, taken)) = self.pick(which) {
                    match retired.poll() {
                        Ok(value) => self.comes_back(value, taken),
                        Err(retired) => {
                            assert!(self.inside().is_some(), "nobody reads");
                            self.retired.push((retired, taken));
                        }
                    }
                }
            }
            Op::Cookie(which) => {
                if let Some((mut retired, taken)) = self.pick(which) {
                    assert_eq!(retired.cookie(), retired.cookie());
                    self.retired.push((retired, taken));
                }
            }
            Op::Synchronize(which) => {
                // In a section it panics.
                if self.inside().is_none() {
                    if let Some((retired, taken)) = self.pick(which) {
                        self.comes_back(retired.synchronize(), taken);
                    }
                }
            }
            Op::DropRetired(which) => {
                if let Some((retired, (number, _))) = self.pick(which) {
                    drop(retired);
                    let list = match self.inside() {
                        None => &mut self.gone,
                        Some(_) => &mut self.leaked,
                    };
                    list.push(number);
                }
            }
            Op::Defer(which) => {
                if let Some((retired, taken)) = self.pick(which) {
                    let (number, _) = taken;
                    let deferred = retired.defer(&self.reclaimer);
                    assert_eq!(deferred.is_ok(), self.deferred.len() < BACKLOG);
                    match deferred {
                        Ok(()) => self.deferred.push((number, self.inside())),
                        Err(Full(retired)) => self.retired.push((retired, taken)),
                    }
                }
            }
            Op::Turn => {
                let _ = self.reclaimer.turn();
                self.after_a_turn();
            }
            Op::Drain => {
                // In a section it panics.
                if self.inside().is_none() {
                    self.reclaimer.drain();
                    self.after_a_turn();
                    assert!(self.deferred.is_empty());
                }
            }
        }
    }

    /// What is gone was dropped once, and all else not at all.
    fn check(&self) {
        let drops = self.drops.lock().unwrap();
        let mut expected = vec![0; drops.len()];
        self.gone.iter().for_each(|&number| expected[number] += 1);
        assert_eq!(*drops, expected);
        assert_eq!(RCU.is_inside(), self.inside().is_some());
        assert_eq!(self.reclaimer.backlog(), self.deferred.len());
    }

    /// Drops everything. Each value is gone then, but those that were leaked.
    fn end(mut self) {
        self.guards.clear();
        for (retired, (number, _)) in take(&mut self.retired) {
            drop(retired);
            self.gone.push(number);
        }
        self.apply(Op::Drain);
        self.apply(Op::DropCell);
        self.check();
        let mut all = self.gone;
        all.extend(self.leaked);
        all.push(self.current);
        all.sort_unstable();
        assert!(all.into_iter().eq(0..self.drops.lock().unwrap().len()));
    }
}

/// The next value.
fn value(drops: &Drops) -> Value {
    let mut counts = drops.lock().unwrap();
    counts.push(0);
    Value {
        number: counts.len() - 1,
        drops: drops.clone(),
    }
}

proptest! {
    #[test]
    fn each_value_comes_back_once(ops in prop::collection::vec(op(), 0..80)) {
        let mut pair = Pair::new();
        pair.check();
        for op in ops {
            pair.apply(op);
            pair.check();
        }
        pair.end();
    }
}
