//! A process that does one thing and ends.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Passed,
    /// It called [`skip`].
    Skipped,
    Panicked,
    /// It ended in a way that none of ours is: the status that `waitpid` gives.
    Died {
        status: i32,
    },
}

/// The exit code of a child that cannot do its thing here.
const SKIPPED: i32 = 77;
const PANICKED: i32 = 101;

/// Long after the slowest machine is done, so that nobody waits for ever for one that hangs.
const TOO_LONG_SECONDS: u32 = 120;

/// Runs `f` in a child process and waits for its end.
///
/// The caller is the only thread of its process, so that no lock is held as the child begins.
pub(crate) fn run(f: impl FnOnce()) -> End {
    // SAFETY: there is one thread, so the child finds all as it is here.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: has no precondition; nobody handles the signal.
            unsafe { libc::alarm(TOO_LONG_SECONDS) };
            let result = catch_unwind(AssertUnwindSafe(f));
            end(if result.is_ok() { 0 } else { PANICKED })
        }
        child => {
            assert!(child > 0, "{}", std::io::Error::last_os_error());
            let status = wait_for(child);
            match (libc::WIFEXITED(status), libc::WEXITSTATUS(status)) {
                (true, 0) => End::Passed,
                (true, SKIPPED) => End::Skipped,
                (true, PANICKED) => End::Panicked,
                _ => End::Died { status },
            }
        }
    }
}

/// Ends the child that calls it: this machine lacks what it needs.
pub(crate) fn skip(why: &str) -> ! {
    eprintln!("skipped: {why}");
    end(SKIPPED)
}

fn end(code: i32) -> ! {
    // SAFETY: ends the child without running anything of the parent's.
    unsafe { libc::_exit(code) }
}

fn wait_for(child: libc::pid_t) -> i32 {
    let mut status = 0;
    loop {
        // SAFETY: `child` is a child of ours, and `status` a place for the result.
        let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
        if waited == child {
            return status;
        }
        let error = std::io::Error::last_os_error();
        assert_eq!(error.kind(), std::io::ErrorKind::Interrupted, "{error}");
    }
}
