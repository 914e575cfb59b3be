//! `broadcast` channels, one step at a time with wakers that count, in each storage and with each
//! lock; and user code that panics, or uses the channel, in the middle of it.
#![cfg(not(loom))]

mod support;

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use pintle_sync::{
    blocking::ScopedRawMutex,
    broadcast::{self, Channel, Receiver, RecvError, SendError, Sender, TryRecvError},
    spin::Spinlock,
    storage::Storage,
};
use support::{Probe, poll};

/// What is sent: something that must be dropped once.
type Value = Arc<usize>;

/// Makes tests of functions that take the two ends of a channel that keeps two values.
macro_rules! for_each_channel {
    ($($test:ident),* $(,)?) => {
        #[cfg(feature = "alloc")]
        mod heap {
            $(#[test]
            fn $test() {
                let (tx, rx) = super::broadcast::channel(2);
                super::$test(tx, rx);
            })*
        }
        #[cfg(feature = "alloc")]
        mod heap_spinlock {
            $(#[test]
            fn $test() {
                let (tx, rx) = super::broadcast::channel_with_lock::<_, super::Spinlock>(2);
                super::$test(tx, rx);
            })*
        }
        mod inline {
            $(#[test]
            fn $test() {
                let mut channel =
                    super::Channel::<_, 2, crate::support::CriticalSection>::default();
                // Twice, as ends that are gone leave nothing behind.
                for _ in 0..2 {
                    let (tx, rx) = channel.split();
                    super::$test(tx, rx);
                }
            })*
        }
        mod in_a_static {
            $(#[test]
            fn $test() {
                static CHANNEL: super::Channel<super::Value, 2, super::Spinlock> =
                    super::Channel::new_with_raw_mutex(super::Spinlock::new());
                for _ in 0..2 {
                    let (tx, rx) = CHANNEL.split_static().unwrap();
                    assert!(CHANNEL.split_static().is_err());
                    super::$test(tx, rx);
                }
            })*
        }
    };
}

for_each_channel![
    everybody_gets_every_value,
    who_is_slow_is_told_how_many_are_gone,
    values_live_until_the_last_has_had_them,
    a_receiver_that_goes_leaves_its_values,
    nobody_listens,
    the_last_sender_ends_the_channel,
    all_who_wait_are_woken_once,
    a_waker_is_exchanged,
    a_cancelled_receive_loses_nothing,
    futures_receive_on,
    the_last_end_may_be_either,
];

fn values<const N: usize>() -> [Value; N] {
    std::array::from_fn(Arc::new)
}

/// Nobody but the test has them any more.
fn assert_gone(values: &[Value]) {
    for value in values {
        assert_eq!(Arc::strong_count(value), 1, "value {value}");
    }
}

fn everybody_gets_every_value<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<7>();
    let mut other = tx.subscribe();
    assert_eq!((tx.receiver_count(), tx.strong_count()), (2, 1));
    assert!(tx.same_channel(&tx.clone()) && rx.same_channel(&other));
    assert!(tx.is_empty() && rx.is_empty());
    // More often than there are places, so that all come round.
    for value in &v {
        assert_eq!(tx.send(value.clone()), Ok(2));
        assert_eq!((tx.len(), rx.len(), other.len()), (1, 1, 1));
        assert_eq!(rx.try_recv().as_ref(), Ok(value));
        assert_eq!((tx.len(), rx.len(), other.len()), (1, 0, 1));
        assert_eq!(other.try_recv().as_ref(), Ok(value));
        assert_eq!(tx.len(), 0);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    }
    assert_gone(&v);
}

fn who_is_slow_is_told_how_many_are_gone<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<6>();
    for value in &v[..2] {
        tx.send(value.clone()).unwrap();
    }
    let mut late = rx.resubscribe();
    assert_eq!(late.try_recv(), Err(TryRecvError::Empty));
    // Two are kept: nothing is lost yet.
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
    for value in &v[2..5] {
        tx.send(value.clone()).unwrap();
    }
    assert_eq!((tx.len(), rx.len(), late.len()), (2, 4, 3));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Lagged(2)));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[3]));
    assert_eq!(
        poll(pin!(late.recv()), &Probe::new()),
        Poll::Ready(Err(RecvError::Lagged(1)))
    );
    // What is told once has been told: it lags anew.
    tx.send(v[5].clone()).unwrap();
    assert_eq!(late.try_recv(), Err(TryRecvError::Lagged(1)));
    drop(tx);
    for value in &v[4..] {
        assert_eq!(late.try_recv().as_ref(), Ok(value));
        assert_eq!(rx.try_recv().as_ref(), Ok(value));
    }
    assert_eq!(late.try_recv(), Err(TryRecvError::Closed));
    assert_gone(&v);
}

