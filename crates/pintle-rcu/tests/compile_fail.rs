//! What the compiler must refuse, each case beside a twin that it takes.
#![cfg(all(not(loom), feature = "std"))]

#[test]
fn bounds_and_borrows() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass.rs");
    cases.pass("tests/ui/names.rs");
    cases.compile_fail("tests/ui/guard_is_not_send.rs");
    cases.compile_fail("tests/ui/section_is_not_send.rs");
    cases.compile_fail("tests/ui/guard_of_another_domain.rs");
    cases.compile_fail("tests/ui/cookie_of_another_domain.rs");
    cases.compile_fail("tests/ui/value_outlives_guard.rs");
    cases.compile_fail("tests/ui/value_outlives_cell.rs");
    cases.compile_fail("tests/ui/retired_of_another_domain.rs");
    cases.compile_fail("tests/ui/deferred_is_send.rs");
    cases.compile_fail("tests/ui/deferred_function_is_send.rs");
    cases.compile_fail("tests/ui/deferred_is_owned.rs");
    cases.compile_fail("tests/ui/life_of_a_slot_is_unsafe.rs");
    cases.compile_fail("tests/ui/cell_needs_send_and_sync.rs");
}
