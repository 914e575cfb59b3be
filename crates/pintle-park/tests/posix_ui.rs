//! What must not compile, each case with a twin that must. With all features only: it is slow.
#![cfg(all(not(loom), target_os = "linux", feature = "std"))]

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/posix_*_fails.rs");
    cases.pass("tests/ui/posix_*_passes.rs");
}
