//! Bare metal: no operating system that could put a thread to sleep.

pub(crate) use super::fences::{heavy, light, strategy};

/// There is nothing of the kind.
pub(crate) mod public {}
