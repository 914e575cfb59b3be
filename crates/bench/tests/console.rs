//! What tokio-console gets to know of tasks: a client of its own protocol, without a terminal.
//!
//! `cargo xtask test` runs it, with the flag that console-subscriber needs: see the example `console`, whose
//! server this is.
#![cfg(console_without_tokio_unstable)]

#[path = "console/client.rs"]
mod client;
#[path = "../examples/console/server.rs"]
mod server;

use std::{
    future::{pending, poll_fn},
    panic::Location,
    sync::mpsc,
    task::Poll,
    thread,
    time::Duration,
};

use client::{Client, Seen};
use pintle_park::Parker;
use pintle_task::{
    future::{Yield, block_on},
    scheduler::{LocalScheduler, Scheduler, StealingScheduler},
};
use server::Server;

/// One test, since one subscriber may watch a whole process.
#[test]
fn the_console_sees_tasks() {
    let server = Server::start(Duration::from_millis(20)).unwrap();
    let mut client = Client::connect(server.address());

    // One that wakes itself, on workers.
    let stealing = StealingScheduler::new(2);
    let line = next_line();
    let yields = stealing.build_task().name("yields").spawn(Yield::new(7));
    let workers = [(); 2].map(|()| {
        let scheduler = stealing.clone();
        thread::spawn(move || {
            let mut worker = scheduler.worker().unwrap();
            block_on(&Parker::new(), worker.run());
        })
    });
    block_on(&Parker::new(), yields).unwrap();
    stealing.close();
    for worker in workers {
        worker.join().unwrap();
    }

    let seen = client.see("yields", Seen::is_over);
    assert_eq!(seen.kind, "task");
    assert!(seen.file.ends_with("tests/console.rs"), "{}", seen.file);
    assert_eq!(seen.line, line);
    assert_eq!((seen.polls, seen.wakes, seen.self_wakes), (8, 7, 7));
    assert_eq!((seen.clones, seen.drops), (0, 0));

    // One that is woken by others.
    let scheduler = Scheduler::new();
    let (leave, wakers) = mpsc::channel();
    let mut polls = 0;
    let builder = scheduler.build_task().name("woken").kind("driver");
    let woken = builder
        .location(*Location::caller())
        .spawn(poll_fn(move |cx| {
            polls += 1;
            leave.send(cx.waker().clone()).unwrap();
            if polls < 3 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        }));
    let id = woken.id().to_string();
    scheduler.tick();
    let seen = client.see("woken", |seen| seen.polls == 1);
    assert_eq!((seen.kind.as_str(), &seen.task_id), ("driver", &id));
    assert_eq!((seen.wakes, seen.clones, seen.drops), (0, 1, 0));
    assert!(!seen.is_over());

    let waker = wakers.recv().unwrap();
    waker.wake_by_ref();
    scheduler.tick();
    let seen = client.see("woken", |seen| seen.polls == 2);
    assert_eq!((seen.wakes, seen.self_wakes), (1, 0));
    // To the console a waker that wakes by value is dropped, too.
    waker.wake();
    scheduler.tick();
    let seen = client.see("woken", Seen::is_over);
    assert_eq!((seen.polls, seen.wakes, seen.self_wakes), (3, 2, 0));
    assert_eq!((seen.clones, seen.drops), (3, 1));

    // One that is cancelled before it has run, and one of this thread that panics.
    let cancelled = scheduler.build_task().name("cancelled");
    cancelled.spawn(pending::<()>()).cancel();
    scheduler.tick();
    assert_eq!(client.see("cancelled", Seen::is_over).polls, 0);
    let local = LocalScheduler::new();
    let panics = local.build_task().name("panics");
    drop(panics.spawn_local(async { panic!("as it should") }));
    local.tick();
    let seen = client.see("panics", Seen::is_over);
    assert_eq!((seen.kind.as_str(), seen.polls), ("local", 1));
    assert_eq!(client.lost(), 0, "the console has lost nothing");
}

/// The line after this one.
#[track_caller]
fn next_line() -> u32 {
    Location::caller().line() + 1
}
