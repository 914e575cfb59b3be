//! A driver, its interrupt and its requests, on wait cells, queues and maps: with the names and shapes of
//! maitake-sync 0.3, and of 0.2 where the two are alike.

#[cfg(feature = "alloc")]
use std::sync::Arc;
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::atomic::{AtomicU8, Ordering::*},
    task::{Context, Poll, Waker},
};

use maitake_sync::{
    Closed, WaitCell, WaitMap, WaitQueue, WaitResult,
    blocking::{DefaultMutex, ScopedRawMutex},
    spin::Spinlock,
    wait_cell::{self, PollWaitError},
    wait_map::{self, WaitError, WakeOutcome},
    wait_queue,
};

/// As embassy's drivers have it: a cell per peripheral, a map per port, queues for what many wait for.
struct Driver {
    ready: WaitCell,
    pins: WaitMap<usize, ()>,
    changed: WaitQueue<Spinlock>,
    level: AtomicU8,
}

static DRIVER: Driver = Driver {
    ready: WaitCell::new(),
    pins: WaitMap::new(),
    changed: WaitQueue::new_with_raw_mutex(Spinlock::new()),
    level: AtomicU8::new(0),
};

static ANSWERS: WaitMap<u32, &str, Spinlock> = WaitMap::new_with_raw_mutex(Spinlock::new());

/// A field of a generic driver.
struct Generic<'a, L: ScopedRawMutex = DefaultMutex> {
    wait: Option<wait_queue::Wait<'a, L>>,
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_cell_between_a_driver_and_its_interrupt() {
    async fn transfer() -> Result<(), Closed> {
        let wait: wait_cell::Wait<'static> = DRIVER.ready.subscribe().await;
        let interrupt = std::thread::spawn(|| DRIVER.ready.wake());
        wait.await?;
        let _: bool = interrupt.join().unwrap();
        DRIVER.level.store(1, Release);
        DRIVER
            .ready
            .wait_for(|| DRIVER.level.load(Acquire) == 1)
            .await?;
        let level = DRIVER
            .ready
            .wait_for_value(|| Some(DRIVER.level.load(Acquire)));
        assert_eq!(level.await?, 1);
        Ok(())
    }

    block_on(transfer()).unwrap();
    let cell = WaitCell::default();
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(cell.poll_wait(&mut cx), Poll::Pending);
    assert!(cell.close());
    assert!(cell.is_closed());
    match cell.poll_wait(&mut cx) {
        Poll::Ready(Err(PollWaitError::Closed)) => {}
        Poll::Ready(Err(PollWaitError::Busy)) | Poll::Ready(Ok(())) | Poll::Pending => panic!(),
    }
}

#[test]
fn a_map_of_pins_and_of_requests() {
    // Its own: the other test, which may run meanwhile, raises the driver's level.
    static PIN: AtomicU8 = AtomicU8::new(1);

    async fn falling_edge(pin: usize) {
        DRIVER
            .pins
            .wait_for(pin, || PIN.load(Acquire) == 0)
            .await
            .unwrap();
    }

    PIN.store(0, Release);
    block_on(falling_edge(3));

    async fn request(id: u32) -> wait_map::WaitResult<&'static str> {
        let mut wait = pin!(ANSWERS.wait(id));
        let subscribe: wait_map::Subscribe<'_, '_, u32, &str, Spinlock> = wait.as_mut().subscribe();
        subscribe.await?;
        assert!(matches!(ANSWERS.wake(&id, "answer"), WakeOutcome::Woke));
        wait.await
    }

    assert_eq!(block_on(request(1)), Ok("answer"));
    match ANSWERS.wake(&1, "late") {
        WakeOutcome::NoMatch(value) => assert_eq!(value, "late"),
        WakeOutcome::Woke | WakeOutcome::Closed(_) => panic!(),
    }

    let map: WaitMap<u8, u8> = WaitMap::default();
    map.close();
    assert!(map.is_closed());
    assert!(matches!(block_on(map.wait(1)), Err(WaitError::Closed)));
    let value = block_on(map.wait_for_value(1, || None::<u8>));
    let _: wait_map::WaitResult<u8> = value;
}

#[test]
#[allow(deprecated, reason = "programs for 0.2 have it")]
fn a_map_is_enqueued_upon() {
    let map = WaitMap::<u8, u8>::new();
    let mut wait = pin!(map.wait(1));
    let enqueue: wait_map::EnqueueWait<'_, '_, u8, u8, DefaultMutex> = wait.as_mut().enqueue();
    assert_eq!(block_on(enqueue), Ok(()));
}

#[test]
fn a_queue_of_those_who_want_to_know() {
    let wait = DRIVER.changed.wait();
    assert!(wait.waits_on(&DRIVER.changed));
    assert!(wait.same_queue(&DRIVER.changed.wait()));
    let mut wait = pin!(wait);
    let subscribed: Poll<WaitResult<()>> = wait.as_mut().subscribe();
    assert!(subscribed.is_pending());
    DRIVER.changed.wake_all();
    assert!(poll(wait).is_ready());
    DRIVER.changed.wake();
    block_on(DRIVER.changed.wait()).unwrap();
    block_on(DRIVER.changed.wait_for(|| true)).unwrap();
    assert_eq!(block_on(DRIVER.changed.wait_for_value(|| Some(1))), Ok(1));

    let queue = WaitQueue::default();
    let generic: Generic<'_> = Generic {
        wait: Some(queue.wait()),
    };
    queue.close();
    assert!(queue.is_closed());
    assert!(block_on(generic.wait.unwrap()).is_err());
}

#[test]
#[cfg(feature = "alloc")]
fn owned_waits() {
    let queue = Arc::new(WaitQueue::new());
    let wait: wait_queue::WaitOwned = queue.wait_owned();
    assert!(wait.waits_on(&queue) && wait.same_queue(&queue.wait_owned()));
    queue.wake();
    block_on(wait).unwrap();
    let map = Arc::new(WaitMap::<u8, u8>::new());
    let mut wait: Pin<Box<wait_map::WaitOwned<u8, u8>>> = Box::pin(map.wait_owned(1));
    assert!(poll(wait.as_mut()).is_pending());
    map.wake(&1, 2);
    assert!(matches!(block_on(wait), Ok(2)));
}