fn values_live_until_the_last_has_had_them<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<3>();
    let mut other = rx.resubscribe();
    tx.send(v[0].clone()).unwrap();
    assert_eq!(Arc::strong_count(&v[0]), 2);
    let one = rx.try_recv().unwrap();
    assert_eq!(Arc::strong_count(&v[0]), 3);
    let two = other.try_recv().unwrap();
    // The last one gets the value itself.
    assert_eq!(Arc::strong_count(&v[0]), 3);
    drop((one, two));
    assert_gone(&v);
    // Overwritten, it is dropped at once.
    for value in &v {
        tx.send(value.clone()).unwrap();
    }
    assert_gone(&v[..1]);
    assert_eq!(Arc::strong_count(&v[1]), 2);
    drop((rx, other));
    assert_gone(&v);
}

fn a_receiver_that_goes_leaves_its_values<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let v = values::<4>();
    tx.send(v[0].clone()).unwrap();
    let mut other = tx.subscribe();
    tx.send(v[1].clone()).unwrap();
    drop(rx);
    assert_eq!((tx.receiver_count(), tx.len()), (1, 1));
    // It was the last for the first value, not for the second.
    assert_gone(&v[..1]);
    assert_eq!(other.try_recv().as_ref(), Ok(&v[1]));
    // One that lags.
    let lagging = tx.subscribe();
    for value in &v[1..] {
        tx.send(value.clone()).unwrap();
    }
    drop(lagging);
    assert_eq!(other.try_recv(), Err(TryRecvError::Lagged(1)));
    assert_eq!(other.try_recv().as_ref(), Ok(&v[2]));
    assert_eq!(other.try_recv().as_ref(), Ok(&v[3]));
    assert_gone(&v);
}

fn nobody_listens<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let v = values::<2>();
    drop(rx);
    assert_eq!(tx.send(v[0].clone()), Err(SendError(v[0].clone())));
    assert_eq!((tx.len(), tx.receiver_count()), (0, 0));
    let mut again = tx.subscribe();
    assert_eq!(again.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(tx.send(v[1].clone()), Ok(1));
    assert_eq!(again.try_recv().as_ref(), Ok(&v[1]));
    assert_gone(&v);
}

fn the_last_sender_ends_the_channel<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    let probe = Probe::new();
    let mut waits = rx.resubscribe();
    {
        let mut waiting = pin!(waits.recv());
        assert!(poll(waiting.as_mut(), &probe).is_pending());
        let other = tx.clone();
        assert_eq!(rx.sender_strong_count(), 2);
        drop(tx);
        assert_eq!(probe.wakes(), 0);
        assert!(!rx.is_closed());
        other.send(v[0].clone()).unwrap();
        assert_eq!(probe.wakes(), 1);
        assert_eq!(
            poll(waiting.as_mut(), &probe),
            Poll::Ready(Ok(v[0].clone()))
        );
        assert!(poll(waiting.as_mut(), &probe).is_pending());
        drop(other);
        assert_eq!(probe.wakes(), 2);
        for _ in 0..2 {
            let ended = poll(waiting.as_mut(), &probe);
            assert_eq!(ended, Poll::Ready(Err(RecvError::Closed)));
        }
    }
    assert!(rx.is_closed());
    // What is kept is received first; and who comes now gets the end.
    let mut late = rx.resubscribe();
    assert_eq!(late.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_gone(&v);
}

fn all_who_wait_are_woken_once<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    // More than are woken in one batch.
    let mut receivers: Vec<_> = (0..20).map(|_| rx.resubscribe()).collect();
    let probes: Vec<_> = receivers.iter().map(|_| Probe::new()).collect();
    let mut futures: Vec<_> = receivers.iter_mut().map(|it| Box::pin(it.recv())).collect();
    drop(rx);
    for round in 1..=3 {
        for (future, probe) in futures.iter_mut().zip(&probes) {
            assert!(poll(future.as_mut(), probe).is_pending());
            assert_eq!(probe.wakes(), round - 1);
        }
        let value = Arc::new(round);
        assert_eq!(tx.send(value.clone()), Ok(20));
        for (future, probe) in futures.iter_mut().zip(&probes) {
            assert_eq!((probe.wakes(), probe.live()), (round, 0));
            assert_eq!(poll(future.as_mut(), probe), Poll::Ready(Ok(value.clone())));
        }
        assert_gone(&[value]);
    }
}

