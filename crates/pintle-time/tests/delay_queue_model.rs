//! A delay queue beside a list that is sorted by deadline.
#![cfg(not(loom))]

mod support;

use std::pin::pin;
use std::task::{Context, Poll};

use pintle_time::clock::Clock;
use pintle_time::delay_queue::storage::Storage;
use pintle_time::delay_queue::{DelayQueue, DelayQueueStream, Expired, Fixed, Key};
use pintle_time::{Duration, Instant, Timer};
use proptest::prelude::*;
use support::{Count, MS, now, poll, set_now};

#[derive(Clone, Debug)]
enum Op {
    InsertAt(u64),
    /// As who has been late.
    InsertPast(u64),
    /// Of a key there has been, live or stale.
    Remove(usize),
    ResetAt(usize, u64),
    Go(u64),
    Next,
    Wait,
    Drain,
    Clear,
}

/// Near, far, and over the edges of the wheel's digits.
fn ticks() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..20_u64,
        0..300_u64,
        0..70_000_u64,
        (0..64_u32, 0..3_u64).prop_map(|(bit, less)| (1_u64 << bit).saturating_sub(less)),
        any::<u64>(),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => ticks().prop_map(Op::InsertAt),
        1 => ticks().prop_map(Op::InsertPast),
        2 => any::<usize>().prop_map(Op::Remove),
        3 => (any::<usize>(), ticks()).prop_map(|(key, ahead)| Op::ResetAt(key, ahead)),
        4 => ticks().prop_map(|ticks| Op::Go(ticks.min(1 << 40))),
        4 => Just(Op::Next),
        3 => Just(Op::Wait),
        1 => Just(Op::Drain),
        1 => (0..20_u8).prop_map(|n| if n == 0 { Op::Clear } else { Op::Drain }),
    ]
}

/// One value of the model. Its order is that in which values come out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// The deadline, or the moment that had been reached when it was put in.
    due: u64,
    /// First in, first out.
    sequence: usize,
    value: usize,
}

struct Model<'timer, S: Storage<usize>> {
    queue: DelayQueue<'timer, usize, S>,
    entries: Vec<(Entry, Key)>,
    keys: Vec<Key>,
    sequence: usize,
    reached: u64,
}

impl<S: Storage<usize>> Model<'_, S> {
    fn entry(&mut self, deadline: u64, value: usize) -> Entry {
        self.sequence += 1;
        Entry {
            due: deadline.max(self.reached),
            sequence: self.sequence,
            value,
        }
    }

    fn first(&self) -> Option<(Entry, Key)> {
        self.entries.iter().min_by_key(|(entry, _)| entry).cloned()
    }

    fn key(&self, choice: usize) -> Option<Key> {
        (!self.keys.is_empty()).then(|| self.keys[choice % self.keys.len()])
    }

    fn insert(&mut self, deadline: u64, when: Instant, room: usize) {
        let entry = self.entry(deadline, self.sequence);
        match self.queue.try_insert_at(entry.value, when) {
            Ok(key) => {
                assert!(!self.keys.contains(&key), "a key came twice");
                self.keys.push(key);
                self.entries.push((entry, key));
            }
            Err(full) => {
                assert_eq!(self.entries.len(), room);
                assert_eq!(full.into_inner(), entry.value);
            }
        }
    }

    fn apply(&mut self, timer: &Timer, room: usize, op: Op) {
        let at = |ticks: u64| timer.now() + Duration::from_millis(ticks);
        match op {
            Op::InsertAt(ahead) => {
                let ahead = ahead.min(u64::MAX - now());
                self.insert(now() + ahead, at(ahead), room);
            }
            Op::InsertPast(behind) => {
                let behind = behind.min(now());
                let when = timer.now() - Duration::from_millis(behind);
                self.insert(now() - behind, when, room);
            }
            Op::Remove(choice) => {
                let Some(key) = self.key(choice) else { return };
                let removed = self.queue.try_remove(&key);
                let index = self.entries.iter().position(|(_, live)| *live == key);
                let expected = index.map(|index| self.entries.remove(index).0.value);
                assert_eq!(removed.map(|expired| expired.into_inner()), expected);
            }
            Op::ResetAt(choice, ahead) => {
                let Some(key) = self.key(choice) else { return };
                let ahead = ahead.min(u64::MAX - now());
                let reset = self.queue.try_reset_at(&key, at(ahead));
                let index = self.entries.iter().position(|(_, live)| *live == key);
                assert_eq!(reset.is_ok(), index.is_some());
                if let Some(index) = index {
                    let value = self.entries[index].0.value;
                    self.entries[index].0 = self.entry(now() + ahead, value);
                }
            }
            Op::Go(ticks) => set_now(now().saturating_add(ticks)),
            Op::Next => {
                self.next();
            }
            Op::Wait => self.wait(timer),
            Op::Drain => while self.next() {},
            Op::Clear => {
                self.queue.clear();
                self.entries.clear();
            }
        }
        assert_eq!(self.queue.len(), self.entries.len());
        let first = self.first().map(|(_, key)| key);
        assert_eq!(self.queue.peek(), first);
    }

    fn next(&mut self) -> bool {
        let expired = self.queue.try_next();
        self.has_given(expired)
    }

    /// Begins to wait, sees until when, and gives up.
    fn wait(&mut self, timer: &Timer) {
        let expired = match poll(pin!(self.queue.next()), Count::new()) {
            Poll::Ready(expired) => expired,
            Poll::Pending => None,
        };
        self.has_given(expired);
        let first = self.first();
        let mut next = pin!(self.queue.next());
        if let Some((first, _)) = first.filter(|(first, _)| first.due > now()) {
            assert!(poll(next.as_mut(), Count::new()).is_pending());
            self.reached = self.reached.max(now());
            let until = timer.next_deadline().expect("it waits");
            let due = timer.now() + Duration::from_millis(first.due - now());
            assert!(timer.now() < until && until <= due);
            // With few values it knows exactly.
            assert!(until == due || self.entries.len() > 16);
        }
    }

    /// The queue has been asked for a value, and has given this.
    fn has_given(&mut self, expired: Option<Expired<usize>>) -> bool {
        let due = self.first().filter(|(entry, _)| entry.due <= now());
        let Some((entry, key)) = due else {
            assert_eq!(expired, None);
            self.reached = self.reached.max(now());
            return false;
        };
        let expired = expired.expect("a value is due");
        assert_eq!((expired.key(), *expired.get_ref()), (key, entry.value));
        assert!(expired.deadline() <= Clock::new(MS, now).now());
        self.reached = self.reached.max(entry.due);
        self.entries.retain(|(_, live)| *live != key);
        true
    }
}

