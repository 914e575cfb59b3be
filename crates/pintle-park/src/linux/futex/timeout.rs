//! How the kernel takes a [`Timeout`].

use super::Timeout;
use crate::linux::raw;
use core::time::Duration;
use libc::{c_int, clockid_t};

// === impl Timeout ===

impl Timeout {
    /// Since the clock's origin.
    pub(super) fn at(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Monotonic(deadline) => deadline.since_origin(),
            Self::Realtime(deadline) => deadline.since_epoch(),
        }
    }

    /// The flag of a classic operation.
    pub(super) fn flag(self) -> c_int {
        match self {
            Self::Never | Self::Monotonic(_) => 0,
            Self::Realtime(_) => raw::REALTIME,
        }
    }

    /// The argument of a futex2 call.
    pub(super) fn clock(self) -> clockid_t {
        match self {
            Self::Never | Self::Monotonic(_) => libc::CLOCK_MONOTONIC,
            Self::Realtime(_) => libc::CLOCK_REALTIME,
        }
    }
}