fn a_waker_is_exchanged<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let (first, second) = (Probe::new(), Probe::new());
    let mut waiting = pin!(rx.recv());
    assert!(poll(waiting.as_mut(), &first).is_pending());
    assert!(poll(waiting.as_mut(), &second).is_pending());
    assert!(poll(waiting.as_mut(), &second).is_pending());
    assert_eq!((first.live(), second.live(), second.clones()), (0, 1, 1));
    tx.send(Arc::new(1)).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

fn a_cancelled_receive_loses_nothing<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    {
        // Never polled; left while it waits.
        drop(rx.recv());
        let mut waiting = pin!(rx.recv());
        assert!(poll(waiting.as_mut(), &probe).is_pending());
    }
    assert_eq!(probe.live(), 0);
    {
        // Woken, and left.
        let mut waiting = pin!(rx.recv());
        assert!(poll(waiting.as_mut(), &probe).is_pending());
        tx.send(Arc::new(1)).unwrap();
    }
    assert_eq!(probe.wakes(), 1);
    assert_eq!(rx.try_recv(), Ok(Arc::new(1)));
    tx.send(Arc::new(2)).unwrap();
    assert_eq!(probe.wakes(), 1);
}

fn futures_receive_on<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    mut rx: Receiver<Value, S, L>,
) {
    let probe = Probe::new();
    let mut future = pin!(rx.recv());
    for n in 0..3 {
        assert!(poll(future.as_mut(), &probe).is_pending());
        tx.send(Arc::new(n)).unwrap();
        assert_eq!(poll(future.as_mut(), &probe), Poll::Ready(Ok(Arc::new(n))));
    }
    assert_eq!(probe.wakes(), 3);
}

/// The test's caller splits the channel again, which it can only if all are counted as gone.
fn the_last_end_may_be_either<S: Storage, L: ScopedRawMutex>(
    tx: Sender<Value, S, L>,
    rx: Receiver<Value, S, L>,
) {
    let v = values::<1>();
    drop(rx);
    let rx = tx.subscribe();
    tx.send(v[0].clone()).unwrap();
    let other = rx.resubscribe();
    drop(rx);
    assert_gone(&v);
    drop(tx);
    drop(other);
}

