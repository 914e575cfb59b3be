use core::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;
use pintle::time::{Duration, Instant, Sleep, Timer};

use crate::Board;

pin_project! {
    /// A task that sleeps once, and looks at the clock. Its type has a name, so that a pool can hold it.
    pub struct Sleeper {
        timer: &'static Timer,
        began: Instant,
        duration: Duration,
        late: Duration,
        #[pin]
        sleep: Sleep<'static>,
    }
}

/// When a [`Sleeper`] woke up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// When its duration had passed, or soon after.
    InTime,
    /// Before.
    Early,
    /// Later than an alarm wakes.
    Late,
}

// === impl Sleeper ===

impl Sleeper {
    /// Its time begins now.
    pub fn new(board: &Board, duration: Duration) -> Self {
        let timer = board.timer;
        Self {
            timer,
            began: timer.now(),
            duration,
            late: board.late,
            sleep: timer.sleep(duration),
        }
    }
}

impl Future for Sleeper {
    type Output = Outcome;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Outcome> {
        let this = self.project();
        ready!(this.sleep.poll(cx));
        let slept = this.timer.now().duration_since(*this.began);
        Poll::Ready(match slept.checked_sub(*this.duration) {
            None => Outcome::Early,
            Some(after) if after >= *this.late => Outcome::Late,
            Some(_) => Outcome::InTime,
        })
    }
}
