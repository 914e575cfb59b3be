//! A timer for async Rust: sleeps and timeouts on a hierarchical timer wheel, without allocation,
//! that never fire early.
//!
//! - [`Clock`]: where the time comes from. [`Instant`]: a moment by it.
//! - [`Timer`]: the wheel behind a lock. [`turn`](Timer::turn) drives it; a [`Turn`] says when the
//!   next is needed.
//! - [`Sleep`]: a future that completes at its deadline. [`Timeout`]: a future with a deadline. Both may
//!   be granted [slack](Sleep::slack), to share wake-ups.
//! - [`Interval`]: ticks, without drift.
//! - [`DelayQueue`]: values that come out when their time has come.
//! - [`set_global_timer`], and with it the functions [`sleep()`], [`timeout()`],
//!   [`interval()`], and their `try_` forms: for programs that have one timer.
//! - [`clock::ManualClock`]: time for tests.
//!
//! ```
//! # use std::{pin::pin, future::Future, task::{Context, Poll, Waker}};
//! # use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
//! use pintle_time::{Clock, Duration, Timer};
//!
//! # static MILLIS: AtomicU64 = AtomicU64::new(0);
//! # fn read_hardware_counter() -> u64 { MILLIS.load(Relaxed) }
//! # fn idle(duration: Duration) { MILLIS.fetch_add(duration.as_millis() as u64, Relaxed); }
//! static TIMER: Timer = Timer::new(Clock::new(Duration::from_millis(1), read_hardware_counter));
//!
//! let mut task = pin!(async {
//!     TIMER.sleep(Duration::from_millis(20)).await;
//!     TIMER.timeout(Duration::from_secs(1), std::future::pending::<()>()).await
//! });
//!
//! // A very small executor.
//! let mut cx = Context::from_waker(Waker::noop());
//! let result = loop {
//!     if let Poll::Ready(result) = task.as_mut().poll(&mut cx) {
//!         break result;
//!     }
//!     let turn = TIMER.turn();
//!     idle(turn.time_to_next_deadline().unwrap());
//! };
//! assert!(result.is_err());
//! assert_eq!(TIMER.now().to_string(), "1.022s");
//! ```
//!
//! # The wheel
//!
//! G. Varghese and T. Lauck, *Hashed and Hierarchical Timing Wheels* (SOSP 1987), scheme 7. Sleeps
//! are kept in slots by the digits of their deadline in base 64. A slot of level 1 is one tick
//! wide, one of level 2 is 64 ticks, and so on; a sleep lies on the level of the highest digit in
//! which its deadline differs from now:
//!
//! ```text
//!            now                                    now + 64                        now + 4096
//! level 1     ├┬┬┬┬┬┬┬┬┬┬┬┬┬┬┬┬┬┬┬ … ┬┬┬┬┬┬┬┤         ╎                                   ╎
//!             64 slots, 1 tick each                  ╎                                   ╎
//! level 2     ├───────┬───────┬───── … ──────┬───────┼───────┬───────┬──── … ────┬───────┤
//!             64 slots, 64 ticks each           │
//! level 3     ├───────┬───────┬───── …          │ when something in a slot is due, the
//!   ⋮         64 slots, 4096 ticks each         ▼ rest of it moves to finer slots
//! ```
//!
//! | level | a slot is | spans | at 1 ms per tick |
//! |---|---|---|---|
//! | 1 | 1 tick | 2⁶ | 64 ms |
//! | 2 | 2⁶ | 2¹² | 4.1 s |
//! | 3 | 2¹² | 2¹⁸ | 4.4 min |
//! | 4 | 2¹⁸ | 2²⁴ | 4.7 h |
//! | 5 | 2²⁴ | 2³⁰ | 12.4 days |
//! | 6 | 2³⁰ | 2³⁶ | 2.2 years |
//! | 7–11 | all in one | 2⁴² … 2⁶⁴ | 585 million years |
//!
//! The upper five levels have no slots: what lies so far ahead is looked at once per slot's worth
//! of time that goes by. Together they make every `u64` a deadline like any other; nothing wraps.
//! [`Timer::new_with_slots`] makes the slots of level 1 wider, for clocks that count finer than the
//! timer is turned; sleeps end at their own ticks all the same.
//!
//! | operation | cost | under the lock |
//! |---|---|---|
//! | start a sleep ([first poll](Sleep)), cancel it, [reset](Sleep::reset) it | O(1) | O(1) |
//! | [`turn`](Timer::turn), nothing due | O(1): the clock, and a load or two | not taken |
//! | [`turn`](Timer::turn), `n` due | O(n), and at most one move per level for each sleep | 64 entries at most, then let go and taken again |
//! | [`next_deadline`](Timer::next_deadline) | O(1), or O(sleeps in the first slot) | the same |
//!
//! Memory: [`Timer`] is about 3.3 kB on a 64-bit target, [`Sleep`] is 72 bytes.
//!
//! # What can be relied upon
//!
//! - A sleep never completes before its duration has passed ([how durations are
//!   rounded](clock)); its task is woken in the first turn that begins at or after the deadline.
//! - Wakers are called, cloned and dropped outside the lock. They may start, cancel and reset sleeps.
//! - Sleeps may be started, polled, reset and cancelled on any number of threads, while others turn.
//! - Time that jumps, by ten years or to the end of `u64`, costs a turn what is due and no more. While
//!   time stands still or [runs backwards](Clock#the-count-must-not-go-backwards), nothing is lost.
//! - What [`next_deadline`](Timer::next_deadline) said stays true until the
//!   [hook](Timer::with_hook) says otherwise.
//! - A waker that panics takes nobody's wake-up along.
//!
//! # Features
//!
//! - `alloc`: [`DelayQueue`]s that grow.
//! - `embedded-hal-async`: `Delay`, a timer as the [`DelayNs`] that drivers ask for.
//! - `stream`: [`interval::IntervalStream`] and [`delay_queue::DelayQueueStream`] are `Stream`s.
//! - `std`: `Clock::monotonic` and `Clock::monotonic_micros`, over [`std::time::Instant`]; the
//!   default lock lets the operating system put waiters to sleep.
//!
//! Under `cfg(loom)` there is no global timer, for loom's atomics cannot stand in a static.
//!
//! [`DelayNs`]: https://docs.rs/embedded-hal-async/1/embedded_hal_async/delay/trait.DelayNs.html
//! [`std::time::Instant`]: https://doc.rust-lang.org/std/time/struct.Instant.html
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod clock;
pub mod delay_queue;
pub mod interval;
pub mod timeout;

#[cfg(feature = "embedded-hal-async")]
mod delay_ns;
mod error;
mod slack;
mod sleep;
mod timer;
mod wheel;

pub use core::time::Duration;

pub use self::clock::{Clock, Instant};
#[cfg(feature = "embedded-hal-async")]
pub use self::delay_ns::Delay;
pub use self::delay_queue::DelayQueue;
pub use self::error::{AlreadyInitialized, TimerError};
pub use self::interval::{Interval, MissedTickBehavior};
pub use self::sleep::Sleep;
pub use self::timeout::Timeout;
pub use self::timer::{Timer, Turn};

/// The examples of the front page.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pintle_core::not_loom! {
    mod global;

    pub use self::global::{
        interval, interval_at, set_global_timer, sleep, sleep_until, timeout, timeout_at,
        try_interval, try_interval_at, try_sleep, try_sleep_until, try_timeout, try_timeout_at,
    };
}
