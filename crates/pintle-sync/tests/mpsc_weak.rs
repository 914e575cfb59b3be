//! Senders that do not keep their channel open.
#![cfg(all(not(loom), feature = "alloc"))]

mod support;

use std::{pin::pin, sync::Arc, task::Poll};

use pintle_sync::mpsc::{self, TryRecvError};
use support::{Probe, poll};

/// The same for both kinds of channel.
macro_rules! for_each_channel {
    ($($test:ident: $channel:expr, $send:ident;)*) => {
        $(mod $test {
            use super::*;

            #[test]
            fn it_sends_while_there_is_a_sender() {
                let (tx, mut rx) = $channel;
                let weak = tx.downgrade();
                assert_eq!((weak.strong_count(), rx.sender_strong_count()), (1, 1));
                let again = weak.clone().upgrade().unwrap();
                assert!(again.same_channel(&tx));
                assert_eq!(weak.strong_count(), 2);
                drop(tx);
                again.$send(Arc::new(1)).unwrap();
                let third = weak.upgrade().unwrap();
                drop(again);
                assert!(!rx.is_closed());
                drop(third);
                assert!(rx.is_closed());
                assert!(weak.upgrade().is_none());
                assert_eq!(weak.strong_count(), 0);
                assert_eq!(rx.try_recv(), Ok(Arc::new(1)));
                assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
            }

            #[test]
            fn it_does_not_keep_the_receiver_waiting() {
                let (tx, mut rx) = $channel;
                let (weak, probe) = (tx.downgrade(), Probe::new());
                let mut received = pin!(rx.recv());
                assert!(poll(received.as_mut(), &probe).is_pending());
                drop(tx);
                assert_eq!(probe.wakes(), 1);
                assert_eq!(poll(received, &probe), Poll::Ready(None));
                assert!(weak.upgrade().is_none());
            }

            #[test]
            fn it_keeps_no_value() {
                let (tx, rx) = $channel;
                let (weak, value) = (tx.downgrade(), Arc::new(1));
                tx.$send(value.clone()).unwrap();
                drop(rx);
                assert_eq!(Arc::strong_count(&value), 1);
                // The channel is closed, and has a sender still.
                assert!(weak.upgrade().unwrap().is_closed());
                drop(tx);
                assert!(weak.upgrade().is_none());
            }
        })*
    };
}

for_each_channel! {
    bounded: mpsc::channel::<Arc<i32>>(2), try_send;
    unbounded: mpsc::unbounded_channel::<Arc<i32>>(), send;
}
