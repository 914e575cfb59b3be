//! What the tests of the Linux operations share.
#![allow(dead_code, reason = "each test file uses a part")]

use core::{mem, ptr, time::Duration};
use pintle_park::linux::Tid;
use pintle_park::linux::futex::{Futex, Scope};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::*};
use std::{fs, io::Write, thread, time::Instant};

/// Times from now, or from a clock's origin, that no machine waits for: beyond what the kernel can
/// count, at its limits, and beyond what 32 bits of seconds hold.
pub(crate) const FAR: [Duration; 6] = [
    Duration::MAX,
    Duration::from_secs(u64::MAX / 2),
    Duration::from_secs(i64::MAX as u64),
    Duration::from_secs(i64::MAX as u64 - 1),
    Duration::from_secs(u32::MAX as u64),
    Duration::from_secs(i32::MAX as u64 + 1),
];

/// How many threads sleep on `word`: how many the kernel can requeue from it to itself.
pub(crate) fn sleepers<S: Scope>(word: &Futex<S>) -> u32 {
    const REQUEUE: libc::c_int = 3;
    const PRIVATE: libc::c_int = 128;
    let operation = REQUEUE | if S::SHARED { 0 } else { PRIVATE };
    let address: *const AtomicU32 = word.as_atomic();
    // SAFETY: the kernel checks the addresses and accesses no memory.
    let count = unsafe {
        libc::syscall(
            libc::SYS_futex,
            address,
            operation,
            0usize,
            i32::MAX as usize,
            address,
            0usize,
        )
    };
    u32::try_from(count).expect("requeue to itself")
}

/// Returns when `count` threads sleep on `word`.
pub(crate) fn until_asleep<S: Scope>(word: &Futex<S>, count: u32) {
    until(|| sleepers(word) == count);
}

/// Returns when `what` is true, and panics if it does not come.
#[track_caller]
pub(crate) fn until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it does not come"
        );
        thread::sleep(Duration::from_micros(200));
    }
}

/// What the kernel says of a thread, from its state on.
pub(crate) fn stat(thread: Tid) -> Vec<String> {
    let stat = fs::read_to_string(format!("/proc/self/task/{thread}/stat")).unwrap();
    // The name may contain anything, also blanks and parentheses.
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().map(str::to_owned).collect()
}

/// Whether a thread sleeps, in whatever it has called.
pub(crate) fn is_asleep(thread: Tid) -> bool {
    stat(thread)[0] == "S"
}

/// `std::thread::scope`, but for a panic: there a thread may sleep that nobody will wake any more,
/// and the scope would wait for it. So the process ends.
pub(crate) fn scope<'env, T>(
    body: impl for<'scope> FnOnce(&'scope thread::Scope<'scope, 'env>) -> T,
) -> T {
    thread::scope(|scope| {
        catch_unwind(AssertUnwindSafe(|| body(scope))).unwrap_or_else(|panic| {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            let test = thread::current();
            let test = test.name().unwrap_or_default();
            // Not `eprintln`, which the test harness keeps to itself.
            let text = format!("{test}: {}\n", text.unwrap_or("panicked"));
            let _ = std::io::stderr().write_all(text.as_bytes());
            std::process::abort();
        })
    })
}

/// Installs a handler for `signal` that restarts nothing and counts.
pub(crate) fn count_signals(signal: libc::c_int) -> &'static AtomicU32 {
    static HANDLED: AtomicU32 = AtomicU32::new(0);
    extern "C" fn handler(_: libc::c_int) {
        HANDLED.fetch_add(1, Relaxed);
    }
    // SAFETY: all zeroes is a valid sigaction: no flags, so that no call is restarted.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handler as *const () as usize;
    // SAFETY: the handler is async-signal-safe, and `action` is initialised.
    let result = unsafe { libc::sigaction(signal, &action, ptr::null_mut()) };
    assert_eq!(result, 0);
    &HANDLED
}

