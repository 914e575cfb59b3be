//! What the crate shows where a thread can be put to sleep: the portable face, and beside it the
//! modules that one system alone has. Those are absent in a model.

pub use super::face::{
    AlreadyClaimed, AnyOutcome, Deadline, Parker, RequeueOutcome, Token, Unparker, WAIT_ANY_MAX,
    WaitAnyError, WaitFor, WaitOutcome, WakeOutcome, requeue, sized, wait, wait_any,
    wait_any_timeout, wait_any_until, wait_timeout, wait_until, wake, wake_all, wake_one,
};

#[cfg(all(not(loom), any(target_os = "linux", target_os = "android")))]
#[path = "../linux/mod.rs"]
pub mod linux;

#[cfg(all(not(loom), target_vendor = "apple"))]
#[path = "../macos/mod.rs"]
pub mod macos;

#[cfg(all(not(loom), target_os = "openbsd"))]
#[path = "../openbsd.rs"]
pub mod openbsd;

#[cfg(all(not(loom), unix))]
#[path = "../posix/mod.rs"]
pub mod posix;

#[cfg(all(not(loom), windows))]
#[path = "../windows/mod.rs"]
pub mod windows;
