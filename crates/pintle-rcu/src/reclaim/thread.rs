use super::{AsDomain, Reclaimer};
use alloc::{boxed::Box, sync::Arc};
use core::{fmt, future::poll_fn, mem, pin::pin, task::Poll};
use pintle_park::{Parker, block_on};
use pintle_sync::{WaitCell, blocking::ScopedRawMutex};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    string::String,
    thread::{self, JoinHandle},
};

/// A thread that drives a [`Reclaimer`]; made by [`Reclaimer::spawn_thread`].
///
/// If it is dropped the thread goes on for as long as the process does.
pub struct ReclaimerThread {
    stop: Arc<WaitCell>,
    /// [`Reclaimer::assert_outside`] of the reclaimer.
    assert_outside: Box<dyn Fn() + Send + Sync>,
    thread: JoinHandle<()>,
}

// === impl ReclaimerThread ===

impl ReclaimerThread {
    /// Waits until all that has been deferred so far is reclaimed, and ends the thread.
    ///
    /// # Panics
    ///
    /// In a callback of the reclaimer, or a section of its domain: it would wait for itself. The thread goes
    /// on then.
    pub fn stop(self) {
        (self.assert_outside)();
        assert!(
            self.thread.thread().id() != thread::current().id(),
            "the thread was to stop itself, and would wait for itself"
        );
        self.stop.close();
        // It catches what callbacks panic with.
        let _ = self.thread.join();
    }
}

impl fmt::Debug for ReclaimerThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReclaimerThread")
            .field(&self.thread.thread().id())
            .finish()
    }
}

// === impl Reclaimer ===

impl<D: AsDomain + Sync, Lock: ScopedRawMutex + Sync> Reclaimer<D, Lock> {
    /// Starts a thread that is the [driver](Self::drive).
    ///
    /// A callback that panics is reported as panics are, and the thread goes on.
    ///
    /// # Errors
    ///
    /// What the operating system says, or [`io::ErrorKind::ResourceBusy`] if there is a driver.
    ///
    /// # Examples
    ///
    /// See [`room_blocking`](Self::room_blocking).
    pub fn spawn_thread(&'static self) -> io::Result<ReclaimerThread> {
        let drive = self
            .drive()
            .map_err(|taken| io::Error::new(io::ErrorKind::ResourceBusy, taken))?;
        let stop = Arc::new(WaitCell::new());
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name(String::from("rcu reclaimer"))
            .spawn(move || {
                let mut drive = pin!(drive);
                let until_stopped = poll_fn(|cx| {
                    // Closed is the only thing that it becomes.
                    if stopped.poll_wait(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    loop {
                        match caught(|| drive.as_mut().poll(cx)) {
                            Some(Poll::Ready(never)) => match never {},
                            Some(Poll::Pending) => {}
                            None => continue,
                        }
                        match drive.grace_period() {
                            // As a thread and not as a task, so that a reader which stalls is reported. Who stops this
                            // thread waits for as much.
                            Some(cookie) => drop(caught(|| self.domain.as_domain().wait(cookie))),
                            None => return Poll::Pending,
                        }
                    }
                });
                block_on(&Parker::new(), until_stopped);
                while caught(|| self.drain()).is_none() {}
            })?;
        Ok(ReclaimerThread {
            stop,
            assert_outside: Box::new(|| self.assert_outside()),
            thread,
        })
    }
}

/// Runs `f`, which calls callbacks; `None` if it panics. The panic hook has reported it, and the reclaimer is
/// whole.
fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    let payload = match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => return Some(result),
        Err(payload) => payload,
    };
    // The payload is the callback's, too, and its `Drop` may panic; then what that panics with is leaked.
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(another);
    }
    None
}
