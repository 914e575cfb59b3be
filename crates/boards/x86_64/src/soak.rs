//! 100,000 sleeps, and nothing is early, lost or leaked.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use alloc::vec::Vec;
use pintle::sync::mpsc;
use pintle::time::Duration;

use crate::calls;
use crate::clock::TIMER;
use crate::lock::IrqLock;
use crate::serial::println;
use crate::{cpu, heap, stack, worker};

const TASKS: usize = 500;
const SLEEPS: usize = 200;
/// In microseconds.
const LONGEST: u64 = 20_000;
/// The whole takes a few seconds. If it takes so long, a wake-up was lost.
const LIMIT: Duration = Duration::from_secs(60);
/// How much deeper a stack may be found than after the rehearsal: an interrupt comes when it comes.
const DEPTH: usize = 2048;

/// Sleeps that ended before their time.
static EARLY: AtomicUsize = AtomicUsize::new(0);
/// By how many microseconds a sleep was late at most.
static LATEST: AtomicUsize = AtomicUsize::new(0);

type Sender = mpsc::Sender<u64, pintle::sync::storage::Heap, IrqLock>;

/// Rehearses, so that what is set up once is set up; then does it, and compares.
pub(crate) async fn run() {
    calls::run().await;
    round(SLEEPS / 10).await;
    TIMER.sleep(Duration::from_millis(20)).await;
    let heap = heap::used();
    let stacks = stacks();
    let polls = worker::counts().map(|(polls, _)| polls);
    EARLY.store(0, Relaxed);
    LATEST.store(0, Relaxed);

    let arrived = round(SLEEPS).await;

    let lost = TASKS * SLEEPS - arrived;
    println!(
        "{} sleeps: {} early, {lost} lost",
        TASKS * SLEEPS,
        EARLY.load(Relaxed)
    );
    println!("{} us late at most", LATEST.load(Relaxed));
    for (id, (after, _)) in worker::counts().into_iter().enumerate() {
        let share = after - polls[id];
        println!(
            "processor {id}: {share} polls, {}",
            if share > TASKS { "its share" } else { "idle" }
        );
    }
    // Who joins a task may be ahead of the processor that frees it.
    for _ in 0..100 {
        if heap::used() > heap {
            TIMER.sleep(Duration::from_millis(1)).await;
        }
    }
    println!(
        "heap: {} bytes more in use",
        heap::used() as isize - heap as isize
    );
    for (id, (before, after)) in stacks.into_iter().zip(self::stacks()).enumerate() {
        let flat = if after <= before + DEPTH {
            "flat"
        } else {
            "deeper than before"
        };
        println!("stack {id}: {after} of {} bytes, {flat}", stack::SIZE);
    }
}

/// Each task sleeps so many times, and tells another one about each. Returns how many times it was told.
async fn round(sleeps: usize) -> usize {
    let (sender, mut receiver) = mpsc::channel_with_lock::<_, IrqLock>(64);
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| worker::SCHEDULER.spawn(sleeper(task as u64, sleeps, sender.clone())))
        .collect();
    drop(sender);
    let mut arrived = 0;
    let count = async {
        while receiver.recv().await.is_some() {
            arrived += 1;
        }
        for task in tasks {
            task.await.expect("a sleeper does not panic");
        }
    };
    if TIMER.timeout(LIMIT, count).await.is_err() {
        println!(
            "some sleepers did not come back within {} s",
            LIMIT.as_secs()
        );
    }
    arrived
}

async fn sleeper(seed: u64, sleeps: usize, sender: Sender) {
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..sleeps {
        // Xorshift (G. Marsaglia, 2003).
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let duration = Duration::from_micros(random % LONGEST);
        let start = TIMER.now();
        TIMER.sleep(duration).await;
        let slept = TIMER.now() - start;
        match slept.checked_sub(duration) {
            None => _ = EARLY.fetch_add(1, Relaxed),
            Some(late) => _ = LATEST.fetch_max(late.as_micros() as usize, Relaxed),
        }
        sender
            .send(random)
            .await
            .expect("the receiver waits for all");
    }
}

fn stacks() -> [usize; cpu::COUNT] {
    core::array::from_fn(stack::used)
}
