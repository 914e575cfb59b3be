//! A test's body in a process of its own, which an alarm ends if it hangs.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Passed,
    /// It hung until the alarm.
    Alarm,
    /// It panicked, or the name is none of a test: what it printed.
    Failed(String),
}

/// Which test the child runs.
const TEST: &str = "PINTLE_INTERRUPTED_TEST";
/// What it says when it comes to its end, so that a test that did not run has not passed.
const PASSED: &str = "the child has passed";

/// Runs `f` in a child process: this program again, with this test alone, by its `name`.
pub(crate) fn in_a_child(name: &str, seconds: u32, f: impl FnOnce()) -> End {
    if std::env::var_os(TEST).is_some_and(|test| test == name) {
        // SAFETY: has no precondition; nobody handles SIGALRM, which ends the process.
        unsafe { libc::alarm(seconds) };
        f();
        println!("{PASSED}");
        return End::Passed;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(TEST, name)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && printed.contains(PASSED) {
        End::Passed
    } else if output.status.signal() == Some(libc::SIGALRM) {
        End::Alarm
    } else {
        let errors = String::from_utf8_lossy(&output.stderr);
        End::Failed(format!("{}\n{printed}\n{errors}", output.status))
    }
}
