//! Bounds that keep mutexes, readers-writer locks and cells sound, shown by what does not compile.
//!
//! The messages name how cells wait, so they are compared where that is by sleeping.
#![cfg(all(not(loom), feature = "alloc", feature = "os"))]

#[test]
fn bounds() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/send.rs");
    cases.compile_fail("tests/ui/not_send.rs");
    cases.compile_fail("tests/ui/guard_variance.rs");
    cases.compile_fail("tests/ui/guard_escape.rs");
    cases.pass("tests/ui/rwlock_send.rs");
    cases.compile_fail("tests/ui/rwlock_not_send.rs");
    cases.compile_fail("tests/ui/rwlock_variance.rs");
    cases.pass("tests/ui/once_send.rs");
    cases.compile_fail("tests/ui/once_not_send.rs");
    cases.compile_fail("tests/ui/once_initializer.rs");
    cases.compile_fail("tests/ui/once_take.rs");
}
