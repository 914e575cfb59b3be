//! A program that has an operating system and a critical section of its own, as on an ESP32: with all
//! features of pintle-sync it links, for none of them brings another section.
#![cfg(not(loom))]

use pintle_sync::blocking::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static ENTERED: AtomicUsize = AtomicUsize::new(0);

struct Own;

critical_section::set_impl!(Own);

// SAFETY: there is one thread.
unsafe impl critical_section::Impl for Own {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        ENTERED.fetch_add(1, Relaxed) == 0
    }

    unsafe fn release(_: critical_section::RawRestoreState) {}
}

/// The default lock is the operating system's, and enters none.
#[test]
fn the_section_is_the_programs_own() {
    static COUNT: Mutex<usize> = Mutex::new(0);
    critical_section::with(|_| COUNT.with_lock(|count| *count += 1));
    assert_eq!(COUNT.with_lock(|count| *count), 1);
    assert_eq!(ENTERED.load(Relaxed), 1);
}
