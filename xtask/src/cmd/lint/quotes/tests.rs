use super::*;

const FILE: &str = "
mod one;
// ANCHOR: outer
fn f() {
    // ANCHOR: inner
    g();

    h();
    // ANCHOR_END: inner
}
// ANCHOR_END: outer
// ANCHOR: open
";

/// What is wrong with a page that has this source and this code.
fn findings(source: &str, code: &str) -> Vec<Finding> {
    let page = format!("text\n<!-- quote: {source} -->\n```rust\n{code}\n```\ntext\n");
    let (count, findings) = check_page(&page, |path| (path == "a.rs").then(|| FILE.to_owned()));
    assert_eq!(count, 1);
    findings
}

#[test]
fn a_region_is_quoted_without_the_marks_and_the_common_indentation() {
    assert_eq!(findings("a.rs#inner", "g();\n\nh();"), []);
    let outer = "fn f() {\n    g();\n\n    h();\n}";
    assert_eq!(findings("a.rs#outer", outer), []);
    assert_eq!(findings("a.rs", &format!("\nmod one;\n{outer}")), []);
}

#[test]
fn what_reads_otherwise_is_found() {
    for code in ["g();\nh();", "g();\n\nh();\ni();", "g();\n\ni();", ""] {
        let findings = findings("a.rs#inner", code);
        assert_eq!(
            findings,
            [(2, "a.rs#inner reads:\ng();\n\nh();".to_owned())]
        );
    }
}

#[test]
fn what_is_not_there_is_found() {
    for source in ["a.rs#none", "b.rs", "a.rs#open"] {
        assert_eq!(findings(source, ""), [(2, format!("there is no {source}"))]);
    }
    let (_, findings) = check_page("<!-- quote: a.rs -->\n", |_| None);
    assert_eq!(findings, [(1, "no block of code follows".to_owned())]);
}
