//! `BroadcastStream` and `WatchStream`, one step at a time with wakers that count, in each storage.
#![cfg(all(not(loom), feature = "stream"))]

mod support;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use futures::stream::{Stream, StreamExt};
use pintle_sync::{
    broadcast::{self, BroadcastStream, BroadcastStreamRecvError::Lagged},
    storage::Storage,
    watch::{self, WatchStream},
};
use support::Probe;

/// Polls a stream once with a waker of `probe`.
fn next<S: Stream>(stream: Pin<&mut S>, probe: &Arc<Probe>) -> Poll<Option<S::Item>> {
    stream.poll_next(&mut Context::from_waker(&probe.waker()))
}

/// Makes tests of a function that takes a stream's two ends, for each storage.
macro_rules! in_each_storage {
    ($test:ident, $module:ident, $($new:tt)*) => {
        mod $test {
            use super::*;

            #[cfg(feature = "alloc")]
            #[test]
            fn on_the_heap() {
                let (tx, rx) = in_each_storage!(@heap $module);
                super::$test(tx, rx);
            }

            #[test]
            fn in_place() {
                let mut channel = $($new)*;
                for _ in 0..2 {
                    let (tx, rx) = channel.split();
                    super::$test(tx, rx);
                }
            }
        }
    };
    (@heap broadcast) => { broadcast::channel(2) };
    (@heap watch) => { watch::channel(0) };
}

in_each_storage!(a_broadcast, broadcast, broadcast::Channel::<u32, 2>::new());

fn a_broadcast<S: Storage>(tx: broadcast::Sender<u32, S>, rx: broadcast::Receiver<u32, S>) {
    let (probe, other) = (Probe::new(), Probe::new());
    let mut stream = pin!(BroadcastStream::new(rx));
    for n in 0..3 {
        assert!(next(stream.as_mut(), &other).is_pending());
        assert!(next(stream.as_mut(), &probe).is_pending());
        assert_eq!((probe.wakes(), other.live()), (n as usize, 0));
        tx.send(n).unwrap();
        assert_eq!((probe.wakes(), probe.live()), (n as usize + 1, 0));
        assert_eq!(next(stream.as_mut(), &probe), Poll::Ready(Some(Ok(n))));
    }
    (4..7).for_each(|n| assert_eq!(tx.send(n), Ok(1)));
    assert_eq!(
        next(stream.as_mut(), &probe),
        Poll::Ready(Some(Err(Lagged(1))))
    );
    assert_eq!(next(stream.as_mut(), &probe), Poll::Ready(Some(Ok(5))));
    {
        // A wait that is given up loses nothing.
        let _ = support::poll(pin!(stream.next()), &probe);
    }
    assert!(next(stream.as_mut(), &probe).is_pending());
    assert_eq!(stream.get_ref().sender_strong_count(), 1);
    drop(tx);
    assert_eq!((probe.wakes(), probe.live()), (4, 0));
    for _ in 0..3 {
        assert_eq!(next(stream.as_mut(), &probe), Poll::Ready(None));
    }
}

in_each_storage!(
    a_broadcast_that_is_dropped,
    broadcast,
    broadcast::Channel::<u32, 2>::new()
);

fn a_broadcast_that_is_dropped<S: Storage>(
    tx: broadcast::Sender<u32, S>,
    rx: broadcast::Receiver<u32, S>,
) {
    let probe = Probe::new();
    {
        let mut stream = pin!(BroadcastStream::from(rx));
        assert!(next(stream.as_mut(), &probe).is_pending());
    }
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
    assert_eq!(tx.receiver_count(), 0);
    assert!(tx.send(1).is_err());
}

in_each_storage!(a_watch, watch, watch::Channel::new(0));

fn a_watch<S: Storage>(tx: watch::Sender<u32, S>, rx: watch::Receiver<u32, S>) {
    let (probe, other) = (Probe::new(), Probe::new());
    tx.send_replace(0);
    {
        // The value is due once, seen or not.
        let mut stream = pin!(WatchStream::new(rx.clone()));
        assert_eq!(next(stream.as_mut(), &probe), Poll::Ready(Some(0)));
        assert!(next(stream.as_mut(), &probe).is_pending());
    }
    assert_eq!((probe.wakes(), probe.live()), (0, 0));
    let mut rx = rx;
    rx.mark_unchanged();
    let mut stream = pin!(WatchStream::from_changes(rx));
    for n in 1..4 {
        assert!(next(stream.as_mut(), &other).is_pending());
        assert!(next(stream.as_mut(), &probe).is_pending());
        tx.send(9).unwrap();
        tx.send(n).unwrap();
        assert_eq!(
            (probe.wakes(), probe.live(), other.live()),
            (n as usize, 0, 0)
        );
        assert_eq!(next(stream.as_mut(), &probe), Poll::Ready(Some(n)));
    }
    tx.send(8).unwrap();
    assert_eq!(stream.get_ref().has_changed(), Ok(true));
    drop(tx);
    assert_eq!(
        next(stream.as_mut(), &probe),
        Poll::Ready(Some(8)),
        "it was not seen"
    );
    for _ in 0..3 {
        assert_eq!(next(stream.as_mut(), &probe), Poll::Ready(None));
    }
}

/// What could not be cloned is due still.
#[test]
fn a_clone_that_panics() {
    struct Bomb(Arc<std::sync::atomic::AtomicBool>);
    impl Clone for Bomb {
        fn clone(&self) -> Self {
            assert!(
                !self.0.swap(false, std::sync::atomic::Ordering::Relaxed),
                "boom"
            );
            Self(self.0.clone())
        }
    }

    let probe = Probe::new();
    let armed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut channel = watch::Channel::new(Bomb(armed.clone()));
    let (tx, rx) = channel.split();
    let mut stream = pin!(WatchStream::from_changes(rx));
    assert!(next(stream.as_mut(), &probe).is_pending());
    tx.send(Bomb(armed.clone())).unwrap();
    armed.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(catch_unwind(AssertUnwindSafe(|| next(stream.as_mut(), &probe))).is_err());
    assert!(matches!(
        next(stream.as_mut(), &probe),
        Poll::Ready(Some(_))
    ));
    assert!(next(stream.as_mut(), &probe).is_pending());
}
