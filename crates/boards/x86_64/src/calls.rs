//! Work that only the other processor can do, again and again, and nothing else that would wake it: a lost wake-up
//! shows, as nothing makes up for it.

use core::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Release},
};

use alloc::sync::Arc;
use pintle::time::Duration;

use crate::serial::println;
use crate::{clock, cpu, worker};

const CALLS: usize = 2000;
/// The caller waits so long, and the other processor may be one that its host lets run now and then.
const LIMIT: Duration = Duration::from_secs(5);
/// The other one's number until there is an answer.
const NOBODY: usize = usize::MAX;

/// Calls the other processor many times, at different moments of its falling asleep.
pub(crate) async fn run() {
    let mut lost = 0;
    for call in 0..CALLS {
        if !is_answered(Duration::from_micros(call as u64 * 7 % 61)).await {
            lost += 1;
        }
    }
    println!("{CALLS} calls of the other processor: {lost} lost");
}

/// Whether the other processor comes and takes a task from this one, which keeps busy. After its answer it stays
/// awake for a while.
async fn is_answered(awake: Duration) -> bool {
    let answer = Arc::new(AtomicUsize::new(NOBODY));
    let task = worker::SCHEDULER.spawn({
        let answer = answer.clone();
        async move {
            // Release pairs with the Acquire below.
            answer.store(cpu::id(), Release);
            drop(answer);
            clock::wait_until(awake, || false);
        }
    });
    // Nobody waits for its end: the next call may come before that.
    task.detach();
    // The newest task is not stolen: with this one, the other is not the newest.
    let newest = worker::SCHEDULER.spawn(async {});
    let me = cpu::id();
    // Acquire pairs with the Release above.
    let is_answered = clock::wait_until(LIMIT, || answer.load(Acquire) != NOBODY);
    newest.await.expect("it does not panic");
    is_answered && answer.load(Acquire) != me
}
