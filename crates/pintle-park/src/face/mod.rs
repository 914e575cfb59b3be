//! The portable face: what needs an operating system, whichever it is.

use crate::sys;

mod deadline;
mod outcome;
mod parker;
mod requeue;
pub mod sized;
mod table;
mod wait_any;
mod word;

pub use self::deadline::Deadline;
pub use self::outcome::{WaitOutcome, WakeOutcome};
pub use self::parker::{AlreadyClaimed, Parker, Token, Unparker};
pub use self::requeue::{RequeueOutcome, requeue};
pub use self::wait_any::{
    AnyOutcome, WAIT_ANY_MAX, WaitAnyError, WaitFor, wait_any, wait_any_timeout, wait_any_until,
};
pub use self::word::{wait, wait_timeout, wait_until, wake, wake_all, wake_one};
