//! The tasks that are shown.

use std::{sync::Arc, thread, time::Duration};

use pintle_sync::WaitQueue;
use pintle_task::{
    future::{Yield, yield_now},
    scheduler::{LocalScheduler, StealingScheduler},
};

/// Wakes who waits, now and then, from a thread that is no worker.
fn clock(every: Duration) -> Arc<WaitQueue> {
    let queue = Arc::new(WaitQueue::new());
    let ticks = queue.clone();
    thread::spawn(move || {
        loop {
            thread::sleep(every);
            ticks.wake_all();
        }
    });
    queue
}

/// Tasks that never end, and one that spawns others which do.
pub(crate) fn spawn_busy(scheduler: &StealingScheduler) {
    let clock = clock(Duration::from_millis(100));
    let (ping, pong) = (Arc::new(WaitQueue::new()), Arc::new(WaitQueue::new()));

    let (ticks, wakes, answers) = (clock.clone(), ping.clone(), pong.clone());
    scheduler.build_task().name("ping").spawn(async move {
        while ticks.wait().await.is_ok() {
            wakes.wake();
            let _ = answers.wait().await;
        }
    });
    scheduler.build_task().name("pong").spawn(async move {
        while ping.wait().await.is_ok() {
            pong.wake();
        }
    });

    let ticks = clock.clone();
    scheduler.build_task().name("yields").spawn(async move {
        while ticks.wait().await.is_ok() {
            Yield::new(100).await;
        }
    });

    let spawner = scheduler.clone();
    let parent = scheduler.build_task().name("parent").kind("spawner");
    parent.spawn(async move {
        while clock.wait().await.is_ok() {
            // It has no name, and is told from others by where it comes from.
            let child = spawner.spawn(async {
                yield_now().await;
                thread::sleep(Duration::from_millis(5));
            });
            let _ = child.await;
        }
    });
}

/// A task of one thread.
pub(crate) fn spawn_local(scheduler: &LocalScheduler) {
    let clock = clock(Duration::from_millis(500));
    scheduler
        .build_task()
        .name("stays")
        .spawn_local(async move {
            while clock.wait().await.is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
}