#[test]
fn a_static_is_free_when_the_last_end_has_gone() {
    static CHANNEL: Channel<u8, 1> = Channel::new();
    // Receivers go first, or the sender does, or receivers go and one comes again.
    for order in 0..3 {
        let (tx, rx) = CHANNEL.split_static().unwrap();
        match order {
            0 => drop(rx),
            1 => {
                tx.send(1).unwrap();
                drop(tx);
                assert!(CHANNEL.split_static().is_err());
                drop(rx);
                continue;
            }
            _ => {
                drop(rx);
                drop(tx.subscribe());
            }
        }
        assert!(CHANNEL.split_static().is_err());
        assert_eq!(tx.receiver_count(), 0);
        drop(tx);
    }
    let (_tx, mut rx) = CHANNEL.split_static().unwrap();
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn ends_that_were_forgotten_leave_nothing_behind() {
    let v = values::<3>();
    let probe = Probe::new();
    let mut channel = Channel::<Value, 2>::new();
    let (tx, rx) = channel.split();
    for value in &v {
        tx.send(value.clone()).unwrap();
    }
    let mut waits = tx.subscribe();
    let mut forgotten = Box::pin(waits.recv());
    assert!(poll(forgotten.as_mut(), &probe).is_pending());
    std::mem::forget(forgotten);
    std::mem::forget((tx, rx));
    std::mem::forget(waits);
    let (tx, mut rx) = channel.split();
    assert_gone(&v);
    assert_eq!(probe.live(), 0);
    assert_eq!(
        (tx.receiver_count(), tx.strong_count(), tx.len()),
        (1, 1, 0)
    );
    tx.send(v[0].clone()).unwrap();
    assert_eq!(rx.try_recv().as_ref(), Ok(&v[0]));
}

/// A value whose clone and drop run what the test likes.
struct Hooked {
    n: usize,
    on_clone: Rc<dyn Fn(usize)>,
    on_drop: Rc<dyn Fn(usize)>,
}

impl Hooked {
    fn new(
        n: usize,
        on_clone: impl Fn(usize) + 'static,
        on_drop: impl Fn(usize) + 'static,
    ) -> Self {
        Self {
            n,
            on_clone: Rc::new(on_clone),
            on_drop: Rc::new(on_drop),
        }
    }
}

impl Clone for Hooked {
    fn clone(&self) -> Self {
        (self.on_clone)(self.n);
        Self {
            n: self.n,
            on_clone: self.on_clone.clone(),
            on_drop: Rc::new(|_| ()),
        }
    }
}

impl Drop for Hooked {
    fn drop(&mut self) {
        (self.on_drop)(self.n);
    }
}

/// A channel of its own for each test, whose lock panics if it is taken twice.
macro_rules! hooked {
    ($n:literal) => {
        &*Box::leak(Box::new(
            Channel::<Hooked, $n, support::CriticalSection>::default(),
        ))
    };
}

#[test]
fn a_clone_that_panics_leaves_the_value_to_the_others() {
    let (tx, mut rx) = hooked!(2).split_static().unwrap();
    let mut other = tx.subscribe();
    let panics = Rc::new(Cell::new(true));
    let dropped = Rc::new(Cell::new(0));
    tx.send(Hooked::new(
        1,
        {
            let panics = panics.clone();
            move |_| assert!(!panics.get(), "as is intended")
        },
        {
            let dropped = dropped.clone();
            move |_| dropped.set(dropped.get() + 1)
        },
    ))
    .ok()
    .unwrap();
    tx.send(Hooked::new(2, |_| (), |_| ())).ok().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| rx.try_recv().map(drop))).is_err());
    assert_eq!((dropped.get(), tx.len()), (0, 2));
    // It goes on with the next; the other gets both.
    assert_eq!(rx.try_recv().map(|it| it.n), Ok(2));
    assert_eq!(other.try_recv().map(|it| it.n), Ok(1));
    assert_eq!(dropped.get(), 1);
    assert_eq!(other.try_recv().map(|it| it.n), Ok(2));
}

#[test]
fn a_clone_that_uses_the_channel() {
    let channel = hooked!(1);
    let (tx, mut rx) = channel.split_static().unwrap();
    let (other, probe) = (
        Rc::new(std::cell::RefCell::new(tx.subscribe())),
        Probe::new(),
    );
    let dropped = Rc::new(Cell::new(0));
    let on_clone = {
        let (tx, other, probe) = (tx.clone(), other.clone(), probe.clone());
        move |n| {
            // The value is away: who comes finds nothing, and may wait.
            assert_eq!(tx.len(), 1);
            let mut other = other.borrow_mut();
            assert!(matches!(other.try_recv(), Err(TryRecvError::Empty)));
            assert!(poll(pin!(other.recv()), &probe).is_pending());
            if n == 2 {
                // It is overwritten where it would go back to.
                assert_eq!(tx.send(Hooked::new(3, |_| (), |_| ())).ok(), Some(2));
                let lagged = other.try_recv().map(|it| it.n);
                assert_eq!(lagged, Err(TryRecvError::Lagged(1)));
            }
        }
    };
    for n in 1..=2 {
        let on_drop = {
            let dropped = dropped.clone();
            move |n| dropped.set(n)
        };
        assert_eq!(
            tx.send(Hooked::new(n, on_clone.clone(), on_drop)).ok(),
            Some(2)
        );
        assert_eq!(rx.try_recv().map(|it| it.n), Ok(n));
        // The first went back, the second was dropped by who had borrowed it.
        assert_eq!(dropped.get(), if n == 1 { 0 } else { 2 });
        if n == 1 {
            assert_eq!(other.borrow_mut().try_recv().map(|it| it.n), Ok(1));
        }
    }
    assert_eq!(rx.try_recv().map(|it| it.n), Ok(3));
    assert_eq!(other.borrow_mut().try_recv().map(|it| it.n), Ok(3));
}

