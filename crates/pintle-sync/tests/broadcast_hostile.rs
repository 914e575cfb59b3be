//! `broadcast` channels whose values panic, or use the channel, when they are cloned or dropped, and
//! whose wakers do.
#![cfg(not(loom))]

mod support;

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    task::Poll,
};

use pintle_sync::{
    broadcast::{Channel, TryRecvError},
    spin::Spinlock,
};
use support::{Probe, poll};

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

/// The receiver is gone all the same, with what was for it alone, and the others are woken.
#[test]
fn a_waker_that_panics_when_the_last_receiver_goes() {
    let mut channel = Channel::<_, 4, Spinlock>::new_with_raw_mutex(Spinlock::new());
    let (tx, rx) = channel.split();
    let value = Rc::new(());
    tx.send(value.clone()).unwrap();
    let (hostile, quiet) = (Probe::new(), Probe::new());
    hostile.on_wake(|| panic!("as is intended"));
    let mut first = pin!(tx.closed());
    let mut second = pin!(tx.closed());
    assert!(poll(first.as_mut(), &hostile).is_pending());
    assert!(poll(second.as_mut(), &quiet).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
    assert_eq!(Rc::strong_count(&value), 1);
    assert_eq!((tx.len(), tx.receiver_count()), (0, 0));
    assert_eq!((hostile.live(), quiet.live(), quiet.wakes()), (0, 0, 1));
    assert!(poll(first, &quiet).is_ready() && poll(second, &quiet).is_ready());
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
