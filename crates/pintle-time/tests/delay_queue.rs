//! Delay queues: what comes out when, keys that are kept too long, queues that are full.
#![cfg(not(loom))]

mod support;

use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use pintle_time::clock::ManualClock;
use pintle_time::delay_queue::{DelayQueue, DelayQueueStream, Expired, Fixed, Key, StaleKey};
use pintle_time::{Duration, Timer};
use support::{Count, MS, go, poll, set_now, timer};

type Small<'timer, T, const N: usize> = DelayQueue<'timer, T, Fixed<T, N>>;

#[test]
fn values_come_out_in_the_order_of_their_deadlines() {
    set_now(1000);
    let timer = timer(MS);
    let mut queue: Small<'_, _, 8> = DelayQueue::fixed(&timer);
    assert!(queue.is_empty());
    let start = timer.now();
    let third = queue.insert_at("third", start + 300 * MS);
    let first = queue.insert_at("first", start + 10 * MS);
    let second = queue.insert_at("second", start + 20 * MS);
    let also_third = queue.insert_at("also third", start + 300 * MS);
    assert_eq!((queue.len(), queue.capacity()), (4, 8));
    assert_eq!(queue.deadline(&second), start + 20 * MS);
    assert_eq!(queue.peek(), Some(first));
    set_now(1009);
    assert_eq!(queue.try_next(), None);
    set_now(2000);
    for key in [first, second, third, also_third] {
        assert_eq!(queue.peek(), Some(key));
        assert_eq!(queue.try_next().unwrap().key(), key);
    }
    assert_eq!(queue.try_next(), None);
    assert_eq!(queue.peek(), None);
}

#[test]
fn what_has_come_out() {
    set_now(0);
    let timer = timer(MS);
    let mut queue: Small<'_, _, 1> = DelayQueue::fixed(&timer);
    let key = queue.insert(5, 10 * MS);
    let mut expired = queue.remove(&key);
    *expired.get_mut() += 1;
    assert_eq!(*expired.get_ref(), 6);
    assert_eq!(expired.key(), key);
    // Rounded up, and a tick for the one that had begun.
    assert_eq!(expired.deadline() - timer.now(), 11 * MS);
    assert_eq!(expired.into_inner(), 6);
}

#[test]
fn a_stale_key_finds_nothing() {
    set_now(0);
    let timer = timer(MS);
    let mut queue: Small<'_, _, 1> = DelayQueue::fixed(&timer);
    let mut stale = Vec::new();
    for round in 0..5 {
        let key = queue.insert(round, MS);
        for stale in &stale {
            assert_ne!(*stale, key);
            assert_eq!(queue.try_remove(stale), None);
            assert!(matches!(queue.try_reset(stale, MS), Err(StaleKey { .. })));
            assert!(queue.try_reset_at(stale, timer.now()).is_err());
        }
        stale.push(key);
        match round % 3 {
            0 => drop(queue.remove(&key)),
            1 => queue.clear(),
            _ => {
                go(2);
                assert_eq!(queue.try_next().unwrap().into_inner(), round);
            }
        }
    }
    // Nor does the key of a slot that this queue never had.
    let mut large: Small<'_, _, 4> = DelayQueue::fixed(&timer);
    let keys: Vec<Key> = (0..4).map(|value| large.insert(value, MS)).collect();
    assert_eq!(queue.try_remove(&keys[3]), None);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| queue.deadline(&keys[3])));
    assert!(panic.is_err());
}

#[test]
#[should_panic = "names no value"]
fn removing_by_a_stale_key_panics() {
    let timer = timer(MS);
    let mut queue: Small<'_, _, 1> = DelayQueue::fixed(&timer);
    let key = queue.insert((), MS);
    queue.remove(&key);
    queue.remove(&key);
}

#[test]
fn a_full_queue_gives_the_value_back() {
    set_now(0);
    let timer = timer(MS);
    let mut queue: Small<'_, _, 2> = DelayQueue::fixed(&timer);
    queue.insert(String::from("a"), MS);
    let key = queue.insert(String::from("b"), MS);
    let full = queue.try_insert(String::from("c"), MS).unwrap_err();
    assert_eq!(full.to_string(), "the delay queue is full");
    assert_eq!(full.into_inner(), "c");
    queue.remove(&key);
    assert!(queue.try_insert_at(String::from("d"), timer.now()).is_ok());
    let none: Result<_, _> = DelayQueue::<_, Fixed<_, 0>>::fixed(&timer).try_insert((), MS);
    assert!(none.is_err());
}

