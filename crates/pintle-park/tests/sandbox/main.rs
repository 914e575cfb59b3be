//! System calls that a kernel or a sandbox refuses, and those that are not made at all.
//!
//! A seccomp filter holds for one thread and as long as that lives, and it refuses the C library
//! what it refuses us. With other threads in the process the library needs futexes of its own
//! anywhere (an allocator's lock that is held, a thread's end), and it aborts when one fails. So each
//! case has a process to itself, with one thread in it: there is no libtest here, whose tests are
//! threads of one process, but a [`harness`] that forks.

#[cfg(all(not(loom), target_os = "linux"))]
mod cases;
#[cfg(all(not(loom), target_os = "linux"))]
mod child;
#[cfg(all(not(loom), target_os = "linux"))]
mod filter;
#[cfg(all(not(loom), target_os = "linux"))]
mod harness;

#[cfg(all(not(loom), target_os = "linux"))]
fn main() -> std::process::ExitCode {
    harness::run(cases::ALL)
}

#[cfg(not(all(not(loom), target_os = "linux")))]
fn main() {}
