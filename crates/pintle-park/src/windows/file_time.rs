/// A point in time as the system counts it: in 100 ns, from 1601 on, UTC.
///
/// This is the clock on the wall, which may be set; `FILETIME` in C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileTime(u64);

// === impl FileTime ===

impl FileTime {
    /// So many units of 100 ns after 1601 began.
    #[must_use]
    pub const fn from_ticks(ticks: u64) -> Self {
        Self(ticks)
    }

    /// How many units of 100 ns after 1601 began.
    #[must_use]
    pub const fn ticks(self) -> u64 {
        self.0
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for FileTime {
    /// The same time, rounded up: a timer for it is not early. A time before 1601 is its beginning,
    /// one that is beyond the count its end.
    fn from(time: std::time::SystemTime) -> Self {
        use core::time::Duration;
        use std::time::SystemTime;

        /// From 1601 to 1970.
        const TO_UNIX: Duration = Duration::from_secs(11_644_473_600);

        let since_1601 = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => TO_UNIX.saturating_add(after),
            Err(before) => TO_UNIX.saturating_sub(before.duration()),
        };
        Self(u64::try_from(since_1601.as_nanos().div_ceil(100)).unwrap_or(u64::MAX))
    }
}