#[test]
fn values_are_dropped_with_the_queue_and_by_clear() {
    set_now(0);
    let timer = timer(MS);
    let value = Rc::new(());
    let mut queue: Small<'_, _, 4> = DelayQueue::fixed(&timer);
    let fill = |queue: &mut Small<'_, Rc<()>, 4>| {
        for i in 0..4 {
            queue.insert(value.clone(), i * MS);
        }
    };
    fill(&mut queue);
    assert_eq!(Rc::strong_count(&value), 5);
    queue.clear();
    assert_eq!((Rc::strong_count(&value), queue.len()), (1, 0));
    assert_eq!(timer.next_deadline(), None);
    fill(&mut queue);
    drop(queue);
    assert_eq!(Rc::strong_count(&value), 1);
}

/// A value whose drop panics takes neither the others nor its room along.
#[test]
fn a_value_that_panics_when_dropped() {
    struct Bomb {
        _value: Rc<()>,
        armed: bool,
    }
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.armed, "on purpose");
        }
    }
    set_now(0);
    let timer = timer(MS);
    let value = Rc::new(());
    let bomb = |armed| Bomb {
        _value: value.clone(),
        armed,
    };
    let mut queue: Small<'_, _, 3> = DelayQueue::fixed(&timer);
    let keys = [false, true, false].map(|armed| queue.insert(bomb(armed), MS));
    let cleared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| queue.clear()));
    assert!(cleared.is_err());
    assert_eq!((queue.len(), Rc::strong_count(&value)), (1, 2));
    assert!(queue.try_remove(&keys[1]).is_none());
    assert_eq!(queue.peek(), Some(keys[2]));
    queue.insert(bomb(false), MS);
    queue.insert(bomb(false), MS);
    go(2);
    for _ in 0..3 {
        assert!(queue.try_next().is_some());
    }
    assert!(queue.is_empty());
}

/// A clock that panics costs no room.
#[test]
fn a_clock_that_panics() {
    set_now(0);
    let timer = Timer::new(pintle_time::Clock::new(MS, || {
        assert_ne!(support::now(), 13, "on purpose");
        support::now()
    }));
    let mut queue: Small<'_, _, 1> = DelayQueue::fixed(&timer);
    set_now(13);
    let inserted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| queue.insert((), MS)));
    assert!(inserted.is_err());
    assert!(queue.is_empty());
    set_now(0);
    assert!(queue.try_insert((), MS).is_ok());
}

#[test]
#[cfg(feature = "alloc")]
#[should_panic = "capacity overflow"]
fn more_room_than_there_can_be() {
    let timer = timer(MS);
    let mut queue: DelayQueue<'_, u32> = DelayQueue::growing(&timer);
    queue.insert(1, MS);
    queue.reserve(usize::MAX);
}

#[test]
fn a_queue_waits_for_its_earliest_value_only() {
    set_now(0);
    let timer = timer(MS);
    let mut queue: Small<'_, _, 100> = DelayQueue::fixed(&timer);
    for i in 0..100_u32 {
        queue.insert(i, (1000 - i) * MS);
    }
    let count = Count::new();
    {
        let mut next = pin!(queue.next());
        assert!(poll(next.as_mut(), count.clone()).is_pending());
        // When the ring begins that the earliest of so many is in.
        assert_eq!(timer.turn().ticks_to_next_deadline(), Some(768));
    }
    // Cancelled: nothing is left in the timer, and nothing lost.
    assert_eq!(timer.next_deadline(), None);
    assert_eq!(queue.len(), 100);
    {
        let mut next = pin!(queue.next());
        assert!(poll(next.as_mut(), count.clone()).is_pending());
        go(768);
        assert_eq!(timer.turn().expired, 1);
        assert!(poll(next.as_mut(), count.clone()).is_pending());
        assert_eq!(timer.turn().ticks_to_next_deadline(), Some(134));
        go(134);
        assert_eq!(timer.turn().expired, 1);
        assert_eq!(count.get(), 2);
        let Poll::Ready(Some(expired)) = poll(next.as_mut(), count.clone()) else {
            panic!("it is due");
        };
        assert_eq!(expired.into_inner(), 99);
        // Not fused: it goes on.
        assert!(poll(next.as_mut(), count.clone()).is_pending());
        assert_eq!(timer.turn().ticks_to_next_deadline(), Some(1));
    }
    queue.clear();
    assert_eq!(poll(pin!(queue.next()), count), Poll::Ready(None));
}

