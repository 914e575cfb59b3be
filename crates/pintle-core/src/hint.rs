//! Hints to the processor, which a model must see as a chance for others to run.

/// Tells the processor that this is a spin loop.
///
/// Under loom it gives way to another thread: a loop that waits without calling it makes a model
/// run for ever.
#[inline(always)]
pub fn spin_loop() {
    #[cfg(loom)]
    loom::hint::spin_loop();
    #[cfg(not(loom))]
    core::hint::spin_loop();
}
