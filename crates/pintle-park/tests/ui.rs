//! What must not compile, each case with a twin that must. With all features only: it is slow.
#![cfg(all(
    not(loom),
    target_os = "linux",
    feature = "std",
    feature = "barrier-fences"
))]

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*_fails.rs");
    cases.pass("tests/ui/*_passes.rs");
}