#[test]
fn changes_in_place() {
    set_now(0);
    let timer = timer(MS);
    let queue: Small<'_, _, 4> = DelayQueue::fixed(&timer);
    let mut stream = pin!(DelayQueueStream::from(queue));
    let (first, second) = (Count::new(), Count::new());
    assert_eq!(poll_by(stream.as_mut(), &first), Poll::Ready(None));
    let late = stream.as_mut().queue_mut().insert("late", 99 * MS);
    assert!(poll_by(stream.as_mut(), &first).is_pending());
    assert_eq!(timer.turn().ticks_to_next_deadline(), Some(100));
    stream.as_mut().queue_mut().insert("early", 49 * MS);
    assert!(poll_by(stream.as_mut(), &second).is_pending());
    assert_eq!(timer.turn().ticks_to_next_deadline(), Some(50));
    // The last waker is woken, once, and nobody else: the first was, when a value was put in.
    assert_eq!((first.get(), second.get()), (1, 0));
    go(50);
    timer.turn();
    assert_eq!((first.get(), second.get()), (1, 1));
    let expired = poll_by(stream.as_mut(), &second);
    assert_eq!(expired, Poll::Ready(Some("early")));
    stream.as_mut().queue_mut().reset(&late, 9 * MS);
    assert!(poll_by(stream.as_mut(), &second).is_pending());
    assert_eq!(timer.turn().ticks_to_next_deadline(), Some(10));
    stream.as_mut().queue_mut().remove(&late);
    assert!(stream.queue().is_empty());
    assert_eq!(poll_by(stream.as_mut(), &second), Poll::Ready(None));
    assert_eq!(timer.next_deadline(), None);
}

/// As tokio-util's: the task that waits need not know who else changes the queue.
#[test]
fn changes_reach_the_task_that_waits() {
    set_now(0);
    let timer = timer(MS);
    let queue: Small<'_, _, 4> = DelayQueue::fixed(&timer);
    let mut stream = pin!(DelayQueueStream::from(queue));
    let (first, second) = (Count::new(), Count::new());

    // It was empty: the last who has asked is told, once.
    assert_eq!(poll_by(stream.as_mut(), &first), Poll::Ready(None));
    assert_eq!(poll_by(stream.as_mut(), &second), Poll::Ready(None));
    stream.as_mut().queue_mut().clear();
    assert_eq!((first.get(), second.get()), (0, 0));
    let late = stream.as_mut().queue_mut().insert("late", 99 * MS);
    stream.as_mut().queue_mut().insert("later", 299 * MS);
    assert_eq!((first.get(), second.get()), (0, 1));
    assert_eq!(Arc::strong_count(&second), 1);

    // An earlier value wakes at its time, with no poll in between; nobody is woken before.
    assert!(poll_by(stream.as_mut(), &first).is_pending());
    assert_eq!(timer.next_deadline(), Some(timer.now() + 100 * MS));
    {
        let mut queue = stream.as_mut().queue_mut();
        queue.insert("early", 49 * MS);
        queue.insert("earlier", 9 * MS);
    }
    assert_eq!(timer.next_deadline(), Some(timer.now() + 10 * MS));
    go(10);
    assert_eq!((timer.turn().expired, first.get()), (1, 1));
    // Moved again before the task has come to look.
    stream.as_mut().queue_mut().reset(&late, 4 * MS);
    assert_eq!(
        poll_by(stream.as_mut(), &first),
        Poll::Ready(Some("earlier"))
    );
    assert!(poll_by(stream.as_mut(), &first).is_pending());
    assert_eq!(timer.next_deadline(), Some(timer.now() + 5 * MS));

    // What is due at once wakes at once.
    let now = timer.now();
    stream.as_mut().queue_mut().reset_at(&late, now);
    assert_eq!(first.get(), 2);
    assert_eq!(poll_by(stream.as_mut(), &first), Poll::Ready(Some("late")));
    // Nobody waits.
    stream.as_mut().queue_mut().insert("now", Duration::ZERO);
    assert_eq!(first.get(), 2);
    assert_eq!(Arc::strong_count(&first), 1);

    // Who keeps it from telling keeps a task from hearing, until that polls.
    stream.as_mut().queue_mut().clear();
    assert_eq!(poll_by(stream.as_mut(), &first), Poll::Ready(None));
    let mut silent = stream.as_mut().queue_mut();
    silent.insert("unheard", Duration::ZERO);
    std::mem::forget(silent);
    assert_eq!(first.get(), 2);
    let unheard = poll_by(stream.as_mut(), &first);
    assert_eq!(unheard, Poll::Ready(Some("unheard")));
    assert_eq!(Arc::strong_count(&first), 1);
}

