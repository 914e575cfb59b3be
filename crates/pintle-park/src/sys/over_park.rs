//! The table once more, with its tests, over the parts that NetBSD uses: its threads are parked by
//! `std` here, which has a token for each thread, too.

use self::parking as sys;

#[path = "../face/table/mod.rs"]
mod table;

pub(super) mod parking {
    use crate::Deadline;
    use crate::sys::platform::sleeper_by_park::{self, NativePark};
    use core::time::Duration;
    use std::thread::{self, Thread};
    use std::time::Instant;

    pub(crate) use crate::sys::platform::lock_by_pthread::Lock;
    pub(crate) use crate::sys::platform::signals::uninterrupted;
    pub(crate) type Sleeper = sleeper_by_park::Sleeper<Std>;

    pub(crate) enum Std {}

    impl NativePark for Std {
        type Thread = Thread;

        fn current() -> Thread {
            thread::current()
        }

        fn park(deadline: Deadline) {
            thread::park_timeout(deadline.remaining());
        }

        fn unpark(thread: &Thread) {
            thread.unpark();
        }
    }

    /// Another user of the token leaves one behind: the sleeper takes it, and sleeps on.
    #[test]
    fn a_token_that_is_not_ours_ends_no_sleep() {
        thread::current().unpark();
        let start = Instant::now();
        let sleeper = Sleeper::new();
        assert!(!sleeper.sleep(Deadline::after(Duration::from_millis(5))));
        assert!(start.elapsed() >= Duration::from_millis(5));
    }
}
