//! Bounds that keep a mutex sound, shown by what does not compile.
#![cfg(not(loom))]

#[test]
fn bounds() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/send.rs");
    cases.compile_fail("tests/ui/not_send.rs");
}