fn poll_by<T, const N: usize>(
    stream: Pin<&mut DelayQueueStream<'_, T, Fixed<T, N>>>,
    count: &Arc<Count>,
) -> Poll<Option<T>> {
    let waker = Waker::from(count.clone());
    let expired = stream.poll_expired(&mut Context::from_waker(&waker));
    expired.map(|expired| expired.map(Expired::into_inner))
}

#[test]
fn a_queue_may_be_moved_while_it_holds_values() {
    static CLOCK: ManualClock = ManualClock::new(MS);
    static TIMER: Timer = Timer::new(CLOCK.clock());
    let mut queue: Small<'static, _, 3> = DelayQueue::fixed(&TIMER);
    queue.insert(1, 5 * MS);
    let mut queue = Box::new(queue);
    queue.insert(0, 4 * MS);
    queue.insert(2, Duration::MAX);
    let values = CLOCK.run(&TIMER, async {
        let mut values = Vec::new();
        while let Some(expired) = queue.next().await {
            values.push((expired.into_inner(), CLOCK.now_ticks()));
            let moved = *queue;
            queue = Box::from(moved);
        }
        values
    });
    assert_eq!(values, [(0, 5), (1, 6), (2, u64::MAX)]);
}

/// The clock of the core that turns the timer is ahead of ours.
#[test]
fn a_clock_that_is_behind_does_not_spin() {
    set_now(0);
    let timer = timer(MS);
    let mut queue: Small<'_, _, 1> = DelayQueue::fixed(&timer);
    queue.insert((), 9 * MS);
    let mut next = pin!(queue.next());
    let count = Count::new();
    assert!(poll(next.as_mut(), count.clone()).is_pending());
    set_now(10);
    timer.turn();
    set_now(8);
    assert_eq!(count.get(), 1);
    assert!(poll(next.as_mut(), count).is_ready());
}

#[test]
#[cfg(feature = "alloc")]
fn a_queue_that_grows() {
    set_now(0);
    let timer = timer(MS);
    let mut queue: DelayQueue<'_, u32> = DelayQueue::growing(&timer);
    assert_eq!(queue.capacity(), 0);
    queue.reserve(10);
    assert!(queue.capacity() >= 10);
    let capacity = queue.capacity();
    let keys: Vec<_> = (0..10).map(|i| queue.insert(i, i * MS)).collect();
    assert_eq!(queue.capacity(), capacity);
    for key in &keys[5..] {
        queue.remove(key);
    }
    queue.reserve(5);
    assert_eq!(queue.capacity(), capacity);
    for i in 0..1000 {
        queue.insert(i, MS);
    }
    assert_eq!(queue.len(), 1005);
}

#[test]
#[cfg(feature = "stream")]
fn as_a_stream() {
    use futures::StreamExt;

    static CLOCK: ManualClock = ManualClock::new(MS);
    static TIMER: Timer = Timer::new(CLOCK.clock());
    let mut queue: Small<'_, _, 3> = DelayQueue::fixed(&TIMER);
    for value in [3, 1, 2] {
        queue.insert(value, value * MS);
    }
    let stream = DelayQueueStream::from(queue);
    let values = stream.map(|expired| expired.into_inner());
    assert_eq!(CLOCK.run(&TIMER, values.collect::<Vec<_>>()), [1, 2, 3]);
}

/// What the docs say a queue takes.
#[test]
#[cfg(target_pointer_width = "64")]
fn sizes() {
    assert!(size_of::<Small<'_, u32, 0>>() <= 1120);
    let each = size_of::<Small<'_, u64, 9>>() - size_of::<Small<'_, u64, 8>>();
    assert_eq!(each, 24 + size_of::<Option<u64>>());
    assert_eq!(size_of::<Option<Key>>(), 12);
}