fn run<S: Storage<usize>>(
    make: impl for<'a> FnOnce(&'a Timer) -> DelayQueue<'a, usize, S>,
    start: u64,
    room: usize,
    ops: Vec<Op>,
) {
    set_now(start);
    let timer = support::timer(MS);
    let mut model = Model {
        queue: make(&timer),
        entries: Vec::new(),
        keys: Vec::new(),
        sequence: 0,
        reached: 0,
    };
    for op in ops {
        model.apply(&timer, room, op);
    }
    set_now(u64::MAX);
    while model.next() {}
    assert!(model.queue.is_empty());
}

proptest! {
    /// A task that polls when it is woken, and only then, gets each value in the turn in which it is
    /// due, whatever others do to the queue meanwhile.
    #[test]
    fn in_time_for_who_waits(start in 0..100_000_u64, ops in proptest::collection::vec(op(), 1..150)) {
        set_now(start);
        let timer = support::timer(MS);
        let count = Count::new();
        let mut stream = pin!(DelayQueueStream::from(DelayQueue::<_, Fixed<_, 32>>::fixed(&timer)));
        let mut live: Vec<(Key, Instant)> = Vec::new();
        let mut woken = usize::MAX;
        for op in ops {
            let mut queue = stream.as_mut().queue_mut();
            match op {
                Op::InsertAt(ahead) => {
                    let when = timer.now() + MS * (ahead % 10_000) as u32;
                    live.extend(queue.try_insert_at((), when).map(|key| (key, when)));
                }
                Op::ResetAt(choice, ahead) if !live.is_empty() => {
                    let when = timer.now() + MS * (ahead % 10_000) as u32;
                    let index = choice % live.len();
                    live[index].1 = when;
                    queue.reset_at(&live[index].0, when);
                }
                Op::Remove(choice) if !live.is_empty() => {
                    queue.remove(&live.swap_remove(choice % live.len()).0);
                }
                Op::Clear => {
                    queue.clear();
                    live.clear();
                }
                _ => set_now(now() + 37),
            }
            drop(queue);
            timer.turn();
            while woken != count.get() {
                woken = count.get();
                let waker = count.clone().into();
                let mut cx = Context::from_waker(&waker);
                while let Poll::Ready(Some(expired)) = stream.as_mut().poll_expired(&mut cx) {
                    prop_assert!(expired.deadline() <= timer.now());
                    live.retain(|(key, _)| *key != expired.key());
                }
            }
            prop_assert!(live.iter().all(|(_, when)| *when > timer.now()));
        }
    }

    #[test]
    fn fixed(start in ticks(), ops in proptest::collection::vec(op(), 1..150)) {
        run(|timer| DelayQueue::<_, Fixed<_, 16>>::fixed(timer), start, 16, ops);
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn growing(start in ticks(), ops in proptest::collection::vec(op(), 1..150)) {
        run(|timer| DelayQueue::growing(timer), start, usize::MAX, ops);
    }
}
