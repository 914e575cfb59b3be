//! The timeout of DragonFly's `umtx_sleep`.

use core::time::Duration;
use libc::c_int;

/// For how long to sleep at once if so much is left: rounded up, so that it is not early; a second at
/// most, which is what the system takes. Zero only if nothing is left, as to the system it means for
/// ever.
pub(super) fn microseconds(left: Duration) -> c_int {
    const LONGEST: c_int = 1_000_000;

    c_int::try_from(left.as_nanos().div_ceil(1000)).map_or(LONGEST, |some| some.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_up_and_cut() {
        assert_eq!(microseconds(Duration::ZERO), 0);
        assert_eq!(microseconds(Duration::from_nanos(1)), 1);
        assert_eq!(microseconds(Duration::from_micros(7)), 7);
        assert_eq!(microseconds(Duration::from_nanos(7001)), 8);
        assert_eq!(microseconds(Duration::from_micros(999_999)), 999_999);
        for long in [
            Duration::from_secs(1),
            Duration::from_secs(2),
            Duration::MAX,
        ] {
            assert_eq!(microseconds(long), 1_000_000);
        }
    }
}
