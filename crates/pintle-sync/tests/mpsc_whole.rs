//! What bounded `mpsc` channels go through: values that panic when they are dropped, ends that are
//! forgotten, wakers that use the channel, threads at both ends.
#![cfg(not(loom))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::Context,
};

use pintle_sync::mpsc;
use support::{Probe, poll};

/// Panics when it is dropped, if it is told to.
struct Bomb<'a> {
    drops: &'a AtomicUsize,
    armed: bool,
}

impl Drop for Bomb<'_> {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Relaxed);
        assert!(!self.armed, "boom");
    }
}

#[test]
fn a_drop_that_panics_leaves_the_channel_whole() {
    for armed in 0..3 {
        let drops = AtomicUsize::new(0);
        let bomb = |n| Bomb {
            drops: &drops,
            armed: n == armed,
        };
        let mut channel = mpsc::Channel::<_, 3>::new();
        let (tx, rx) = channel.split();
        for n in 0..3 {
            assert!(tx.try_send(bomb(n)).is_ok());
        }
        assert!(catch_unwind(AssertUnwindSafe(|| drop(rx))).is_err());
        drop(tx);
        assert_eq!(drops.load(Relaxed), 3, "each once");

        let (tx, mut rx) = channel.split();
        assert_eq!((tx.capacity(), rx.len()), (3, 0));
        assert!(tx.try_send(bomb(9)).is_ok());
        assert!(rx.try_recv().is_ok());
    }
}

#[test]
fn forgotten_ends_keep_a_static_and_not_an_inline_channel() {
    static CHANNEL: mpsc::Channel<u8, 1> = mpsc::Channel::new();
    std::mem::forget(CHANNEL.split_static().unwrap());
    assert!(CHANNEL.split_static().is_err());

    let value = Arc::new(());
    let mut channel = mpsc::Channel::<_, 1>::new();
    let (tx, rx) = channel.split();
    tx.try_send(value.clone()).unwrap();
    let probe = Probe::new();
    let mut send = Box::pin(tx.send(value.clone()));
    assert!(poll(send.as_mut(), &probe).is_pending());
    std::mem::forget(send);
    std::mem::forget((tx, rx));
    let (tx, mut rx) = channel.split();
    assert_eq!(probe.live(), 0);
    assert_eq!(Arc::strong_count(&value), 2, "the forgotten future's");
    tx.try_send(value.clone()).unwrap();
    assert!(rx.try_recv().is_ok());
    tx.try_send(value.clone()).unwrap();
    std::mem::forget((tx, rx));
    drop(channel);
    assert_eq!(Arc::strong_count(&value), 2);
}

#[test]
fn values_of_no_size() {
    let mut channel = mpsc::Channel::<(), 3>::new();
    let (tx, mut rx) = channel.split();
    for _ in 0..3 {
        tx.try_send(()).unwrap();
    }
    assert!(tx.try_send(()).is_err());
    assert_eq!(rx.len(), 3);
    for _ in 0..3 {
        rx.try_recv().unwrap();
    }
    assert!(rx.try_recv().is_err());
}

#[test]
fn wakers_may_use_the_channel_that_calls_them() {
    static CHANNEL: mpsc::Channel<usize, 2> = mpsc::Channel::new();
    let (tx, mut rx) = CHANNEL.split_static().unwrap();
    let probe = Probe::new();
    for hook in [Probe::on_wake, Probe::on_clone, Probe::on_drop] {
        let tx = tx.clone();
        hook(
            &probe,
            Box::new(move || {
                let _ = tx.try_send(7);
                let _ = tx.try_reserve();
                let _ = poll(Box::pin(tx.send(8)).as_mut(), &Probe::new());
            }),
        );
    }
    for _ in 0..3 {
        // The hooks send as well: a few steps, whatever each finds.
        for _ in 0..4 {
            let mut send = Box::pin(tx.send(1));
            let _ = poll(send.as_mut(), &probe);
            let _ = rx.try_recv();
            drop(send);
            let _ = rx.poll_recv(&mut Context::from_waker(&probe.waker()));
        }
        while rx.try_recv().is_ok() {}
        let _ = rx.poll_recv(&mut Context::from_waker(&probe.waker()));
        let _ = tx.try_send(2);
    }
    probe.disarm();
}

#[cfg(feature = "park")]
#[test]
fn threads_sleep_at_the_ends() {
    use pintle_sync::oneshot;

    let (tx, mut rx) = mpsc::channel(1);
    let (many, mut all) = mpsc::unbounded_channel();
    let (done, is_done) = oneshot::channel();
    let other = std::thread::spawn(move || {
        for n in 0..1000 {
            tx.blocking_send(n).unwrap();
            many.send(n).unwrap();
        }
        done.send(()).unwrap();
        // Until the receiver is gone.
        while tx.blocking_send(0).is_ok() {}
    });
    let mut buffer = Vec::new();
    for n in (0..1000).step_by(2) {
        assert_eq!(rx.blocking_recv(), Some(n));
        assert_eq!(rx.blocking_recv_many(&mut buffer, 1), 1);
        assert_eq!(buffer.pop(), Some(n + 1));
    }
    is_done.blocking_recv().unwrap();
    drop(rx);
    other.join().unwrap();
    for n in 0..500 {
        assert_eq!(all.blocking_recv(), Some(n));
    }
    assert_eq!(all.blocking_recv_many(&mut buffer, 1000), 500);
    assert_eq!(buffer, (500..1000).collect::<Vec<_>>());
    assert_eq!(all.blocking_recv_many(&mut buffer, 1), 0);
    assert_eq!(all.blocking_recv(), None);
}
