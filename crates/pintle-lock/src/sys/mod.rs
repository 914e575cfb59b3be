//! What the processor knows: which mode it is in.

#[cfg(all(target_arch = "arm", target_os = "none"))]
mod cortex_m;
#[cfg(all(target_arch = "arm", target_os = "none"))]
pub(crate) use self::cortex_m::in_thread_mode;

// Where tests run there is no such mode; they say themselves when they are an interrupt.
#[cfg(not(all(target_arch = "arm", target_os = "none")))]
mod pretended;
#[cfg(test)]
pub(crate) use self::pretended::as_interrupt;
#[cfg(not(all(target_arch = "arm", target_os = "none")))]
pub(crate) use self::pretended::in_thread_mode;
