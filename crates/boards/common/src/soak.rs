//! A hundred thousand timers, in batches that fit the memory, and interrupts between them.
//!
//! None may end early by the board's clock, no wake-up may be lost, and the stack may not become much deeper
//! than the first tenth has made it.

mod sleeper;

pub use self::sleeper::{Outcome, Sleeper};

use core::fmt::Write;

use pintle::{future::yield_now, time::Duration};

use crate::Board;

/// How many tasks sleep at a time.
pub const BATCH: usize = 25;

const BATCHES: usize = 4_000;

/// How many interrupts a task waits for.
const INTERRUPTS: usize = 10_000;

/// They come within so many ticks: a task is polled and its machine falls asleep in about as many.
const SOON: u32 = 2_048;

/// Who has not woken up after so long will not.
const PATIENCE: Duration = Duration::from_secs(10);

/// By so many bytes a stack may still grow: an interrupt that comes at its deepest place puts its frame there,
/// and that may never have happened before.
const FRAME: usize = 256;

/// So often a task is tried to be spawned. The pool has room for a batch, but where there are several cores, one may
/// still be about to leave a task of the last batch whose end another has heard of.
const PATIENT_SPAWNS: usize = 10_000;

/// What went wrong, counted.
#[derive(Default)]
struct Faults {
    early: usize,
    late: usize,
    lost: usize,
}

/// Runs the soak, and prints what came of it. Returns whether nothing went wrong.
pub async fn run(board: &Board) -> bool {
    let mut faults = Faults::default();
    let mut random = 0x2545_f491;
    for _ in 0..BATCHES / 10 {
        sleep(board, &mut random, &mut faults).await;
    }
    let missed = interrupts(board, &mut random, INTERRUPTS / 10).await;
    let stack = (board.stack_used)();
    for _ in BATCHES / 10..BATCHES {
        sleep(board, &mut random, &mut faults).await;
    }
    let missed = missed + interrupts(board, &mut random, INTERRUPTS - INTERRUPTS / 10).await;
    let stack_now = (board.stack_used)();

    let Faults { early, late, lost } = faults;
    let timers = BATCHES * BATCH;
    let mut console = board.console.lock().await;
    let _ = writeln!(
        console,
        "soak: {timers} timers, {early} early, {late} late, {lost} lost"
    );
    let _ = writeln!(console, "soak: {INTERRUPTS} interrupts, {missed} lost");
    let is_flat = stack_now <= stack + FRAME;
    let _ = match is_flat {
        true => writeln!(console, "soak: stack flat at {stack_now} bytes"),
        false => writeln!(
            console,
            "soak: stack grew from {stack} to {stack_now} bytes"
        ),
    };
    early + late + lost + missed == 0 && is_flat
}

/// One batch of tasks that sleep.
async fn sleep(board: &Board, random: &mut u32, faults: &mut Faults) {
    let mut handles = [const { None }; BATCH];
    for handle in &mut handles {
        let duration = board.longest / 4_096 * (next(random) % 4_096);
        for _ in 0..PATIENT_SPAWNS {
            *handle = (board.spawn)(Sleeper::new(board, duration));
            if handle.is_some() {
                break;
            }
            yield_now().await;
        }
    }
    for handle in handles {
        // No room, though none of the last batch should be left in the pool.
        let Some(handle) = handle else {
            faults.lost += 1;
            continue;
        };
        match board.timer.timeout(PATIENCE, handle).await {
            Ok(Ok(Outcome::InTime)) => {}
            Ok(Ok(Outcome::Early)) => faults.early += 1,
            Ok(Ok(Outcome::Late)) => faults.late += 1,
            Ok(Err(_)) | Err(_) => faults.lost += 1,
        }
    }
}

/// Waits for interrupts, one after the other, that come while the machine is about to fall asleep. Counts those
/// that did not wake this task soon.
async fn interrupts(board: &Board, random: &mut u32, count: usize) -> usize {
    let mut lost = 0;
    for _ in 0..count {
        let began = board.timer.now();
        (board.interrupt_in)(u64::from(next(random) % SOON));
        let woken = board
            .timer
            .timeout(PATIENCE, board.interrupted.wait())
            .await;
        if woken.is_err() || board.timer.now().duration_since(began) >= board.late {
            lost += 1;
        }
    }
    lost
}

/// Marsaglia's xorshift.
fn next(random: &mut u32) -> u32 {
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    *random
}
