use super::{AsDomain, Reclaimer, blocking::block_on};
use alloc::sync::Arc;
use core::{fmt, future::poll_fn, pin::pin, task::Poll};
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
    thread: JoinHandle<()>,
}

// === impl ReclaimerThread ===

impl ReclaimerThread {
    /// Waits until all that has been deferred so far is reclaimed, and ends the thread.
    ///
    /// # Panics
    ///
    /// In a callback of the reclaimer, on this thread: it would wait for itself.
    pub fn stop(self) {
        assert!(
            self.thread.thread().id() != thread::current().id(),
            "a callback stopped the thread that it runs on, and would wait for itself"
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
                block_on(poll_fn(|cx| {
                    // Closed is the only thing that it becomes.
                    if stopped.poll_wait(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    loop {
                        // What is caught is reported by the panic hook. The reclaimer is whole.
                        match catch_unwind(AssertUnwindSafe(|| drive.as_mut().poll(cx))) {
                            Ok(Poll::Ready(never)) => match never {},
                            Ok(Poll::Pending) => return Poll::Pending,
                            Err(_payload) => {}
                        }
                    }
                }));
                while catch_unwind(AssertUnwindSafe(|| self.drain())).is_err() {}
            })?;
        Ok(ReclaimerThread { stop, thread })
    }
}
