//! A client's silence, measured on the timer wheel.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pintle::time::Sleep;

use crate::runtime;

/// Becomes ready when nothing has happened for the timeout.
///
/// A busy client must not pay for a timeout that it never comes near: an
/// activity is noted by its time only. The sleep stays where it is on the
/// wheel; when it fires, and something has happened meanwhile, it is begun anew
/// for the rest.
#[derive(Debug)]
pub(super) struct Idle {
    /// `None`: silence is allowed for ever.
    timeout: Option<Duration>,
    last: Instant,
    sleep: Option<Pin<Box<Sleep<'static>>>>,
}

impl Idle {
    pub(super) fn new(seconds: u64) -> Self {
        let mut idle = Self {
            timeout: None,
            last: Instant::now(),
            sleep: None,
        };
        idle.set_timeout(seconds);
        idle
    }

    /// 0 is for ever. The silence so far counts.
    pub(super) fn set_timeout(&mut self, seconds: u64) {
        let timeout = (seconds > 0).then(|| Duration::from_secs(seconds));
        if timeout.is_some() && self.timeout.is_none() {
            // Without a timeout nobody has noted the time.
            self.last = Instant::now();
        }
        self.timeout = timeout;
        self.sleep = None;
    }

    /// Something has happened.
    pub(super) fn touch(&mut self) {
        if self.timeout.is_some() {
            self.last = Instant::now();
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(timeout) = self.timeout else {
            return Poll::Pending;
        };
        loop {
            if let Some(sleep) = &mut self.sleep {
                if sleep.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
            let rest = timeout.saturating_sub(self.last.elapsed());
            if rest.is_zero() {
                return Poll::Ready(());
            }
            self.sleep = Some(Box::pin(runtime::sleep(rest)));
        }
    }
}