/// Runs `wait` in a thread, under a signal every millisecond: for three seconds, so that a wait
/// that starts its time again ends late, and ends.
pub(crate) fn under_signals<T: Send>(wait: impl FnOnce() -> T + Send) -> T {
    let handled = count_signals(libc::SIGUSR2);
    let before = handled.load(Relaxed);
    let result = self::scope(|scope| {
        let (id, ids) = std::sync::mpsc::channel();
        let waiter = scope.spawn(move || {
            // SAFETY: has no precondition.
            id.send(unsafe { libc::pthread_self() }).unwrap();
            wait()
        });
        let id = ids.recv().unwrap();
        let start = Instant::now();
        while !waiter.is_finished() && start.elapsed() < Duration::from_secs(3) {
            // SAFETY: the thread has not been joined, so its id is valid.
            unsafe { libc::pthread_kill(id, libc::SIGUSR2) };
            thread::sleep(Duration::from_millis(1));
        }
        waiter.join().unwrap()
    });
    assert!(handled.load(Relaxed) > before, "no signal came through");
    result
}

/// A value in memory that children of this process share.
pub(crate) struct Mapped<T: 'static>(&'static T);

impl<T: Sync> Mapped<T> {
    /// Maps memory for `value`, until the process ends.
    pub(crate) fn new(value: T) -> Self {
        // SAFETY: a new mapping, at an address of the kernel's choice.
        let place = unsafe {
            libc::mmap(
                ptr::null_mut(),
                mem::size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        assert_ne!(place, libc::MAP_FAILED);
        let place = place.cast::<T>();
        // SAFETY: large enough, aligned to a page, and nobody else's.
        unsafe { place.write(value) };
        // SAFETY: initialised just now, and it stays mapped.
        Self(unsafe { &*place })
    }

    /// The value, for as long as the process lives.
    pub(crate) fn get(&self) -> &'static T {
        self.0
    }
}

/// A child process.
#[must_use]
pub(crate) struct Child(libc::pid_t);

/// Runs `child` in a child process, whose exit code says whether it returned true. It is killed
/// when the calling thread ends, which may be a test that has failed, or after a minute: so that
/// nobody waits for ever for a child that waits for ever.
///
/// The process that forks may have other threads, so `child` may do what a signal handler may:
/// no allocation, no lock, no panic.
pub(crate) fn fork(child: impl FnOnce() -> bool) -> Child {
    let seconds = if full() { 3600 } else { 60 };
    // SAFETY: takes no argument, and cannot fail.
    let parent = unsafe { libc::getpid() };
    // SAFETY: the child does nothing but what is async-signal-safe.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork");
    if pid == 0 {
        // SAFETY: a system call that takes integers.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        // SAFETY: a system call that takes an integer; the signal ends the child.
        unsafe { libc::alarm(seconds) };
        // It may have been too late for that.
        // SAFETY: takes no argument, and cannot fail.
        if unsafe { libc::getppid() } != parent {
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(1) };
        }
        let code = if child() { 0 } else { 1 };
        // SAFETY: ends the child at once, without the parent's exit handlers.
        unsafe { libc::_exit(code) };
    }
    Child(pid)
}

impl Child {
    pub(crate) fn pid(&self) -> libc::pid_t {
        self.0
    }

    /// Waits for its end, which must be a good one.
    pub(crate) fn join(self) {
        assert_eq!(self.status(), 0, "the child failed");
    }

    /// Waits for its end, and returns its status as `waitpid` gives it.
    pub(crate) fn status(self) -> libc::c_int {
        let mut status = 0;
        loop {
            // SAFETY: `status` is a valid place.
            let pid = unsafe { libc::waitpid(self.0, &mut status, 0) };
            if pid == self.0 {
                return status;
            }
        }
    }
}

/// Whether the kernel has no robust lists: QEMU's emulation of Linux, say.
pub(crate) fn no_robust_lists() -> bool {
    use pintle_park::linux::robust::{GetError, get};

    let missing = get(None) == Err(GetError::Unsupported);
    if missing {
        eprintln!("skipped: this kernel has no robust lists");
    }
    missing
}

/// The same attributes, with robustness where there is any.
pub(crate) fn robust<K: pintle_park::posix::Kind>(
    attr: pintle_park::posix::MutexAttr<K>,
) -> pintle_park::posix::MutexAttr<K> {
    if no_robust_lists() {
        attr
    } else {
        // SAFETY: no test leaks a reference to the value, but only guards.
        unsafe { attr.robust() }
    }
}

pub(crate) fn full() -> bool {
    pintle_core::model::full()
}
