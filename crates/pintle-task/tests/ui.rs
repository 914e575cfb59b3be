//! What must not compile, each beside a twin that does.
#![cfg(feature = "std")]

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/handle_passes.rs");
    cases.compile_fail("tests/ui/handle_send_fails.rs");
    cases.compile_fail("tests/ui/handle_contravariant_fails.rs");
    cases.compile_fail("tests/ui/task_covariant_fails.rs");
    cases.pass("tests/ui/storage_passes.rs");
    cases.compile_fail("tests/ui/storage_from_raw_fails.rs");
    cases.compile_fail("tests/ui/spawn_not_send_fails.rs");
}
