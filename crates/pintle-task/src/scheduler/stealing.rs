//! Schedulers with several workers, who steal from each other what they would else wait for.
//!
//! ```text
//!      spawn and wake from outside               a worker's own tasks
//!                 │                       spawn, wake │          │ yield
//!          ┌──────▼──────┐  what is       ┌──────────▼───┐      │
//!          │  injector   │  too much      │ newest task  │ × n  │
//!          │ (unbounded) │◀────────┐      └──────────┬───┘      │
//!          └──────┬──────┘         │    the older one│          │
//!                 │ a batch        │      ┌──────────▼──────────▼┐   half   ┌──────────────┐
//!                 └────────────────┼─────▶│ ring of 256 (first   │─────────▶│ ring of      │
//!                                  └──────│ in, first out)       │  stolen  │ another      │
//!                                         └──────────────────────┘          └──────────────┘
//! ```
//!
//! A worker runs its newest task first (three times in a row at most, while others wait), then those in
//! its ring, then what it finds in the injector, then what it steals: half of a ring at a time. Every
//! 61st time the injector comes first. At most half of the workers search at a time.
//! [`Idle`](idle::Idle) says how they sleep and who wakes them.
//!
//! The newest task is what a poll has woken last: the other side of a channel, most often, whose data is
//! in this core's cache. It is not stolen, so a task that wakes another one and then keeps its
//! worker busy without a pause keeps that one waiting, too.
//!
//! Sources: Go's scheduler (D. Vyukov, *Scalable Go Scheduler Design Doc*, 2012) and tokio's (C. Lerche,
//! *Making the Tokio scheduler 10x faster*, 2019). The injector is Vyukov's intrusive queue, the
//! ring in `ring.rs`.

mod here;
mod idle;
mod pool;
mod ring;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
mod shared;
mod slot;
mod r#static;
mod worker;

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use self::shared::StealingScheduler;
pub use self::r#static::StaticStealingScheduler;
pub use self::worker::Worker;
