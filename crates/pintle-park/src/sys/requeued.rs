//! What OpenBSD's `FUTEX_REQUEUE` returns.

use libc::c_int;

/// How many threads it has woken of the `wake` that it was asked for; `None` if it has failed.
///
/// The manual has it return that number. The kernel did so only since it was rewritten in 2025: before,
/// it returned how many it had woken *and* moved. It woke first, and moved only when as many were woken
/// as was asked for.
pub(crate) fn woken(result: c_int, wake: usize) -> Option<usize> {
    usize::try_from(result).ok().map(|count| count.min(wake))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_were_moved_are_not_woken() {
        // Two woken, five moved.
        assert_eq!(woken(7, 2), Some(2));
        assert_eq!(woken(7, usize::MAX), Some(7));
        assert_eq!(woken(1, 2), Some(1));
        assert_eq!(woken(3, 0), Some(0));
    }

    #[test]
    fn an_error_is_no_number() {
        assert_eq!(woken(-1, 2), None);
    }
}
