//! `OwnedConsumer` on real threads: after the last producer nothing comes, and all is there.
#![cfg(all(not(loom), feature = "alloc"))]

use std::{
    pin::Pin,
    sync::{Arc, Barrier},
    thread,
};

use pintle_intrusive::{MpscQueue, linked, mpsc_queue::Links};

#[derive(Default)]
struct Entry {
    links: Links<Entry>,
}

linked!(Entry { links: Links<Self> } as Pin<Box<Self>>);

/// `has_producers` says `false` once the others have given up their shares; whatever they enqueued
/// before that is seen, so that the first `None` afterwards is the end.
#[test]
fn nothing_comes_after_the_last_producer() {
    const PRODUCERS: usize = 2;
    const EACH: usize = 3;
    let rounds = if pintle_core::model::full() {
        500_000
    } else {
        5_000
    };

    let start = Barrier::new(PRODUCERS + 1);
    let (queues, shares): (Vec<_>, Vec<_>) = (0..PRODUCERS)
        .map(|_| std::sync::mpsc::sync_channel::<Arc<MpscQueue<Entry>>>(1))
        .unzip();
    thread::scope(|s| {
        for share in shares {
            let start = &start;
            s.spawn(move || {
                for queue in share {
                    start.wait();
                    for _ in 0..EACH {
                        queue.enqueue(Box::pin(Entry::default()));
                    }
                }
            });
        }
        for _ in 0..rounds {
            let queue = Arc::new(MpscQueue::new());
            for producer in &queues {
                producer.send(queue.clone()).unwrap();
            }
            let consumer = queue.consume_owned();
            start.wait();
            let mut taken = 0;
            loop {
                let may_come = consumer.has_producers();
                while consumer.dequeue().is_some() {
                    taken += 1;
                }
                if !may_come {
                    break;
                }
                std::hint::spin_loop();
            }
            assert_eq!(taken, PRODUCERS * EACH);
        }
        drop(queues);
    });
}
