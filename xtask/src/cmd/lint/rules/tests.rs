use super::*;

#[track_caller]
fn lines(rule: fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
    let findings = rule(&Source::new(path, text));
    assert!(findings.iter().all(|finding| !finding.mend.is_empty()));
    findings.iter().map(|finding| finding.line).collect()
}

const ELSEWHERE: &str = "crates/pintle-sync/src/lib.rs";

#[test]
fn files_end_somewhere() {
    let fine = "x;\n".repeat(MAX_LINES);
    assert!(lines(file_size, ELSEWHERE, &fine).is_empty());
    assert_eq!(
        lines(file_size, ELSEWHERE, &(fine + "x;\n")),
        [MAX_LINES + 1]
    );
}

#[test]
fn libraries_have_no_std() {
    assert_eq!(
        lines(
            no_std,
            ELSEWHERE,
            "#![cfg_attr(not(feature = \"std\"), no_std)]"
        ),
        [1]
    );
    assert_eq!(lines(no_std, ELSEWHERE, "//! #![no_std]"), [1]);
    assert!(lines(no_std, ELSEWHERE, "//! A crate.\n#![no_std]").is_empty());
    assert!(lines(no_std, "crates/pintle-sync/src/cell.rs", "").is_empty());
    assert!(lines(no_std, "crates/bench/src/lib.rs", "").is_empty());
}

#[test]
fn loom_is_chosen_in_one_place() {
    for code in [
        "#[cfg(loom)]",
        "#[cfg(not(loom))]",
        "#![cfg_attr(all(loom, x), y)]",
        "if cfg!(loom) {}",
        "#[cfg(any(test, loom))]",
    ] {
        assert_eq!(lines(loom_cfg, ELSEWHERE, code), [1], "{code}");
        for path in [
            "crates/pintle-core/src/atomic.rs",
            "crates/pintle-park/src/sys/mod.rs",
            "crates/pintle-sync/tests/loom.rs",
            "crates/pintle-sync/src/wait_cell/tests.rs",
        ] {
            assert!(lines(loom_cfg, path, code).is_empty(), "{path}");
        }
    }
    for code in [
        "// cfg(loom)",
        "\"cfg(loom)\"",
        "#[cfg(test)] // loom",
        "loom::model(f)",
    ] {
        assert!(lines(loom_cfg, ELSEWHERE, code).is_empty(), "{code}");
    }
}

#[test]
fn nothing_is_left_over() {
    for text in [
        "// TODO: more",
        "/// FIXME",
        "fn f() { todo!() }",
        "dbg!(x);",
        "unimplemented!()",
    ] {
        assert_eq!(lines(leftovers, ELSEWHERE, text), [1], "{text}");
    }
    let case = "crates/pintle-sync/tests/ui/send.rs";
    assert!(lines(leftovers, case, "fn f() { todo!() }").is_empty());
    assert_eq!(lines(leftovers, case, "// TODO"), [1]);
    for text in ["\"TODO\"", "// methods", "let todo = 1;"] {
        assert!(lines(leftovers, ELSEWHERE, text).is_empty(), "{text}");
    }
}

#[test]
fn unsafe_says_why() {
    assert_eq!(lines(safety, ELSEWHERE, "a;\nunsafe { f() }"), [2]);
    assert_eq!(lines(safety, ELSEWHERE, "unsafe impl Send for X {}"), [1]);
    assert!(lines(safety, ELSEWHERE, "// SAFETY: pinned.\nunsafe { f() }").is_empty());
    assert!(lines(safety, ELSEWHERE, "// unsafe { f() }\nunsafe fn f();").is_empty());

    assert!(
        lines(
            safety,
            "crates/pintle-sync/tests/queue.rs",
            "unsafe { f() }"
        )
        .is_empty()
    );

    // A reason further up is another's.
    let near = format!("// SAFETY: ..\n{}unsafe {{ f() }}", "\n".repeat(REACH - 1));
    assert!(lines(safety, ELSEWHERE, &near).is_empty());
    let far = format!("// SAFETY: ..\n{}unsafe {{ f() }}", "\n".repeat(REACH));
    assert_eq!(lines(safety, ELSEWHERE, &far), [REACH + 2]);
}
