//! Which barrier the other tests have run over.
//!
//! `cargo xtask test` runs all of them with each strategy forced, and says here by the environment which it
//! is. Elsewhere than on these systems nothing can be forced but fences.
#![cfg(any(target_os = "linux", target_os = "freebsd"))]
#![cfg(not(loom))]

#[test]
fn the_barrier_is_the_one_that_was_asked_for() {
    if let Ok(expected) = std::env::var("PINTLE_BARRIER") {
        let strategy = pintle_park::barrier::strategy();
        assert_eq!(format!("{strategy:?}"), expected);
    }
}
