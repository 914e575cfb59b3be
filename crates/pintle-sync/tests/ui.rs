//! What must not compile, each case with a twin that must.
//!
//! It is slow and no promise in it depends on a feature, so it runs with all features only.
#![cfg(all(not(loom), feature = "std", feature = "no-cache-pad"))]

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*_fails.rs");
    cases.pass("tests/ui/*_passes.rs");
}
