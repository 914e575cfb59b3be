//! Which barrier the other tests have run over.
//!
//! `cargo xtask test` runs all of them with each strategy forced, and says here by the environment which it
//! is. Elsewhere than on these systems nothing can be forced but fences.
//!
//! Under QEMU's user mode (`cargo xtask run-on aarch64`) it is the process-wide barrier, too: QEMU hands `membarrier` to the
//! host's kernel, and the threads of the program are threads of the host, which it strikes between two instructions
//! that stand for the program's.
#![cfg(any(target_os = "linux", target_os = "freebsd"))]
#![cfg(not(loom))]

#[test]
fn the_barrier_is_the_one_that_was_asked_for() {
    if let Ok(expected) = std::env::var("PINTLE_BARRIER") {
        let strategy = pintle_park::barrier::strategy();
        assert_eq!(format!("{strategy:?}"), expected);
    }
}
