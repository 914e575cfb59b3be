//! What the compiler must reject, with a message that names the field; and its twin that compiles.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/accepted.rs");
    cases.compile_fail("tests/ui/layout.rs");
    cases.compile_fail("tests/ui/placed_fails.rs");
    cases.compile_fail("tests/ui/accessors_fails.rs");
    cases.compile_fail("tests/ui/accessors_too_many_fails.rs");
    cases.compile_fail("tests/ui/type_fails.rs");
    cases.compile_fail("tests/ui/const_fails.rs");
    cases.compile_fail("tests/ui/field_of_another.rs");
    #[cfg(feature = "atomic")]
    {
        cases.pass("tests/ui/atomic_passes.rs");
        cases.compile_fail("tests/ui/atomic_u64_fails.rs");
        cases.compile_fail("tests/ui/atomic_field_fails.rs");
    }
}
