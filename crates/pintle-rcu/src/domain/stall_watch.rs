use core::time::Duration;

/// When a writer reports that it is kept waiting: after a first interval, and then after others, each twice as long, up
/// to ten seconds.
pub(crate) struct StallWatch {
    waited: Duration,
    interval: Duration,
}

const LONGEST: Duration = Duration::from_secs(10);

// === impl StallWatch ===

impl StallWatch {
    /// Of a thread that does nothing else.
    pub(crate) const fn of_threads() -> Self {
        Self::new(Duration::from_millis(10))
    }

    /// Of a task, which is polled when its executor comes to it.
    #[allow(dead_code, reason = "for the scopes, which not every build has")]
    pub(crate) const fn of_tasks() -> Self {
        Self::new(Duration::from_millis(100))
    }

    const fn new(first: Duration) -> Self {
        Self {
            waited: first,
            interval: first,
        }
    }

    /// How long the writer will have waited at the next report.
    pub(crate) fn waited(&self) -> Duration {
        self.waited
    }

    /// How long it waits from the last report to the next.
    pub(crate) fn interval(&self) -> Duration {
        self.interval
    }

    /// Goes on to the report after the next.
    pub(crate) fn advance(&mut self) {
        self.interval = self.interval.saturating_mul(2).min(LONGEST);
        self.waited = self.waited.saturating_add(self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_double_up_to_ten_seconds() {
        let mut watch = StallWatch::of_threads();
        let mut sum = Duration::ZERO;
        for interval in [
            10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_000, 10_000, 10_000,
        ] {
            assert_eq!(watch.interval(), Duration::from_millis(interval));
            sum += watch.interval();
            assert_eq!(watch.waited(), sum);
            watch.advance();
        }
    }
}
