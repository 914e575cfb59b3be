//! What waiters do until the state is another.

use super::state::{AtomicState, Phase};
use crate::spin::patience::Patience;

/// A way to wait. One value of it is one waiter's.
pub(crate) trait Waiting: Default {
    /// Waits for the phase to be another than `phase`. May return for no reason: the caller looks
    /// again.
    fn wait(&mut self, state: &AtomicState, phase: Phase);

    /// Ends the waits of those that sleep there.
    fn wake_all(state: &AtomicState);
}

/// Looks again and again, more and more seldom; with feature `os` it lets other threads run after a while.
#[derive(Default)]
pub(crate) struct Spin(Patience);

impl Waiting for Spin {
    fn wait(&mut self, _: &AtomicState, _: Phase) {
        self.0.wait();
    }

    fn wake_all(_: &AtomicState) {}
}

/// Lets the operating system put the thread to sleep, at once: initialisers take their time.
#[cfg(feature = "os")]
#[derive(Default)]
pub(crate) struct Sleep;

#[cfg(feature = "os")]
impl Waiting for Sleep {
    fn wait(&mut self, state: &AtomicState, phase: Phase) {
        if let Some(state_now) = state.await_change(phase) {
            pintle_park::wait(state.as_atomic(), state_now.bits());
        }
    }

    fn wake_all(state: &AtomicState) {
        pintle_park::wake_all(state.as_atomic());
    }
}