#[test]
fn who_waits_for_a_borrowed_value_is_woken_when_it_is_back() {
    for panics in [false, true] {
        let (tx, mut rx) = hooked!(2).split_static().unwrap();
        let (probe, idle) = (Probe::new(), Probe::new());
        let waiting = Rc::new(std::cell::RefCell::new(Box::pin({
            let mut other = tx.subscribe();
            async move { other.recv().await.map(|it| it.n) }
        })));
        let on_clone = {
            let (waiting, probe) = (waiting.clone(), probe.clone());
            move |_| {
                assert!(poll(waiting.borrow_mut().as_mut(), &probe).is_pending());
                assert!(!panics, "as is intended");
            }
        };
        tx.send(Hooked::new(1, on_clone, |_| ())).ok().unwrap();
        let received = catch_unwind(AssertUnwindSafe(|| rx.try_recv().map(|it| it.n)));
        assert_eq!(received.ok(), (!panics).then_some(Ok(1)));
        assert_eq!(probe.wakes(), 1);
        assert_eq!(
            poll(waiting.borrow_mut().as_mut(), &probe),
            Poll::Ready(Ok(1))
        );
        // Nobody is woken where nobody waits for it.
        let mut third = tx.subscribe();
        let mut idles = pin!(third.recv());
        assert!(poll(idles.as_mut(), &idle).is_pending());
        assert_eq!(idle.wakes(), 0);
    }
}

#[test]
fn the_others_of_a_borrower_go_meanwhile() {
    let (tx, mut rx) = hooked!(2).split_static().unwrap();
    let other = Rc::new(Cell::new(Some(tx.subscribe())));
    let dropped = Rc::new(Cell::new(0));
    let on_clone = move |_| drop(other.take());
    let on_drop = {
        let dropped = dropped.clone();
        move |n| dropped.set(n)
    };
    tx.send(Hooked::new(1, on_clone, on_drop)).ok().unwrap();
    assert_eq!(rx.try_recv().map(|it| it.n), Ok(1));
    assert_eq!((dropped.get(), tx.len(), tx.receiver_count()), (1, 0, 1));
}

#[test]
fn a_drop_that_panics_or_uses_the_channel() {
    let (tx, rx) = hooked!(2).split_static().unwrap();
    let drops = Rc::new(Cell::new(0));
    let on_drop = {
        let (drops, tx) = (drops.clone(), tx.clone());
        move |n| {
            drops.set(drops.get() + 1);
            let _ = (tx.len(), tx.subscribe());
            assert!(n != 2, "as is intended");
        }
    };
    for n in 1..=2 {
        tx.send(Hooked::new(n, |_| (), on_drop.clone()))
            .ok()
            .unwrap();
    }
    // Overwrites the first.
    tx.send(Hooked::new(3, |_| (), on_drop.clone()))
        .ok()
        .unwrap();
    assert_eq!(drops.get(), 1);
    // The second's drop panics, and the third is dropped all the same.
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!((drops.get(), tx.len(), tx.receiver_count()), (3, 0, 0));
    let mut rx = tx.subscribe();
    tx.send(Hooked::new(4, |_| (), |_| ())).ok().unwrap();
    assert_eq!(rx.try_recv().map(|it| it.n), Ok(4));
}

#[test]
fn wakers_that_use_the_channel_or_panic() {
    static CHANNEL: Channel<u8, 4, Spinlock> = Channel::new_with_raw_mutex(Spinlock::new());
    let (tx, mut rx) = CHANNEL.split_static().unwrap();
    let mut other = tx.subscribe();
    let (hostile, quiet) = (Probe::new(), Probe::new());
    let again = tx.clone();
    let each = move || {
        let _ = (again.len(), again.subscribe().try_recv());
    };
    hostile.on_clone(each.clone());
    hostile.on_drop(each.clone());
    hostile.on_wake(move || {
        each();
        panic!("as is intended");
    });
    let mut first = pin!(rx.recv());
    let mut second = pin!(other.recv());
    assert!(poll(first.as_mut(), &hostile).is_pending());
    assert!(poll(second.as_mut(), &quiet).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| tx.send(1))).is_err());
    // It was sent, and the other woken.
    assert_eq!(quiet.wakes(), 1);
    assert_eq!(poll(second.as_mut(), &quiet), Poll::Ready(Ok(1)));
    assert_eq!(poll(first.as_mut(), &quiet), Poll::Ready(Ok(1)));
    hostile.disarm();
}

#[test]
#[cfg(feature = "alloc")]
#[should_panic(expected = "one value at least")]
fn a_channel_for_nothing() {
    let _ = broadcast::channel::<u8>(0);
}
